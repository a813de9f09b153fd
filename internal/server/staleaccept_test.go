package server_test

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// A watchedKey is used by clients while it is revoked and restored. Its state is odd while a revocation has been
// answered, and even while the key is valid or a revocation is in flight.
type watchedKey struct {
	token, id string
	state     atomic.Int64
}

// watchedKeys adds n keys to Acme in one transaction.
func (f *fixture) watchedKeys(n int) []*watchedKey {
	f.t.Helper()
	all := make([]*watchedKey, n)
	f.ok(f.store.Write(f.ctx, func(tx keyporter.Tx) error {
		for i := range all {
			id, _ := token.ParseKeyID(rand.Text()[:12])
			minted, hash := token.Mint("kp", token.Integration, id)
			all[i] = &watchedKey{token: minted.Reveal(), id: id.String()}
			key := keyporter.Key{ID: id, SubscriptionID: f.acme, Description: "watched",
				KeyFacts: keyporter.KeyFacts{Write: true}, Created: start, CreatedBy: f.sessions[ada].User.ID}
			if err := tx.InsertKey(key, "watched", token.HashName, hash); err != nil {
				return err
			}
		}
		return nil
	}))
	return all
}

// A keySeries is keys that are revoked one after another.
type keySeries struct {
	keys    []*watchedKey
	revoked atomic.Int64 // how many of them
}

// around returns one of the keys that were revoked last or are revoked next, which late answers are about.
func (k *keySeries) around(n int) *watchedKey {
	at := int(k.revoked.Load()) + n%4 - 1
	return k.keys[min(max(at, 0), len(k.keys)-1)]
}

// revoke revokes the keys in their order.
func (k *keySeries) revoke(send func(*watchedKey) *answer) error {
	for _, key := range k.keys {
		if err := done(send(key), key); err != nil {
			return err
		}
		k.revoked.Add(1)
	}
	return nil
}

// A load is clients that use keys over real connections until it is stopped.
type load struct {
	admitted, refused, late atomic.Int64
	stop                    func()
}

const loadClients = 16

// startLoad sends requests with the given method. A yes is late if the key's revocation had been answered before
// the request was sent and the key's state is the same after the answer.
func (f *fixture) startLoad(method string, series ...*keySeries) *load {
	s := &load{}
	end := make(chan struct{})
	var clients sync.WaitGroup
	transport := &http.Transport{MaxIdleConnsPerHost: loadClients}
	for n := range loadClients {
		clients.Go(func() {
			for i := n; ; i++ {
				select {
				case <-end:
					return
				default:
				}
				k := series[n%len(series)].around(i)
				before := k.state.Load()
				r, err := http.NewRequest("GET", f.url+"/gate", nil)
				if err != nil {
					panic(err)
				}
				r.Header = described(k.token, method, "/")
				got, err := transport.RoundTrip(r)
				if err != nil {
					f.t.Error(err)
					return
				}
				io.Copy(io.Discard, got.Body)
				got.Body.Close()
				switch {
				case got.StatusCode != http.StatusOK:
					s.refused.Add(1)
				case before%2 == 1 && k.state.Load() == before:
					s.late.Add(1)
				default:
					s.admitted.Add(1)
				}
			}
		})
	}
	s.stop = sync.OnceFunc(func() {
		close(end)
		clients.Wait()
		transport.CloseIdleConnections()
	})
	f.t.Cleanup(s.stop) // also if a test fails, and before the server is stopped
	return s
}

// finish stops the load and fails the test on a stale accept.
func (s *load) finish(t *testing.T) {
	t.Helper()
	s.stop()
	t.Logf("%d admitted, %d refused", s.admitted.Load(), s.refused.Load())
	if n := s.late.Load(); n > 0 {
		t.Errorf("%d requests passed on a state that had ended before they were sent", n)
	}
	if s.admitted.Load() == 0 || s.refused.Load() == 0 {
		t.Error("the load saw no yes, or no refusal")
	}
}

// secondNode returns another node with the same database. On SQLite, which one process serves, it is the fixture
// itself.
func (f *fixture) secondNode() *fixture {
	f.t.Helper()
	if engine.String() == "sqlite" {
		return f
	}
	return serve(f.t, f.path, f.now)
}

// done checks the answer to an operation and moves the keys to their next state.
func done(got *answer, keys ...*watchedKey) error {
	if got.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("%s %s: %s", got.Request.Method, got.Request.URL, got.Status)
	}
	for _, k := range keys {
		k.state.Add(1)
	}
	return nil
}

func TestNoStaleAcceptWhileKeysAreDeleted(t *testing.T) {
	f := newFixture(t)
	series := []*keySeries{{keys: f.watchedKeys(200)}, {keys: f.watchedKeys(200)}}
	s := f.secondNode().startLoad("GET", series...)
	var deleters sync.WaitGroup
	for n, who := range []string{ada, tom} {
		c := f.client(who)
		form := query("csrf", c.csrf(), "confirm", "watched")
		deleters.Go(func() {
			err := series[n].revoke(func(k *watchedKey) *answer {
				return c.send(f.at(keysBelow+"/"+k.id+"/delete"), form)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	deleters.Wait()
	s.finish(t)
}

func TestNoStaleAcceptWhileTheFeatureIsSwitched(t *testing.T) {
	f := newFixture(t)
	keys := f.watchedKeys(3)
	s := f.secondNode().startLoad("GET", &keySeries{keys: keys})
	c, operator := f.client(ada), f.client(olga)
	on, off := query("csrf", c.csrf(), "on", "true"), query("csrf", c.csrf(), "on", "false")
	feature, grant := f.at("/integrations/feature"), query("csrf", operator.csrf(), "confirm", "Acme")
	open := func() { // even before the operation, so that no request counts by the old state
		for _, k := range keys {
			k.state.Add(1)
		}
	}
	for n := range 100 {
		if n%4 == 3 {
			f.ok(done(operator.send("/operator/subscriptions/"+f.acme+"/withdraw", grant), keys...))
			s.waitForRefusals(t)
			f.ok(done(operator.send("/operator/subscriptions/"+f.acme+"/make-available", grant)))
		} else {
			f.ok(done(c.send(feature, off), keys...))
			s.waitForRefusals(t)
		}
		open()
		f.ok(done(c.send(feature, on)))
	}
	s.finish(t)
}

// waitForRefusals returns once the load was refused a few times.
func (s *load) waitForRefusals(t *testing.T) {
	t.Helper()
	from := s.refused.Load()
	for end := time.Now().Add(10 * time.Second); s.refused.Load() < from+loadClients; {
		if time.Now().After(end) {
			t.Fatal("nothing is refused although the feature is off")
		}
		time.Sleep(time.Millisecond) // leaves the processor to the clients
	}
}

func TestNoStaleAcceptWhileAccessIsLowered(t *testing.T) {
	f := newFixture(t)
	series := &keySeries{keys: f.watchedKeys(200)}
	s := f.secondNode().startLoad("POST", series)
	c := f.client(ada)
	form := query("csrf", c.csrf(), "description", "watched", "lower", "on")
	f.ok(series.revoke(func(k *watchedKey) *answer {
		return c.send(f.at(keysBelow+"/"+k.id+"/edit"), form)
	}))
	s.finish(t)
}

func TestNoStaleAcceptWhileAddressesAreLimited(t *testing.T) {
	f := newFixture(t)
	series := &keySeries{keys: f.watchedKeys(200)}
	s := f.secondNode().startLoad("GET", series)
	c := f.client(ada)
	form := query("csrf", c.csrf(), "allowed_addresses", "192.0.2.0/24")
	f.ok(series.revoke(func(k *watchedKey) *answer {
		return c.send(f.at(keysBelow+"/"+k.id+"/addresses"), form)
	}))
	s.finish(t)
}
