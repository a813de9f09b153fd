package server_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"keyporter/internal/keyporter"
)

// nodes returns two nodes with one database, as behind a load balancer.
func nodes(t *testing.T) (a, b *fixture) {
	t.Helper()
	if engine.String() == "sqlite" {
		t.Skip("a file has one owner")
	}
	a = newFixture(t)
	return a, a.secondNode()
}

// to returns the same browser, with its cookies, for another node.
func (c *client) to(f *fixture) *client {
	return &client{h: f, who: c.who, http: c.http, token: c.token}
}

// TestSessionOnTwoNodes signs in, reads, sends a form and signs out, each on the other node than the step before.
func TestSessionOnTwoNodes(t *testing.T) {
	a, b := nodes(t)
	onA := a.client(visitor)
	if got := onA.post("/sign-in", query("email", email(ada), "password", password)); got.StatusCode != 303 {
		t.Fatalf("signing in: %s", got.Status)
	}
	onA.token = ""
	onB := onA.to(b)
	onB.who = ada // whose account page has the form token
	if got := onB.post("/account/name", query("name", "Ada L.")); got.StatusCode != 303 {
		t.Errorf("a form on the other node: %s", got.Status)
	}
	if got := onA.get("/account"); got.StatusCode != 200 || !strings.Contains(got.body, "Ada L.") {
		t.Errorf("what the other node has changed: %s", got.Status)
	}
	if got := onB.to(a).send("/account/name", query("name", "No one", "csrf", "of-no-session")); got.StatusCode != 403 {
		t.Errorf("without a form token: %s", got.Status)
	}
	if got := onB.to(a).post("/sign-out", nil); got.StatusCode != 303 {
		t.Errorf("signing out: %s", got.Status)
	}
	if got := onB.get("/account"); got.StatusCode != 303 {
		t.Errorf("signed out on one node, on the other the account is answered %s", got.Status)
	}
}

// TestFormOnTwoNodes: a form that is sent to both nodes creates one key.
func TestFormOnTwoNodes(t *testing.T) {
	a, b := nodes(t)
	keys := a.at(keysBelow)
	onA := a.client(ada)
	form, found := onA.get(keys + "/new").form(keys)
	if !found {
		t.Fatal("there is no form")
	}
	form.Set("description", "once")
	answers := make(chan *answer, 2)
	for _, c := range []*client{onA, onA.to(b)} {
		go func() { answers <- c.send(keys, form) }()
	}
	first, second := (<-answers).StatusCode, (<-answers).StatusCode
	if min(first, second) != 201 || max(first, second) != 409 {
		t.Errorf("the two nodes answer %d and %d", first, second)
	}
}

// TestLimitOnTwoNodes: tries are counted together.
func TestLimitOnTwoNodes(t *testing.T) {
	a, b := nodes(t)
	counts := map[int]int{}
	onA := a.client(visitor)
	onA.csrf()
	onB := onA.to(b)
	var tries sync.WaitGroup
	var mu sync.Mutex
	for i := range 12 {
		tries.Go(func() {
			got := []*client{onA, onB}[i%2].send("/sign-in",
				query("csrf", onA.token, "email", email(ada), "password", "wrong words"))
			mu.Lock()
			defer mu.Unlock()
			counts[got.StatusCode]++
		})
	}
	tries.Wait()
	if counts[422] != 5 || counts[429] != 7 {
		t.Errorf("12 tries on two nodes are answered %v", counts)
	}
}

// TestUsageOnTwoNodes: the counts of both nodes are added up, also if they write at the same time, and the last use is
// the later one.
func TestUsageOnTwoNodes(t *testing.T) {
	a, b := nodes(t)
	type pressed struct{ id, token string }
	keys := make([]pressed, 40)
	for i := range keys {
		keys[i].id, keys[i].token = a.key("a key", false)
	}
	const rounds = 10
	var writers sync.WaitGroup
	for n, f := range []*fixture{a, b} {
		writers.Go(func() {
			for range rounds {
				for i := range keys {
					k := keys[(i+n*len(keys)/2)%len(keys)]
					for _, method := range []string{"GET", "DELETE"} {
						f.Judge(f.ctx, keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{k.token}},
							Method: method, Path: "/", Address: "192.0.2.1"})
					}
				}
				if err := f.FlushUses(f.ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	for _, k := range keys {
		key, usage, err := a.KeyUsage(a.ctx, a.actor(ada), a.acme, keyporter.IntegrationKey, k.id)
		a.ok(err)
		now := usage.Hours[len(usage.Hours)-1]
		if now.Admitted != 2*rounds || now.Refused != 2*rounds || !key.LastUsed.Equal(start) {
			t.Fatalf("%d+%d requests with a key, last used %s, want %d of each", now.Admitted, now.Refused,
				key.LastUsed, 2*rounds)
		}
	}
}

// TestDeletedOnTheOtherNode: the next request is refused on every node, and is counted as an attempt with a deleted
// key.
func TestDeletedOnTheOtherNode(t *testing.T) {
	a, b := nodes(t)
	id, token := a.key("a key", true)
	ask := func(f *fixture) int { return gateAsk(f, "/gate", proxy, described(token, "GET", "/")).StatusCode }
	if first, second := ask(a), ask(b); first != http.StatusOK || second != http.StatusOK {
		t.Fatalf("before: %d, %d", first, second)
	}
	a.ok(a.DeleteKey(a.ctx, a.actor(ada), a.acme, keyporter.IntegrationKey, id, "a key"))
	if first, second := ask(a), ask(b); first != http.StatusUnauthorized || second != http.StatusUnauthorized {
		t.Errorf("afterwards: %d, %d", first, second)
	}
	a.ok(b.FlushUses(b.ctx))
	page, err := a.DeletedKeys(a.ctx, a.actor(ada), a.acme, keyporter.Position{})
	a.ok(err)
	if len(page.Rows) != 1 || page.Rows[0].Attempts != 2 {
		t.Errorf("the deleted keys are %+v", page.Rows)
	}
}
