package keyporter_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// A pausingStore pauses one of its transactions just before the commit, or after a certain statement, and calls a
// function meanwhile.
type pausingStore struct {
	keyporter.Store
	after     statement    // "" for before the commit
	reruns    atomic.Int64 // of transactions that the database rolled back in favour of others
	mu        sync.Mutex
	skip      int // how many transactions run before the one that is paused
	meanwhile func()
}

// next returns what is to be done during the transaction that begins now, or nil.
func (s *pausingStore) next() func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.skip > 0 {
		s.skip--
		return nil
	}
	meanwhile := s.meanwhile
	s.meanwhile = nil
	return meanwhile
}

// A statement is a method of a transaction after which it can be paused.
type statement string

const (
	readUser     statement = "User"
	readEmails   statement = "MemberEmails"
	clearedTries statement = "ClearFailedSignIns"
)

type pausingTx struct {
	keyporter.Tx
	after     statement
	meanwhile func()
}

func (t pausingTx) ifAfter(s statement) {
	if s == t.after {
		t.meanwhile()
	}
}

func (t pausingTx) User(id string) (keyporter.User, error) {
	defer t.ifAfter(readUser)
	return t.Tx.User(id)
}

func (t pausingTx) MemberEmails() ([]keyporter.StoredEmail, error) {
	defer t.ifAfter(readEmails)
	return t.Tx.MemberEmails()
}

func (t pausingTx) ClearFailedSignIns(id string) error {
	defer t.ifAfter(clearedTries)
	return t.Tx.ClearFailedSignIns(id)
}

func (s *pausingStore) Write(ctx context.Context, fn func(keyporter.Tx) error) error {
	meanwhile, do, runs := s.next(), fn, 0
	fn = func(tx keyporter.Tx) error {
		if runs++; runs > 1 {
			s.reruns.Add(1)
		}
		return do(tx)
	}
	if meanwhile == nil {
		return s.Store.Write(ctx, fn)
	}
	return s.Store.Write(ctx, func(tx keyporter.Tx) error {
		if s.after != "" {
			return fn(pausingTx{tx, s.after, sync.OnceFunc(meanwhile)})
		}
		if err := fn(tx); err != nil {
			return err
		}
		meanwhile()
		return nil
	})
}

// concurrently runs a second operation while the transaction of the first one is open, until the second is done or
// waits for the first. It returns the outcome of each. On SQLite, writers are serialised, so only PostgreSQL runs it.
func (f *fixture) concurrently(s *pausingStore, skip int, first, second func() error) (string, string) {
	f.t.Helper()
	db := engine.OpenRaw(f.t, f.path)
	done := make(chan error, 1)
	var begun atomic.Bool
	s.skip, s.meanwhile = skip, func() {
		begun.Store(true)
		go func() { done <- second() }()
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
			waiting := 0
			f.ok(db.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
				AND wait_event_type = 'Lock'`).Scan(&waiting))
			if waiting > 0 || len(done) > 0 {
				return
			}
		}
		f.t.Error("the second operation neither ends nor waits")
	}
	outcome := kind(first())
	if !begun.Load() {
		f.t.Fatal("the first operation wrote nothing")
	}
	return outcome, kind(<-done)
}

// newPausingFixture returns a fixture whose transactions can be paused, for tests of concurrent operations.
func newPausingFixture(t *testing.T) (*fixture, *pausingStore) {
	t.Helper()
	if engine.String() == "sqlite" {
		t.Skip("on SQLite one transaction at a time writes")
	}
	s := &pausingStore{}
	return newFixtureWith(t, keyporter.Options{}, func(below keyporter.Store) keyporter.Store {
		s.Store = below
		return s
	}), s
}

// TestConcurrentSweeps checks that hours are added up once.
func TestConcurrentSweeps(t *testing.T) {
	f, s := newPausingFixture(t)
	key, token := f.key("a key", false)
	f.press(3, "GET", token, "198.51.100.1")
	f.ok(f.FlushUses(f.ctx))
	f.clock.pass(4 * 24 * time.Hour)
	// which the second would wait for as well
	for _, table := range []string{"sessions", "one_time_links", "used_nonces"} {
		_, err := engine.OpenRaw(t, f.path).Exec(`DELETE FROM ` + table)
		f.ok(err)
	}
	sweep := func() error { return f.DeleteExpired(f.ctx) }
	if first, second := f.concurrently(s, 1, sweep, sweep); first != done || second != done {
		t.Fatalf("two sweeps: %s, %s", first, second)
	}
	f.mustCount(key.ID, 3)
}

// mustCount fails unless so many admitted requests of a key were written and added up by day.
func (f *fixture) mustCount(id token.KeyID, want int64) {
	f.t.Helper()
	var admitted int64
	f.ok(f.store.Read(f.ctx, func(tx keyporter.Tx) error {
		days, err := tx.KeyDays(id, start.AddDate(0, 0, -1))
		for _, d := range days {
			admitted += d.Admitted
		}
		return err
	}))
	if admitted != want {
		f.t.Errorf("%d requests became %d", want, admitted)
	}
}

// TestFlushDuringASweep checks that uses which are written while their hour is being added up are not lost.
func TestFlushDuringASweep(t *testing.T) {
	f, s := newPausingFixture(t)
	key, token := f.key("a key", false)
	f.press(1, "GET", token, "198.51.100.1")
	f.ok(f.FlushUses(f.ctx))
	f.press(2, "GET", token, "198.51.100.1")
	f.clock.pass(4 * 24 * time.Hour)
	first, second := f.concurrently(s, 0, func() error { return f.FlushUses(f.ctx) },
		func() error { return f.DeleteExpired(f.ctx) })
	if first != done || second != done {
		t.Fatalf("writing: %s; sweeping: %s", first, second)
	}
	f.mustCount(key.ID, 3)
}

// TestFeatureMadeAvailableTwiceAtOnce checks that the feature is made available, and recorded, once when two operators
// do it at the same time.
func TestFeatureMadeAvailableTwiceAtOnce(t *testing.T) {
	f, s := newPausingFixture(t)
	operator := f.actor(olga)
	withdraw := func() error { return f.SetFeatureAvailable(f.ctx, operator, f.acme, false) }
	before := len(f.auditEvents(f.acme))
	if first, second := f.concurrently(s, 0, withdraw, withdraw); first != done || second != done {
		t.Fatalf("withdrawing: %s, %s", first, second)
	}
	if n := len(f.auditEvents(f.acme)) - before; n != 1 {
		t.Errorf("the audit log has %d events of it", n)
	}
}

// TestConcurrentEdits: an edit that was read before another one lowered the key does not give its access back.
func TestConcurrentEdits(t *testing.T) {
	f, s := newPausingFixture(t)
	key, _ := f.key("a key", true)
	id, a := key.ID.String(), f.actor(ada)
	lower := func() error {
		return f.EditKey(f.ctx, a, f.acme, id,
			keyporter.KeyChanges{Description: "a key", Lower: true})
	}
	rename := func() error { return f.EditKey(f.ctx, a, f.acme, id, keyporter.KeyChanges{Description: "another key"}) }
	if first, second := f.concurrently(s, 0, lower, rename); first != done || second != done {
		t.Fatalf("lowering: %s; renaming: %s", first, second)
	}
	edited, err := f.Key(f.ctx, a, f.acme, keyporter.IntegrationKey, id)
	if err != nil || edited.Write || edited.Description != "another key" {
		t.Errorf("the key is %+v, %v", edited, err)
	}
}
