package keyporter_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// stored returns a key as it is in the database, without recorded uses.
func (f *fixture) stored(id token.KeyID) keyporter.Key {
	f.t.Helper()
	var key keyporter.Key
	f.ok(f.store.Read(f.ctx, func(tx keyporter.Tx) (err error) {
		key, err = tx.Key(keyporter.KeyOwner{Kind: keyporter.IntegrationKey, SubscriptionID: f.acme}, id)
		return err
	}))
	return key
}

func TestLastUse(t *testing.T) {
	f := newFixture(t)
	key, token := f.key("a key", false)
	use := func(method, address string) bool {
		call := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: method,
			Path: "/", Address: address}
		return f.Judge(f.ctx, call).OK()
	}
	use("DELETE", "198.51.100.66") // refused
	f.judge(token + "x")
	f.ok(f.FlushUses(f.ctx))
	if k := f.stored(key.ID); !k.LastUsed.IsZero() {
		t.Errorf("a refused request is its last use: %+v", k)
	}
	use("GET", "198.51.100.1")
	if k := f.stored(key.ID); !k.LastUsed.IsZero() {
		t.Error("the judgement wrote to the database")
	}
	if k, err := f.Key(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, key.ID.String()); err != nil ||
		!k.LastUsed.Equal(start) || k.LastAddress != "198.51.100.1" {
		t.Errorf("the key's own page shows %+v, %v", k, err)
	}
	f.clock.pass(time.Minute)
	use("GET", "198.51.100.2")
	use("GET", "198.51.100.3")
	f.ok(f.SwitchFeature(f.ctx, f.actor(ada), f.acme, false))
	f.clock.pass(time.Minute)
	use("GET", "198.51.100.4") // refused
	f.ok(f.FlushUses(f.ctx))
	if k := f.stored(key.ID); !k.LastUsed.Equal(start.Add(time.Minute)) || k.LastAddress != "198.51.100.3" {
		t.Errorf("the last use is %s from %s", k.LastUsed, k.LastAddress)
	}
	f.clock.pass(-4 * time.Minute) // a clock that was set back
	f.ok(f.SwitchFeature(f.ctx, f.actor(ada), f.acme, true))
	use("GET", "198.51.100.5")
	f.ok(f.FlushUses(f.ctx))
	if k := f.stored(key.ID); k.LastAddress != "198.51.100.3" {
		t.Errorf("an earlier use replaced a later one: %+v", k)
	}
}

// TestUsesThatCannotBeWritten checks that they are kept, and that the gate goes on judging.
func TestUsesThatCannotBeWritten(t *testing.T) {
	f := newFixture(t)
	key, token := f.key("a key", false)
	other, otherToken := f.key("another", false)
	f.judge(token)
	f.judge(otherToken)
	on := engine.FailWrites(t, f.path)
	f.want("unavailable", f.FlushUses(f.ctx))
	f.clock.pass(time.Minute)
	if v := f.judge(token); !v.OK() {
		t.Errorf("the gate refuses while last uses cannot be written: %s", v.Code)
	}
	f.want("unavailable", f.FlushUses(f.ctx))
	on()
	f.ok(f.FlushUses(f.ctx))
	if k := f.stored(key.ID); !k.LastUsed.Equal(start.Add(time.Minute)) {
		t.Errorf("the last use is %s", k.LastUsed)
	}
	if k := f.stored(other.ID); !k.LastUsed.Equal(start) {
		t.Errorf("the other key's last use is %s", k.LastUsed)
	}
}

// TestUsesOfDeletedKeys checks that they are counted as attempts.
func TestUsesOfDeletedKeys(t *testing.T) {
	f := newFixture(t)
	key, token := f.key("a key", false)
	f.judge(token)
	f.ok(f.FlushUses(f.ctx))
	f.judge(token)
	f.ok(f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, key.ID.String(), "a key"))
	f.ok(f.FlushUses(f.ctx))
}

// countingStore counts transactions that write.
type countingStore struct {
	keyporter.Store
	mu     sync.Mutex
	writes int
}

func (s *countingStore) Write(ctx context.Context, fn func(keyporter.Tx) error) error {
	s.mu.Lock()
	s.writes++
	s.mu.Unlock()
	return s.Store.Write(ctx, fn)
}

// TestUsesAreWrittenInBatches checks it, and that Run writes them before it returns.
func TestUsesAreWrittenInBatches(t *testing.T) {
	counting := &countingStore{}
	f := newFixtureWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		counting.Store = s
		return counting
	})
	var keys []keyporter.Key
	for i := range 40 {
		key, token := f.key(fmt.Sprint("key ", i), false)
		keys = append(keys, key)
		for range 5 {
			f.judge(token)
		}
	}
	before := counting.writes
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	f.Run(ctx)
	if n := counting.writes - before; n != 2 { // the uses, and the clients
		t.Errorf("200 uses of 40 keys took %d transactions", n)
	}
	for _, key := range keys {
		if f.stored(key.ID).LastUsed.IsZero() {
			t.Errorf("%s is never used", key.Description)
		}
	}
}
