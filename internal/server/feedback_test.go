package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

const feedbackVerify = "/api/v1/feedback/token/verify"

// authToken is a header for Feedback API keys only.
var authToken = tokenHeader{"Auth-Token", ""}

// TestFeedbackVerify: the answer to a valid key, and to other methods than GET.
func TestFeedbackVerify(t *testing.T) {
	f := newFixture(t)
	id, token := f.feedbackKey(vic, "Ideas <board>")
	f.ok(f.SwitchFeature(f.ctx, f.actor(ada), f.acme, false)) // which is for integration keys
	for _, in := range append([]tokenHeader{authToken}, tokenHeaders...) {
		// any address may ask
		got := gateAsk(f, feedbackVerify, "203.0.113.9", http.Header{in.header: in.values(token)})
		var body any
		f.ok(json.NewDecoder(got.Body).Decode(&body))
		text, _ := json.Marshal(body)
		want := `{"description":"Ideas \u003cboard\u003e","keyId":"` + id + `","subscription":{"id":"` + f.acme +
			`","name":"Acme"},` +
			`"user":{"id":"` + f.actor(vic).UserID + `","name":"Vic"},"valid":true}`
		if got.StatusCode != 200 || string(text) != want || got.Header.Get("Content-Type") != "application/json" ||
			got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("in %s: %s %s %q", in.header, got.Status, text, got.Header)
		}
	}
	for method, status := range map[string]int{"HEAD": 200, "POST": 405, "DELETE": 405} {
		if got := ask(f, method, feedbackVerify, proxy, http.Header{"Auth-Token": {token}}); got.StatusCode != status ||
			status == 405 && got.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %s, %q", method, got.Status, got.Header)
		}
	}
	if got := ask(f, "GET", feedbackVerify+"/x", proxy, http.Header{"Auth-Token": {token}}); got.StatusCode != 404 {
		t.Errorf("a path below: %s", got.Status)
	}
	for _, text := range []string{token[19:], token[19:40]} {
		if strings.Contains(f.log.String(), text) {
			t.Error("the log holds the token")
		}
	}
}

// TestFeedbackJudgement runs every case in every header.
func TestFeedbackJudgement(t *testing.T) {
	c := newJudgementSuite(t)
	id, good := c.feedbackKey(vic, "good")
	goneID, deleted := c.feedbackKey(vic, "deleted")
	c.ok(c.DeleteKey(c.ctx, c.actor(vic), c.acme, keyporter.FeedbackKey, goneID, ""))
	_, removed := c.feedbackKey(nora, "of who was removed")
	_, err := c.RemoveMember(c.ctx, c.actor(ada), c.acme, c.members[nora])
	c.ok(err)
	secret := strings.Repeat("a", 32)
	all := append([]tokenHeader{authToken}, tokenHeaders...)
	hear := func(name, code, detail string, headers http.Header) {
		t.Helper()
		got := gateAsk(c.fixture, feedbackVerify, proxy, headers)
		want := http.StatusForbidden
		if code == "" {
			want = http.StatusOK
		}
		if got.StatusCode != want {
			t.Errorf("%s: %s, want %d", name, got.Status, want)
			return
		}
		if code == "" {
			return
		}
		if document := got.Header.Get("Keyporter-Problem"); !strings.Contains(document, detail) {
			t.Errorf("%s: %s does not say %q", name, document, detail)
		}
		if got.Header.Get("WWW-Authenticate") != challenges[code] {
			t.Errorf("%s: the challenge is %q", name, got.Header.Get("WWW-Authenticate"))
		}
		checkProblem(t, name, code, got)
	}
	hear("no token", "key_missing", "auth-token", nil)
	for i, in := range all {
		for _, p := range []struct {
			name, code, detail string
			tokens             []string
		}{
			{"the same twice", "key_ambiguous", "once", []string{good, good}},
			{"an integration key", "key_wrong_kind", "Settings, Integrations, Feedback API keys", []string{c.writer}},
			{"a deleted integration key", "key_wrong_kind", "This is an integration key.", []string{c.deleted}},
			{"an application key", "key_wrong_kind", "This is an application key", []string{"kpapp_" + secret}},
			{"an empty header", "key_invalid", "", []string{""}},
			{"malformed", "key_invalid", "", []string{good[:40]}},
			{"a wrong check", "key_invalid", "", []string{good[:len(good)-1] + "-"}},
			{"unknown", "key_invalid", "", []string{withChecksum("kpfbk_000000000000_" + secret)}},
			{"a wrong secret", "key_invalid", "", []string{withChecksum("kpfbk_" + id + "_" + secret)}},
			{"deleted", "key_invalid", "", []string{deleted}},
			{"of who was removed", "key_invalid", "", []string{removed}},
			{"good", "", "", []string{good}},
		} {
			hear(in.header+", "+p.name, p.code, p.detail, http.Header{in.header: in.values(p.tokens...)})
		}
		for _, other := range append(all[i+1:], all[:i]...) {
			hear(in.header+" and "+other.header, "key_ambiguous", "",
				http.Header{in.header: in.values(good), other.header: other.values(good)})
			hear(in.header+" and an empty "+other.header, "key_ambiguous", "",
				http.Header{in.header: in.values(good), other.header: {""}})
		}
	}
	hear("in the URL", "key_missing", "", http.Header{"X-Original-Url": {"/?auth-token=" + good}})
}

// TestAuthTokenElsewhere: no other path of the gate reads auth-token or admits a Feedback API key.
func TestAuthTokenElsewhere(t *testing.T) {
	c := newJudgementSuite(t)
	_, own := c.feedbackKey(ada, "a key")
	for _, e := range endpoints {
		for name, p := range map[string]struct {
			headers http.Header
			code    string
		}{
			"a Feedback API key alone":         {http.Header{"Auth-Token": {own}}, "key_missing"},
			"an integration key in auth-token": {http.Header{"Auth-Token": {c.writer}}, "key_missing"},
			"beside an integration key": {http.Header{"Auth-Token": {own}, "X-Integration-Key": {c.writer}},
				""},
			"a Feedback API key in its own header": {http.Header{"X-Integration-Key": {own}}, "key_wrong_kind"},
		} {
			c.checkCase(e, e.name+", "+name, judgementCase{method: "GET", target: "/", code: p.code}, p.headers)
		}
	}
}

// TestFeedbackVerifyWithoutTheDatabase: 503, and never 200.
func TestFeedbackVerifyWithoutTheDatabase(t *testing.T) {
	f := newFixture(t)
	_, token := f.feedbackKey(vic, "a key")
	f.ok(f.store.Close())
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", feedbackVerify, nil)
	r.Header.Set("auth-token", token)
	f.server.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"unavailable"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestFeedbackKeysEndEverywhere: once a node has answered a deletion or removal, the next request to any node is
// refused.
func TestFeedbackKeysEndEverywhere(t *testing.T) {
	a := newFixture(t)
	b := a.secondNode()
	id, token := a.feedbackKey(vic, "one")
	_, other := a.feedbackKey(vic, "other")
	passes := func(token string) (n int) {
		for _, f := range []*fixture{a, b} {
			if gateAsk(f, feedbackVerify, proxy, http.Header{"Auth-Token": {token}}).StatusCode == http.StatusOK {
				n++
			}
		}
		return n
	}
	if passes(token) != 2 || passes(other) != 2 {
		t.Fatal("the keys are refused")
	}
	own := a.at(ownKeysBelow + "/" + id + "/delete")
	if got := a.client(vic).submit(own, own, "confirm", "one"); got.StatusCode != 303 {
		t.Fatalf("deleting: %s", got.Status)
	}
	if passes(token) != 0 || passes(other) != 2 {
		t.Error("a deleted key passes, or another one does not")
	}
	if got := b.client(ada).post(a.at("/users/"+a.members[vic]+"/remove"), url.Values{}); got.StatusCode != 303 {
		t.Fatalf("removing: %s", got.Status)
	}
	if passes(other) != 0 {
		t.Error("a key of who was removed passes")
	}
}
