package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
	"keyporter/internal/storetest"
)

// openThroughProxy opens an empty database through a [storetest.FaultyProxy].
func openThroughProxy(t *testing.T) (*storetest.FaultyProxy, *store.Store) {
	t.Helper()
	p := storetest.NewFaultyProxy(t, storetest.OwnServer(t).Address())
	return p, open(t, p.Address())
}

// TestCommitUnknown checks that where the connection is lost before the answer to a commit comes, no answer says that
// nothing was done: neither where the server is lost to us, nor where it is lost to a pooler, which answers for it.
func TestCommitUnknown(t *testing.T) {
	for name, through := range map[string]func(*storetest.FaultyProxy) string{
		"direct": (*storetest.FaultyProxy).Address,
		"pooler": func(p *storetest.FaultyProxy) string { return p.Pooled(t) },
	} {
		t.Run(name, func(t *testing.T) {
			p := storetest.NewFaultyProxy(t, storetest.Postgres(t).Empty(t))
			s := open(t, through(p))
			if err := seed(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			p.LoseCommit("INSERT INTO integration_keys")
			err := s.Write(t.Context(), func(tx keyporter.Tx) error { return insertKey(tx, newKey(0, true)) })
			if !errors.Is(err, keyporter.ErrCommitUnknown) || !errors.Is(err, keyporter.ErrUnavailable) {
				t.Errorf("a commit without an answer: %v", err)
			}
			if _, found, err := s.Grant(t.Context(), keyID(0)); !found || err != nil {
				t.Errorf("which was done: %v, %v", found, err)
			}
		})
	}
}

// TestFrozenConnections checks that the gate admits again, where open connections stopped answering and new ones work,
// after one try, pages do not wait for ever, and neither waits for one lost connection after the other.
func TestFrozenConnections(t *testing.T) {
	p, s := openThroughProxy(t)
	if err := seed(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	write(t, s, func(tx keyporter.Tx) error { return insertKey(tx, newKey(0, true)) })
	var all sync.WaitGroup
	fill := func() {
		for range 40 {
			all.Go(func() {
				for range 5 {
					s.Grant(t.Context(), keyID(0))
					s.Read(t.Context(), func(tx keyporter.Tx) error { _, err := tx.Subscription(subID); return err })
				}
			})
		}
		all.Wait()
	}
	fill()
	p.Freeze()
	begin := time.Now()
	for range 20 {
		if _, found, err := s.Grant(t.Context(), keyID(0)); !found || err != nil {
			t.Errorf("a judgement: %v, %v", found, err)
		}
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("20 judgements took %s", took)
	}
	read(t, s, func(tx keyporter.Tx) error { _, err := tx.Subscription(subID); return err })

	fill()
	p.Freeze()
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("the readiness of a node whose idle connections were lost: %v", err)
	}

	fill()
	p.Freeze()
	begin = time.Now()
	for range 20 { // pages are the first to use the lost connections
		all.Go(func() {
			s.Read(t.Context(), func(tx keyporter.Tx) error { _, err := tx.Subscription(subID); return err })
		})
	}
	all.Wait()
	if took := time.Since(begin); took > 8*time.Second {
		t.Errorf("pages waited for %s", took)
	}
	read(t, s, func(tx keyporter.Tx) error { _, err := tx.Subscription(subID); return err })
}
