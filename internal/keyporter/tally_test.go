package keyporter

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"
	"unsafe"

	"keyporter/internal/token"
)

// TestTallyFillsALine of the processor's cache, so that counting waits for memory once.
func TestTallyFillsALine(t *testing.T) {
	if size := unsafe.Sizeof(tally{}); size != 64 {
		t.Errorf("a tally has %d bytes, want 64", size)
	}
}

// TestTallyTableEqualsMap compares a table with a map after random additions, changes and removals.
func TestTallyTableEqualsMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(rand.Uint64(), 1))
	shard := &newUses().shards[0]
	want, known := map[useKey]uint32{}, []token.KeyID{}
	for range 50_000 {
		switch n := rng.IntN(1000); {
		case n == 0: // the writing of uses begins, and takes some
			for range rng.IntN(len(want) + 1) {
				popped := shard.tallies.pop()
				if want[popped.useKey] != popped.admitted || popped.admitted == 0 {
					t.Fatalf("%+v was removed, want the count %d", popped, want[popped.useKey])
				}
				delete(want, popped.useKey)
			}
		default:
			if len(known) < 100 || rng.IntN(3) == 0 {
				known = append(known, token.NewKeyID())
			}
			key := useKey{id: known[rng.IntN(len(known))], hour: rng.Uint32N(3), deleted: rng.IntN(2) == 0}
			shard.tally(key, "acme").admitted++
			want[key]++
		}
		if shard.tallies.count != len(want) {
			t.Fatalf("%d tallies, want %d", shard.tallies.count, len(want))
		}
	}
	found := 0
	for _, id := range known {
		for _, got := range shard.tallies.ofKey(id) {
			if found++; got.admitted != want[got.useKey] {
				t.Errorf("%+v, want the count %d", got, want[got.useKey])
			}
		}
	}
	if found != len(want) {
		t.Errorf("%d tallies are found by their keys, want %d", found, len(want))
	}
}

// BenchmarkLongestRecord reports the longest time for which one of a million uses of different keys was recorded: the
// table grows, and what else the machine does is in it.
func BenchmarkLongestRecord(b *testing.B) {
	for b.Loop() {
		u, longest, total := newUses(), time.Duration(0), time.Duration(0)
		for range 1_000_000 {
			id := token.NewKeyID()
			begin := time.Now()
			u.record(id, &Grant{SubscriptionID: "acme"}, true, &Call{}, noon)
			took := time.Since(begin)
			longest, total = max(longest, took), total+took
		}
		b.ReportMetric(float64(longest.Microseconds())/1000, "longest-ms")
		b.ReportMetric(float64(total.Nanoseconds())/1_000_000, "mean-ns")
	}
}

// TestNoUseIsLostWhileUsesAreTaken counts from several goroutines while others take uses out and put some back, as a
// write that failed.
func TestNoUseIsLostWhileUsesAreTaken(t *testing.T) {
	const workers, each = 4, 20_000
	u := newUses()
	ids := make([]token.KeyID, 3000)
	for i := range ids {
		ids[i] = token.NewKeyID()
	}
	var recording, taking sync.WaitGroup
	for worker := range workers {
		recording.Go(func() {
			for i := range each {
				u.record(ids[(worker+i*7)%len(ids)], &Grant{SubscriptionID: "acme"}, i%3 > 0, &Call{},
					noon.Add(time.Duration(i%2)*time.Hour))
			}
		})
	}
	done := make(chan struct{})
	var admitted, refused int64
	taking.Go(func() {
		for round := 0; ; round++ {
			last := false
			select {
			case <-done:
				last = true
			default:
			}
			for next := 0; next < useShards; {
				taken := u.take(100, &next)
				if round%2 == 0 && !last {
					u.putBack(taken)
					next++ // or it would take them again
					continue
				}
				for _, use := range taken {
					admitted, refused = admitted+use.Admitted, refused+use.Refused
				}
			}
			if last {
				return
			}
		}
	})
	recording.Wait()
	close(done)
	taking.Wait()
	const wantRefused = workers * ((each + 2) / 3) // every third, from the first on
	if refused != wantRefused || admitted != workers*each-wantRefused {
		t.Errorf("%d admitted and %d refused uses were taken, want %d and %d", admitted, refused,
			workers*each-wantRefused, wantRefused)
	}
}
