package password

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

// TestPasswordHashedAsTyped verifies a hash of a password that was not in NFC, as earlier versions stored it.
func TestPasswordHashedAsTyped(t *testing.T) {
	h, typed := NewHasher(), "Cafe\u0301 M\u00fcnchen in a row"
	if ok, err := h.Verify(t.Context(), current.hash(typed), typed); !ok || err != nil {
		t.Errorf("verified as %v, %v", ok, err)
	}
}

// TestUnknownUserTakesSameTime checks that for an unknown user a hash with the same parameters is compared, and that no
// password matches.
func TestUnknownUserTakesSameTime(t *testing.T) {
	h := NewHasher()
	if h.NeedsRehash(h.dummyHash) {
		t.Errorf("the dummy hash %s has other parameters than a user's", h.dummyHash)
	}
	for _, password := range []string{"", "four words in a row"} {
		if ok, err := h.Verify(context.Background(), "", password); ok || err != nil {
			t.Errorf("without a user, %q is verified as %v, %v", password, ok, err)
		}
	}
}

func TestHashesAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	h := newHasher(maxConcurrent, weak, "")
	var releases []func()
	for range maxConcurrent {
		release, err := h.acquire(ctx)
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, release)
	}
	if maxConcurrent != 2 {
		t.Errorf("%d hashes of 19 MiB at once", maxConcurrent)
	}
	waited := make(chan error)
	for range queueLength - maxConcurrent {
		go func() {
			release, err := h.acquire(ctx)
			if err == nil {
				release()
			}
			waited <- err
		}()
	}
	for deadline := time.Now().Add(10 * time.Second); len(h.queue) < queueLength; {
		if time.Now().After(deadline) {
			t.Fatal("the queue does not fill")
		}
		runtime.Gosched()
	}
	if _, err := h.acquire(ctx); !errors.Is(err, ErrBusy) {
		t.Errorf("with a full queue the error is %v", err)
	}
	select {
	case err := <-waited:
		t.Fatalf("a third password is hashed with two others: %v", err)
	default:
	}
	releases[0]()
	if err := <-waited; err != nil {
		t.Errorf("the first in the queue gets %v", err)
	}
	cancel()
	for range queueLength - maxConcurrent - 1 {
		<-waited // nil, or the error of the context
	}
	releases[1]()
	if len(h.slots) != 0 || len(h.queue) != 0 {
		t.Errorf("%d slots and %d places in the queue are still held", len(h.slots), len(h.queue))
	}
}

// TestSeparate checks that a separate hasher does not wait for one whose queue is full.
func TestSeparate(t *testing.T) {
	h := NewHasher()
	for range queueLength {
		h.queue <- struct{}{}
	}
	if _, err := h.Verify(t.Context(), "", "a password"); !errors.Is(err, ErrBusy) {
		t.Errorf("with a full queue the error is %v", err)
	}
	other := h.Separate()
	if _, err := other.Verify(t.Context(), "", "a password"); err != nil || cap(other.slots) != 1 {
		t.Errorf("the other one fails with %v, and hashes %d at once", err, cap(other.slots))
	}
}
