package keyporter

import (
	"context"
	"errors"
	"time"

	"keyporter/internal/input"
	"keyporter/internal/password"
)

// maxPasswordBytes is more than a password of [password.MaxLength] has.
const maxPasswordBytes = 4 * password.MaxLength

// hashRetry is after how long to try again when too many passwords are being hashed.
const hashRetry = 5 * time.Second

// checkPassword returns a sentence that says why a new password is refused, or "".
func checkPassword(text, email string) string {
	sentence := password.Check(text)
	if sentence == "" && foldEmail(input.Normal(text)) == foldEmail(email) {
		return password.TooCommon
	}
	return sentence
}

// hasherFor returns the hasher for a try from a known device, or from an unknown one, which is nil. Unknown browsers
// must not keep known ones waiting.
func (p *Porter) hasherFor(device *Device) *password.Hasher {
	if device != nil {
		return p.knownHasher
	}
	return p.hasher
}

// hashPassword returns the hash of a new password. It fails with [TooManyTries].
func (p *Porter) hashPassword(ctx context.Context, device *Device, text string) (string, error) {
	stored, err := p.hasherFor(device).Hash(ctx, text)
	return stored, hashError(err)
}

// verifyPassword compares a password with a stored hash, which is "" for an unknown user. It fails with [TooManyTries].
func (p *Porter) verifyPassword(ctx context.Context, device *Device, stored, text string) (bool, error) {
	ok, err := p.hasherFor(device).Verify(ctx, stored, text)
	return ok, hashError(err)
}

// rehashPassword returns a new hash of a password whose stored one has other parameters than new ones, and otherwise
// "". It fails with [TooManyTries].
func (p *Porter) rehashPassword(ctx context.Context, device *Device, stored, text string) (string, error) {
	if !p.hasher.NeedsRehash(stored) {
		return "", nil
	}
	return p.hashPassword(ctx, device, text)
}

func hashError(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return &TooManyTries{After: hashRetry}
	}
	return err
}
