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
)

// A ward is a key that clients knock with while it is taken away. Its state counts the answers to deeds that close it:
// what is even is open or being closed, what is odd is closed for sure.
type ward struct {
	token, id string
	state     atomic.Int64
}

// wards puts keys into Acme, many in one transaction.
func (h *house) wards(n int) []*ward {
	h.t.Helper()
	all := make([]*ward, n)
	h.ok(h.store.Write(h.ctx, func(tx keyporter.Tx) error {
		for i := range all {
			id, _ := keyporter.ParseKeyID(rand.Text()[:12])
			token, hash := keyporter.MintToken("kp", id)
			all[i] = &ward{token: token.Reveal(), id: id.String()}
			key := keyporter.Key{ID: id, SubscriptionID: h.acme, Description: "ward", KeyFacts: keyporter.KeyFacts{Write: true}, Created: start, CreatedBy: h.sessions[ada].User.ID}
			if err := tx.InsertKey(key, "ward", keyporter.HashName, hash); err != nil {
				return err
			}
		}
		return nil
	}))
	return all
}

// A siege is 64 clients that knock with wards through real connections, until it is lifted.
type siege struct {
	admitted, refused, late atomic.Int64
	lift                    func()
}

const besiegers = 64

// besiege knocks with the given method. An answer is late when it is a yes although the ward was closed for sure before
// the request was sent, and is in the same state after the answer.
func (h *house) besiege(wards []*ward, method string) *siege {
	s := &siege{}
	end := make(chan struct{})
	var clients sync.WaitGroup
	transport := &http.Transport{MaxIdleConnsPerHost: besiegers}
	for n := range besiegers {
		clients.Go(func() {
			for i := n; ; i += 7 {
				select {
				case <-end:
					return
				default:
				}
				w := wards[i%len(wards)]
				before := w.state.Load()
				r, err := http.NewRequest("GET", h.url+"/gate", nil)
				if err != nil {
					panic(err)
				}
				r.Header = described(w.token, method, "/")
				got, err := transport.RoundTrip(r)
				if err != nil {
					h.t.Error(err)
					return
				}
				io.Copy(io.Discard, got.Body)
				got.Body.Close()
				switch {
				case got.StatusCode != http.StatusOK:
					s.refused.Add(1)
				case before%2 == 1 && w.state.Load() == before:
					s.late.Add(1)
				default:
					s.admitted.Add(1)
				}
			}
		})
	}
	s.lift = sync.OnceFunc(func() {
		close(end)
		clients.Wait()
		transport.CloseIdleConnections()
	})
	h.t.Cleanup(s.lift) // also where a test gives up, before the server ends
	return s
}

// over ends a siege and says what came of it.
func (s *siege) over(t *testing.T) {
	t.Helper()
	s.lift()
	t.Logf("%d admitted, %d refused", s.admitted.Load(), s.refused.Load())
	if n := s.late.Load(); n > 0 {
		t.Errorf("%d requests passed on a state that had ended before they were sent", n)
	}
	if s.admitted.Load() == 0 || s.refused.Load() == 0 {
		t.Error("the siege saw no yes, or no no")
	}
}

// neighbour is another node over the same database, so that what one node answers binds the other; where a database has one
// owner it is the house itself.
func (h *house) neighbour() *house {
	h.t.Helper()
	if engine.String() == "sqlite" {
		return h
	}
	return serve(h.t, h.path, h.now)
}

// done marks wards as closed for sure, or as open again.
func done(got *answer, wards ...*ward) error {
	if got.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("%s %s: %s", got.Request.Method, got.Request.URL, got.Status)
	}
	for _, w := range wards {
		w.state.Add(1)
	}
	return nil
}

func TestNoLateYesWhileKeysAreDeleted(t *testing.T) {
	h := newHouse(t)
	n := 2000
	if engine.String() == "postgres" { // where each deletion waits for the siege's turns at the processor
		n = 300
	}
	wards := h.wards(n)
	s := h.neighbour().besiege(wards, "GET")
	var deleters sync.WaitGroup
	for part := range 2 {
		c := h.client([]string{ada, tom}[part])
		form := query("csrf", c.csrf(), "confirm", "ward")
		deleters.Go(func() {
			for _, w := range wards[part*n/2 : (part+1)*n/2] {
				if err := done(c.send(h.at(keysBelow+"/"+w.id+"/delete"), form), w); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	deleters.Wait()
	s.over(t)
}

func TestNoLateYesWhileTheFeatureIsSwitched(t *testing.T) {
	h := newHouse(t)
	wards := h.wards(20)
	s := h.neighbour().besiege(wards, "GET")
	c, operator := h.client(ada), h.client(olga)
	on, off := query("csrf", c.csrf(), "on", "true"), query("csrf", c.csrf(), "on", "false")
	feature, grant := h.at("/integrations/feature"), query("csrf", operator.csrf(), "confirm", "Acme")
	open := func() { // even before the deed, so that no request counts on the old state
		for _, w := range wards {
			w.state.Add(1)
		}
	}
	for n := range 100 {
		if n%4 == 3 {
			h.ok(done(operator.send("/operator/subscriptions/"+h.acme+"/withdraw", grant), wards...))
			s.waitForRefusals(t)
			h.ok(done(operator.send("/operator/subscriptions/"+h.acme+"/make-available", grant)))
		} else {
			h.ok(done(c.send(feature, off), wards...))
			s.waitForRefusals(t)
		}
		open()
		h.ok(done(c.send(feature, on)))
	}
	s.over(t)
}

// waitForRefusals lets the siege meet the closed gate a few times.
func (s *siege) waitForRefusals(t *testing.T) {
	t.Helper()
	from := s.refused.Load()
	for end := time.Now().Add(10 * time.Second); s.refused.Load() < from+besiegers; {
		if time.Now().After(end) {
			t.Fatal("nothing is refused although the feature is off")
		}
		time.Sleep(time.Millisecond) // lets the clients have the processor
	}
}

func TestNoLateYesWhileAccessIsLowered(t *testing.T) {
	h := newHouse(t)
	wards := h.wards(300)
	s := h.neighbour().besiege(wards, "POST")
	c := h.client(ada)
	form := query("csrf", c.csrf(), "description", "ward", "lower", "on")
	for _, w := range wards {
		h.ok(done(c.send(h.at(keysBelow+"/"+w.id+"/edit"), form), w))
	}
	s.over(t)
}
