package keyporter

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"keyporter/internal/input"
	"keyporter/internal/token"
)

const (
	minPassword = 12  // characters
	maxPassword = 128 // characters
)

// argon is one choice of argon2id's parameters.
type argon struct {
	memory  uint32 // KiB
	time    uint32 // passes
	threads uint8
}

// argonNow is OWASP's first recommendation for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
var argonNow = argon{memory: 19 * 1024, time: 2, threads: 1}

const (
	saltLength = 16
	sumLength  = 32
)

// A hasher hashes passwords, a few at once: each takes 19 MiB and tens of milliseconds.
type hasher struct {
	turns   chan struct{} // held while hashing
	waiting chan struct{} // held while waiting or hashing
	decoy   string        // what a password is compared with when there is no user, at the same cost
}

const (
	hashesAtOnce  = 2
	hashesWaiting = 64 // beyond, a sign-in is told to come back
)

func newHasher() hasher {
	h := hasher{turns: make(chan struct{}, hashesAtOnce), waiting: make(chan struct{}, hashesWaiting)}
	h.decoy = argonNow.hash(token.RandomText(minPassword))
	return h
}

// apart returns a hasher that does not wait for h. It hashes one password at once.
func (h hasher) apart() hasher {
	h.turns, h.waiting = make(chan struct{}, 1), make(chan struct{}, hashesWaiting)
	return h
}

// turn waits for leave to hash. The caller calls done when it has hashed.
func (h hasher) turn(ctx context.Context) (done func(), err error) {
	select {
	case h.waiting <- struct{}{}:
	default:
		return nil, &TooManyTries{After: 5 * time.Second}
	}
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns; <-h.waiting }, nil
	case <-ctx.Done():
		<-h.waiting
		return nil, ctx.Err()
	}
}

// hash returns the stored form of a new password. It is hashed in NFC, as NIST SP 800-63B recommends, so that another
// keyboard that writes its letters in another way opens the same account.
func (h hasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return argonNow.hash(input.Normal(password)), nil
}

// verify compares password with a stored form; an empty one, that of nobody, costs the same and is never equal.
func (h hasher) verify(ctx context.Context, stored, password string) (bool, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	known := stored != ""
	if !known {
		stored = h.decoy
	}
	normal := input.Normal(password)
	equal := verifyPassword(stored, normal)
	if !equal && normal != password { // it may have been hashed as it was typed, before passwords were normalised
		equal = verifyPassword(stored, password)
	}
	return known && equal, nil
}

// hash returns the PHC string of password with a salt of its own: $argon2id$v=19$m=…,t=…,p=…$salt$sum.
func (a argon) hash(password string) string {
	salt := make([]byte, saltLength)
	rand.Read(salt)
	sum := argon2.IDKey([]byte(password), salt, a.time, a.memory, a.threads, sumLength)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, a.memory, a.time, a.threads, b64(salt), b64(sum))
}

func verifyPassword(stored, password string) bool {
	a, salt, sum, err := parsePassword(stored)
	if err != nil {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, a.time, a.memory, a.threads, uint32(len(sum)))
	return subtle.ConstantTimeCompare(got, sum) == 1
}

// outdated reports whether a stored form was made with other parameters than today's.
func outdated(stored string) bool {
	a, _, _, err := parsePassword(stored)
	return err != nil || a != argonNow
}

func parsePassword(stored string) (a argon, salt, sum []byte, err error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return a, nil, nil, fmt.Errorf("stored password is of an unknown form")
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.memory, &a.time, &a.threads); err != nil {
		return a, nil, nil, fmt.Errorf("stored password's parameters: %w", err)
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err == nil {
		sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err == nil && (a.time == 0 || a.threads == 0 || len(sum) == 0) {
		err = fmt.Errorf("stored password's parameters are zero")
	}
	return a, salt, sum, err
}

//go:embed passwords.txt
var commonPasswords string

// checkPassword says what is wrong with a new password. There is no rule of composition, after NIST SP 800-63B:
// only length, and that it is none of the commonest.
func checkPassword(password, email string) string {
	if !utf8.ValidString(password) {
		return "This password is not valid UTF-8. Type it again."
	}
	password = input.Normal(password)
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return fmt.Sprintf("Use at least %d characters; you typed %d.", minPassword, n)
	case n > maxPassword:
		return fmt.Sprintf("Use at most %d characters; you typed %d.", maxPassword, n)
	}
	if common(password) || foldEmail(password) == foldEmail(email) {
		return "This is one of the first passwords that others try. Choose another, such as four words that do not belong together."
	}
	return ""
}

// common reports whether a password is in the list, or is one short text over and over ("abcabcabcabc").
func common(password string) bool {
	folded := strings.ToLower(password)
	for period := 1; period <= 4; period++ {
		if len(folded) > period && folded[period:] == folded[:len(folded)-period] {
			return true
		}
	}
	for line := range strings.Lines(commonPasswords) {
		if strings.TrimSuffix(line, "\n") == folded {
			return true
		}
	}
	return false
}
