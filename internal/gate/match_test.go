package gate

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

// An endingContext ends when Err has been called a number of times.
type endingContext struct {
	context.Context
	asked, endsAfter int
}

func (c *endingContext) Err() error {
	if c.asked++; c.asked > c.endsAfter {
		return context.Canceled
	}
	return nil
}

// TestMatchingEndsWithTheRequest: matching stops after the current event when the client has left.
func TestMatchingEndsWithTheRequest(t *testing.T) {
	ctx := &endingContext{Context: context.Background(), endsAfter: 3}
	list, events := exclude.NewList(nil), make([]exclude.Event, 1000)
	if excluded, err := matchAll(ctx, list, events); !errors.Is(err, context.Canceled) || excluded != nil ||
		ctx.asked != 4 {
		t.Errorf("matching goes on: %v, and the context was asked %d times", err, ctx.asked)
	}
	if excluded, err := matchAll(context.Background(), list, events); err != nil || len(excluded) != len(events) {
		t.Errorf("%d events, %v", len(excluded), err)
	}
}

func matchGate() *Gate {
	return New(nil, Options{RequestID: func() string { return "0123456789" }})
}

// matchFor matches one event, and checks that the list is read only for a request that has a slot.
func (g *Gate) matchFor(t *testing.T, ctx context.Context, subscription string) *httptest.ResponseRecorder {
	t.Helper()
	w, reads := httptest.NewRecorder(), 0
	r := httptest.NewRequest("POST", matchPath, strings.NewReader(`{"events":[{}]}`)).WithContext(ctx)
	r.Header.Set("Content-Type", "application/json")
	g.matchEvents(w, r, subscription, func() (*exclude.List, keyporter.Verdict) {
		reads++
		return exclude.NewList(nil), keyporter.Verdict{}
	})
	if read := reads > 0; read != (w.Code == http.StatusOK) {
		t.Errorf("answered %d, and the list was read %d times", w.Code, reads)
	}
	return w
}

// TestFewMatchesAtOnce: one request of each subscription and two of all have a slot; the others get 429 with
// Retry-After.
func TestFewMatchesAtOnce(t *testing.T) {
	g := matchGate()
	g.slots.wait = 0
	var releases []func()
	for _, subscription := range []string{"acme", "globex"} {
		w := g.matchFor(t, t.Context(), subscription)
		if w.Code != http.StatusOK || w.Body.String() != `{"excluded":[false]}` {
			t.Fatalf("%s: %d %s", subscription, w.Code, w.Body)
		}
		release, ok := g.slots.acquire(t.Context(), subscription)
		if !ok {
			t.Fatalf("%s has no slot", subscription)
		}
		releases = append(releases, release)
		for _, refused := range []string{subscription, "initech"}[:len(releases)] {
			w := g.matchFor(t, t.Context(), refused)
			if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" ||
				w.Header().Get("Content-Type") != "application/problem+json" ||
				!strings.Contains(w.Body.String(), `"code":"too_many_requests"`) {
				t.Errorf("%s: %d %v %s", refused, w.Code, w.Header(), w.Body)
			}
		}
	}
	for _, release := range releases {
		release()
	}
	if w := g.matchFor(t, t.Context(), "initech"); w.Code != http.StatusOK || len(g.slots.subscriptions) != 0 {
		t.Errorf("afterwards: %d, and %d subscriptions hold slots", w.Code, len(g.slots.subscriptions))
	}
}

// TestWaitingMatches: a few requests wait for an earlier one; more are refused, and so is one whose client has left.
func TestWaitingMatches(t *testing.T) {
	g := matchGate()
	g.slots.wait = time.Hour
	release, _ := g.slots.acquire(t.Context(), "acme")
	codes, gone := make(chan int), make(chan int)
	leaving, leave := context.WithCancel(t.Context())
	go func() { gone <- g.matchFor(t, leaving, "acme").Code }()
	for range matchesWaiting - 1 {
		go func() { codes <- g.matchFor(t, t.Context(), "acme").Code }()
	}
	for users := 0; users != 1+matchesWaiting; {
		g.slots.mu.Lock()
		users = g.slots.subscriptions["acme"].users
		g.slots.mu.Unlock()
	}
	if w := g.matchFor(t, t.Context(), "acme"); w.Code != http.StatusTooManyRequests {
		t.Errorf("one too many is answered %d", w.Code)
	}
	leave()
	if code := <-gone; code != http.StatusTooManyRequests {
		t.Errorf("a client that left is answered %d", code)
	}
	release()
	for range matchesWaiting - 1 {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("one that waited is answered %d", code)
		}
	}
}
