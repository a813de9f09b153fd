package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/storetest"
	"keyporter/internal/token"
)

// TestRestartUnderLoad checks that while PostgreSQL is down, writing and judging fail as unavailable and in no other
// way; within two seconds of its being back both work; and what was acknowledged is there, although the server was
// stopped as by a crash.
func TestRestartUnderLoad(t *testing.T) {
	server := storetest.OwnServer(t)
	s := open(t, server.Address())
	if err := seed(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	write(t, s, func(tx keyporter.Tx) error { return insertKey(tx, newKey(0, true)) })
	var next, written, judged, refused atomic.Int64
	var acknowledged sync.Map
	end := make(chan struct{})
	var load sync.WaitGroup
	again := func(do func() error, done *atomic.Int64) {
		load.Go(func() {
			for {
				select {
				case <-end:
					return
				default:
				}
				switch err := do(); {
				case err == nil:
					done.Add(1)
				case errors.Is(err, keyporter.ErrUnavailable):
					refused.Add(1)
				default:
					t.Errorf("while the server is restarted: %v", err)
				}
			}
		})
	}
	for range 4 {
		again(func() error {
			key := newKey(int(next.Add(1)), true)
			err := s.Write(t.Context(), func(tx keyporter.Tx) error { return insertKey(tx, key) })
			if err == nil {
				acknowledged.Store(key.ID, true)
			}
			return err
		}, &written)
		again(func() error {
			_, found, err := s.Grant(t.Context(), keyID(0))
			if err == nil && !found {
				t.Error("a key is gone")
			}
			return err
		}, &judged)
	}
	more := func(when string, most time.Duration, counters ...*atomic.Int64) {
		t.Helper()
		began := time.Now()
		for _, counter := range counters {
			for from := counter.Load(); counter.Load() < from+10; {
				if time.Since(began) > most {
					t.Fatalf("%s: not within %s", when, most)
				}
				time.Sleep(time.Millisecond) // lets the load have the processor
			}
		}
	}
	for range 3 {
		more("before", 10*time.Second, &written, &judged)
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
		more("refusals while it is down", 10*time.Second, &refused)
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		more("recovery", 2*time.Second, &written, &judged)
	}
	close(end)
	load.Wait()
	acknowledged.Range(func(id, _ any) bool {
		if _, found, err := s.Grant(t.Context(), id.(token.KeyID)); !found || err != nil {
			t.Errorf("key %s, which was acknowledged: %v, %v", id, found, err)
		}
		return true
	})
	t.Logf("%d written, %d judged, %d refused", written.Load(), judged.Load(), refused.Load())
}
