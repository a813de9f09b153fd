package keyporter_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// stored returns a key as it is in the database, without what is gathered.
func (h *house) stored(id keyporter.KeyID) keyporter.Key {
	h.t.Helper()
	var key keyporter.Key
	h.ok(h.store.Read(h.ctx, func(tx keyporter.Tx) (err error) {
		key, err = tx.Key(h.acme, id)
		return err
	}))
	return key
}

func TestLastUse(t *testing.T) {
	h := newHouse(t)
	key, token := h.key("a key", false)
	use := func(method, address string) bool {
		call := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: method, Path: "/", Address: address}
		return h.Judge(h.ctx, call).OK()
	}
	use("DELETE", "198.51.100.66") // refused
	h.judge(token + "x")
	h.ok(h.FlushUses(h.ctx))
	if k := h.stored(key.ID); !k.LastUsed.IsZero() {
		t.Errorf("a refused request is its last use: %+v", k)
	}
	use("GET", "198.51.100.1")
	if k := h.stored(key.ID); !k.LastUsed.IsZero() {
		t.Error("the judgement wrote to the database")
	}
	if k, err := h.Key(h.ctx, h.actor(ada), h.acme, key.ID.String()); err != nil || !k.LastUsed.Equal(start) || k.LastAddress != "198.51.100.1" {
		t.Errorf("the key's own page shows %+v, %v", k, err)
	}
	h.clock.pass(time.Minute)
	use("GET", "198.51.100.2")
	use("GET", "198.51.100.3")
	h.ok(h.SwitchFeature(h.ctx, h.actor(ada), h.acme, false))
	h.clock.pass(time.Minute)
	use("GET", "198.51.100.4") // refused
	h.ok(h.FlushUses(h.ctx))
	if k := h.stored(key.ID); !k.LastUsed.Equal(start.Add(time.Minute)) || k.LastAddress != "198.51.100.3" {
		t.Errorf("the last use is %s from %s", k.LastUsed, k.LastAddress)
	}
	h.clock.pass(-4 * time.Minute) // a clock that was set back
	h.ok(h.SwitchFeature(h.ctx, h.actor(ada), h.acme, true))
	use("GET", "198.51.100.5")
	h.ok(h.FlushUses(h.ctx))
	if k := h.stored(key.ID); k.LastAddress != "198.51.100.3" {
		t.Errorf("an earlier use took the place of a later one: %+v", k)
	}
}

// TestUsesThatCannotBeWritten are kept, and the gate goes on.
func TestUsesThatCannotBeWritten(t *testing.T) {
	h := newHouse(t)
	key, token := h.key("a key", false)
	other, otherToken := h.key("another", false)
	h.judge(token)
	h.judge(otherToken)
	on := engine.Halt(t, h.path)
	h.want("unavailable", h.FlushUses(h.ctx))
	h.clock.pass(time.Minute)
	if v := h.judge(token); !v.OK() {
		t.Errorf("the gate refuses while last uses cannot be written: %s", v.Code)
	}
	h.want("unavailable", h.FlushUses(h.ctx))
	on()
	h.ok(h.FlushUses(h.ctx))
	if k := h.stored(key.ID); !k.LastUsed.Equal(start.Add(time.Minute)) {
		t.Errorf("the last use is %s", k.LastUsed)
	}
	if k := h.stored(other.ID); !k.LastUsed.Equal(start) {
		t.Errorf("the other key's last use is %s", k.LastUsed)
	}
}

// TestUsesOfDeletedKeys are of nobody any more.
func TestUsesOfDeletedKeys(t *testing.T) {
	h := newHouse(t)
	key, token := h.key("a key", false)
	h.judge(token)
	h.ok(h.FlushUses(h.ctx))
	h.judge(token)
	h.ok(h.DeleteKey(h.ctx, h.actor(ada), h.acme, key.ID.String(), "a key"))
	h.ok(h.FlushUses(h.ctx))
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

// TestUsesAreWrittenInBatches, and at the end of Run.
func TestUsesAreWrittenInBatches(t *testing.T) {
	counting := &countingStore{}
	h := newHouseWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		counting.Store = s
		return counting
	})
	var keys []keyporter.Key
	for i := range 40 {
		key, token := h.key(fmt.Sprint("key ", i), false)
		keys = append(keys, key)
		for range 5 {
			h.judge(token)
		}
	}
	before := counting.writes
	ctx, cancel := context.WithCancel(h.ctx)
	cancel()
	h.Run(ctx)
	if n := counting.writes - before; n != 1 {
		t.Errorf("200 uses of 40 keys took %d transactions", n)
	}
	for _, key := range keys {
		if h.stored(key.ID).LastUsed.IsZero() {
			t.Errorf("%s is never used", key.Description)
		}
	}
}
