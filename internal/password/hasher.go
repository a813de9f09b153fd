// Package password hashes and compares passwords, and says which new ones are too weak.
package password

import (
	"context"
	"crypto/rand"
	"errors"

	"golang.org/x/text/unicode/norm"
)

// ErrBusy is the error of a [Hasher] whose queue is full.
var ErrBusy = errors.New("too many passwords are being hashed")

// A Hasher hashes a few passwords at once, because each takes 19 MiB and tens of milliseconds. Further calls wait in a
// queue of limited length. It is safe for concurrent use.
type Hasher struct {
	params    params
	slots     chan struct{} // held while hashing
	queue     chan struct{} // held while waiting or hashing
	dummyHash string        // compared with where there is no user, at the same cost
}

const (
	maxConcurrent = 2
	queueLength   = 64
)

// NewHasher returns a Hasher that hashes two passwords at once.
func NewHasher() *Hasher { return newHasher(maxConcurrent, current, current.hash(rand.Text())) }

// NewWeakHasher returns a Hasher for tests, which compute hundreds of hashes. Its hashes protect nothing: a test fails
// where a command calls it.
func NewWeakHasher() *Hasher { return newHasher(maxConcurrent, weak, weak.hash(rand.Text())) }

// Separate returns a Hasher with a queue of its own. It hashes one password at once.
func (h *Hasher) Separate() *Hasher { return newHasher(1, h.params, h.dummyHash) }

func newHasher(slots int, p params, dummyHash string) *Hasher {
	return &Hasher{p, make(chan struct{}, slots), make(chan struct{}, queueLength), dummyHash}
}

// acquire waits until a password may be hashed. The caller calls release afterwards.
func (h *Hasher) acquire(ctx context.Context) (release func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; <-h.queue }, nil
	case <-ctx.Done():
		<-h.queue
		return nil, ctx.Err()
	}
}

// Hash returns the hash of a new password in the form in which it is stored. It hashes the password in NFC, as
// NIST SP 800-63B recommends, because keyboards differ in how they compose letters. It fails with [ErrBusy] or with the
// error of ctx.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return h.params.hash(norm.NFC.String(password)), nil
}

// Verify compares a password with a stored hash. An empty one, where there is no user, takes the same time and never
// matches. It fails with [ErrBusy] or with the error of ctx.
func (h *Hasher) Verify(ctx context.Context, stored, password string) (bool, error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	known := stored != ""
	if !known {
		stored = h.dummyHash
	}
	normal := norm.NFC.String(password)
	equal := matches(stored, normal)
	if !equal && normal != password { // earlier versions hashed passwords as they were typed
		equal = matches(stored, password)
	}
	return known && equal, nil
}

// NeedsRehash reports whether a stored hash has other parameters than new ones.
func (h *Hasher) NeedsRehash(stored string) bool {
	p, _, _, err := parse(stored)
	return err != nil || p != h.params
}
