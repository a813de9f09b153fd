package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/storetest"
)

// recovery is how long the server may go on answering 503 after PostgreSQL is back.
const recovery = 2 * time.Second

// TestPostgresRestarts: PostgreSQL crashes and is started again while programs ask the gate and an admin creates and
// deletes keys. Until then the answer is 503. Within two seconds after the start console and gate work again, and every
// operation that was answered is in the database.
func TestPostgresRestarts(t *testing.T) {
	if engine.String() == "sqlite" {
		t.Skip("a file has no server")
	}
	own := storetest.OwnServer(t)
	m := newModel(own.Address())
	f := serve(t, own.Address(), func() time.Time { return start })
	f.model = m
	_, open := f.key("stays", false)
	closed := f.watchedKeys(3)
	c := f.client(ada)
	keys, csrf := f.at(keysBelow), c.csrf()

	var admitted, unknown, created, refused atomic.Int64
	var made sync.Map // descriptions of keys whose creation was answered
	count := func(status, good int, did, not *atomic.Int64) bool {
		switch status {
		case good:
			did.Add(1)
		case http.StatusServiceUnavailable:
			not.Add(1)
		default:
			t.Errorf("while PostgreSQL is restarted: %d", status)
		}
		return status == good
	}
	end := make(chan struct{})
	var load sync.WaitGroup
	again := func(do func()) {
		load.Go(func() {
			for {
				select {
				case <-end:
					return
				default:
					do()
				}
			}
		})
	}
	for range 4 {
		again(func() {
			count(gateAsk(f, "/gate", proxy, described(open, "GET", "/")).StatusCode, http.StatusOK, &admitted,
				&unknown)
		})
	}
	var n atomic.Int64
	again(func() {
		what := fmt.Sprintf("key %d.", n.Add(1))
		got := c.send(keys, query("csrf", csrf, "description", what, "nonce", f.NewNonce(f.sessions[ada])))
		if count(got.StatusCode, http.StatusCreated, &created, &refused) {
			made.Store(what, true)
		}
	})

	more := func(when string, most time.Duration, counters ...*atomic.Int64) {
		t.Helper()
		began := time.Now()
		for _, counter := range counters {
			for from := counter.Load(); counter.Load() < from+5; {
				if time.Since(began) > most {
					t.Fatalf("%s: not within %s", when, most)
				}
				time.Sleep(time.Millisecond) // leaves the processor to the load
			}
		}
	}
	deleter := f.client(tom)
	form := query("csrf", deleter.csrf(), "confirm", "watched")
	for _, k := range closed {
		more("before", 10*time.Second, &admitted, &created)
		f.ok(done(deleter.send(f.at(keysBelow+"/"+k.id+"/delete"), form), k))
		f.ok(own.Stop())
		more("refusals while it is down", 10*time.Second, &unknown, &refused)
		f.ok(own.Start())
		more("recovery", recovery, &admitted, &created)
		if got := gateAsk(f, "/gate", proxy, described(k.token, "GET",
			"/")); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("a key whose deletion was answered is answered %s", got.Status)
		}
	}
	close(end)
	load.Wait()
	made.Range(func(what, _ any) bool {
		list, err := f.Keys(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey,
			keyporter.KeyFilter{Text: what.(string)}, keyporter.Position{})
		if f.ok(err); list.Total != 1 {
			t.Errorf("of %s, whose creation was answered, there are %d", what, list.Total)
		}
		return true
	})
	if text := f.log.String(); strings.Contains(text, open) {
		t.Error("the log holds a token")
	}
	t.Logf("%d admitted, %d not known, %d created, %d not", admitted.Load(), unknown.Load(), created.Load(),
		refused.Load())
}
