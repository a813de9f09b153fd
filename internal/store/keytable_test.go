package store

import (
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"
	"unsafe"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// TestKeyEntryFillsALine of the processor's cache, so that a judgement waits for memory once.
func TestKeyEntryFillsALine(t *testing.T) {
	if size := unsafe.Sizeof(keyEntry{}); size != 64 {
		t.Errorf("an entry has %d bytes, want 64", size)
	}
}

// keyOf returns what a table has of a key.
func (t *keyTable) keyOf(id token.KeyID) (memoryKey, bool) {
	entry, shard := t.find(id)
	if entry == nil {
		return memoryKey{}, false
	}
	return memoryKey{hash: entry.hash, facts: entry.facts(shard), deleted: entry.subscription&isDeleted != 0,
		subscription: int(entry.subscription & maxSubscription)}, true
}

func randomKey(rng *rand.Rand) memoryKey {
	key := memoryKey{subscription: rng.IntN(maxSubscription + 1), deleted: rng.IntN(4) == 0}
	for i := range key.hash {
		key.hash[i] = byte(rng.Uint32())
	}
	key.facts = keyporter.KeyFacts{Write: rng.IntN(2) == 0, Ends: keyporter.Timestamp(rng.Int64()),
		Disabled: keyporter.Timestamp(rng.Int64())}
	if rng.IntN(4) == 0 {
		key.facts.Addresses, _ = keyporter.ParseAddresses("192.0.2.7")
	}
	return key
}

// TestKeyTableEqualsMap compares tables with maps after random edits, each of several keys, new and known. Earlier
// tables have to stay as they were, because judgements may still read them.
func TestKeyTableEqualsMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(rand.Uint64(), 1))
	type version struct {
		table *keyTable
		want  map[token.KeyID]memoryKey
	}
	now := version{newKeyTable(), map[token.KeyID]memoryKey{}}
	versions := []version{now}
	var ids []token.KeyID
	for range 40 {
		edit, want := now.table.edit(), map[token.KeyID]memoryKey{}
		for id, key := range now.want {
			want[id] = key
		}
		for range 1 + rng.IntN(400) {
			if len(ids) == 0 || rng.IntN(4) > 0 {
				ids = append(ids, token.NewKeyID())
			}
			id, key := ids[rng.IntN(len(ids))], randomKey(rng)
			edit.put(id, key)
			want[id] = key
		}
		now = version{edit.table, want}
		versions = append(versions, now)
	}
	for n, v := range versions {
		for _, id := range append(ids, token.KeyID{}, token.NewKeyID()) {
			got, found := v.table.keyOf(id)
			want, exists := v.want[id]
			if found != exists || !reflect.DeepEqual(got, want) {
				t.Fatalf("table %d of %d has %v, %+v of key %q, want %v, %+v", n, len(versions), found, got, id, exists,
					want)
			}
		}
	}
}

// BenchmarkKeyEdit reports how long it takes to make the next table for one key more, beyond a million.
func BenchmarkKeyEdit(b *testing.B) {
	edit := newKeyTable().edit()
	for range 1_000_000 {
		edit.put(token.NewKeyID(), memoryKey{})
	}
	table, longest := edit.table, time.Duration(0)
	for b.Loop() {
		begin := time.Now()
		edit := table.edit()
		edit.put(token.NewKeyID(), memoryKey{})
		table = edit.table
		longest = max(longest, time.Since(begin))
	}
	b.ReportMetric(float64(longest.Microseconds())/1000, "longest-ms")
}

// TestTablesKeepEveryFact sets one field of the facts after the other, so that a new field cannot be forgotten.
func TestTablesKeepEveryFact(t *testing.T) {
	fields := reflect.TypeFor[keyporter.KeyFacts]()
	for i := range fields.NumField() {
		key := memoryKey{}
		switch field := reflect.ValueOf(&key.facts).Elem().Field(i); field.Kind() {
		case reflect.Bool:
			field.SetBool(true)
		case reflect.Int64:
			field.SetInt(1 << 60)
		case reflect.Pointer:
			field.Set(reflect.New(field.Type().Elem()))
		case reflect.Array:
			field.Index(0).SetUint('x')
		default:
			t.Fatalf("write a case for %v", field.Type())
		}
		id, edit := token.NewKeyID(), newKeyTable().edit()
		edit.put(id, key)
		if got, found := edit.table.keyOf(id); !found || got != key {
			t.Errorf("%s: found %v, %+v, want %+v", fields.Field(i).Name, found, got, key)
		}
		edit.put(id, memoryKey{})
		if got, _ := edit.table.keyOf(id); got != (memoryKey{}) {
			t.Errorf("%s stays after it was taken away: %+v", fields.Field(i).Name, got)
		}
		if _, shard := edit.table.find(id); len(shard.rare) > 0 {
			t.Errorf("%s stays in memory: %v", fields.Field(i).Name, shard.rare)
		}
	}
}

// TestJudgementsSeeWholeTransactions changes two keys and a subscription together, while others look them up. What is
// looked up later must never be older.
func TestJudgementsSeeWholeTransactions(t *testing.T) {
	m := newMemorySource(nil)
	m.subscriptionIndex = map[string]int{}
	m.current.Store(&snapshot{keys: newKeyTable()})
	ids := [2]token.KeyID{token.NewKeyID(), token.NewKeyID()}
	const last = 2000
	write := func(n int) {
		key := memoryKey{facts: keyporter.KeyFacts{Ends: keyporter.Timestamp(n), Disabled: keyporter.Timestamp(n)}}
		m.update(memoryRows{
			subscriptions: []memorySubscription{{id: "acme", featureOn: n%2 == 0}},
			keys: []keyRow{{ids[0], "acme", key}, {ids[1], "acme", key},
				{token.NewKeyID(), "acme", memoryKey{}}}, // makes the shards grow
		})
	}
	write(0)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for before := keyporter.Timestamp(0); before < last; {
				for _, id := range ids {
					g, found, valid := m.lookUp(id)
					if !found || !valid || g.Ends < before || g.Disabled != g.Ends || g.FeatureOn != (g.Ends%2 == 0) {
						t.Errorf("after %d: found %v, valid %v, %+v", before, found, valid, g)
						return
					}
					before = g.Ends
				}
			}
		})
	}
	for n := range last {
		write(n + 1)
	}
	readers.Wait()
}

// TestUnknownSubscriptionMakesMemoryInvalid: rows that do not fit what is in memory mean that it is not exact.
func TestUnknownSubscriptionMakesMemoryInvalid(t *testing.T) {
	for name, rows := range map[string]memoryRows{
		"a key":          {keys: []keyRow{{token.NewKeyID(), "missing", memoryKey{}}}},
		"an application": {applications: []applicationRow{{1, "missing", false}}},
	} {
		m := newMemorySource(nil)
		m.current.Store(&snapshot{keys: newKeyTable()})
		if m.update(memoryRows{}); !m.isValid() {
			t.Fatal("the memory is not valid after nothing was changed")
		}
		if m.update(rows); m.isValid() {
			t.Errorf("%s of an unknown subscription: the memory is still valid", name)
		}
	}
}
