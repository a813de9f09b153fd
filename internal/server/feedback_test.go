package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

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

// TestFeedbackKeyPages: a key is shown once to its owner, and never to others.
func TestFeedbackKeyPages(t *testing.T) {
	f := newFixture(t)
	keys := f.at(ownKeysBelow)
	c := f.client(vic)
	c.get(keys).mustHold(t, "none yet", "Feedback API keys", "No Feedback API keys yet", "+ Add Feedback API key",
		"Keys in Keyporter")
	form, found := c.get(keys + "/new").form(keys)
	if !found || form.Has("write_access") {
		t.Fatalf("the form is %v", form)
	}
	form.Set("description", "Ideas <board>")
	made := c.send(keys, form)
	token := made.field("token")
	if made.StatusCode != 201 || !strings.HasPrefix(token, "kpfbk_") || made.cookie(f.cookieName("reveal")) == nil ||
		made.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("creating: %s %q", made.Status, made.Header)
	}
	if want := `curl -H "auth-token: $KEY" http://localhost:8080` + feedbackVerify; made.field("curl") != want {
		t.Errorf("the command is %q", made.field("curl"))
	}
	if again := c.send(keys, form); again.StatusCode != 409 || strings.Contains(again.body, token[19:]) {
		t.Errorf("a resend: %s", again.Status)
	}
	id := token[6:18]
	for _, used := range []string{"Never used", "Active"} {
		list := c.get(keys)
		list.mustHold(t, "the list", "Ideas <board>", id, used, "1 key")
		if strings.Contains(list.body, "Edit Ideas") || strings.Contains(list.body, "Deleted keys") {
			t.Errorf("the list links what is not there:\n%s", list.body)
		}
		gateAsk(f, feedbackVerify, "198.51.100.9", http.Header{"Auth-Token": {token}})
	}
	c.get(c.get(keys+"?q="+token).Header.Get("Location")).mustHold(t, "a search for a whole key", "Ideas <board>",
		"looks like a whole key")
	c.get(keys+"?q=votes").mustHold(t, "a search that finds nothing", "No key matches")
	for _, who := range []string{ada, tom, nora} {
		other := f.client(who)
		for _, path := range []string{ownKeysBelow, ownKeysBelow + "?q=" + id, keysBelow, keysBelow + "?q=" + id} {
			if got := other.get(f.at(path)); strings.Contains(got.body, "Ideas") || strings.Contains(got.body, ">"+id) {
				t.Errorf("%s at %s is told of Vic's key", who, path)
			}
		}
		for _, path := range []string{ownKeysBelow + "/" + id + "/delete", ownKeysBelow + "/" + id, keysBelow + "/" +
			id} {
			if got := other.get(f.at(path)); got.StatusCode < 400 || strings.Contains(got.body, "Ideas") {
				t.Errorf("%s at %s: %s", who, path, got.Status)
			}
		}
		own := f.at(ownKeysBelow + "/" + id + "/delete")
		if got := other.post(own, query("confirm", "Ideas <board>")); got.StatusCode != 404 {
			t.Errorf("%s deletes it: %s", who, got.Status)
		}
	}
	f.client(ada).get(f.at("/audit-log")).mustHold(t, "the audit log", "Created a Feedback API key", "Ideas <board>",
		id)
	own := keys + "/" + id + "/delete"
	c.get(own).mustHold(t, "before it is deleted", "Delete Feedback API key?", "Type the description to confirm")
	if got := c.submit(own, own, "confirm", "ideas"); got.StatusCode != 422 ||
		!strings.Contains(got.body, "Nothing was deleted.") {
		t.Errorf("a wrong confirmation: %s", got.Status)
	}
	done := c.submit(own, own, "confirm", "Ideas <board>")
	if done.StatusCode != 303 || done.Header.Get("Location") != keys {
		t.Errorf("deleting: %s", done.Status)
	}
	c.get(keys).mustHold(t, "afterwards", "The key was deleted.", "No Feedback API keys yet")
	for _, a := range f.seen {
		if a != made && strings.Contains(html.UnescapeString(a.body), token[19:]) {
			t.Errorf("%s %s shows the token", a.Request.Method, a.Request.URL.Path)
		}
	}
	if strings.Contains(f.log.String(), token[19:]) {
		t.Error("the log holds the token")
	}
}

// TestKindsPage: the page explains the kinds of keys to every member, and links to the pages that they may open.
func TestKindsPage(t *testing.T) {
	f := newFixture(t, "--token-prefix", "acme")
	for who, manages := range map[string]bool{ada: true, tom: true, nora: false, vic: false} {
		c := f.client(who)
		got := c.get(f.at("/keys"))
		got.mustHold(t, who, "Keys in Keyporter", "acmeint_", "acmeapp_", "acmefbk_", "Who owns it", "Is it a secret",
			"Can it be seen again", "What it opens", "What ends it")
		links := 0
		for n := range got.doc().Descendants() {
			if href := attr(n, "href"); n.Data == "a" && strings.HasPrefix(href, "/") {
				links++
				if there := c.get(href); there.StatusCode >= 400 {
					t.Errorf("%s is led to %s: %s", who, href, there.Status)
				}
			}
		}
		if strings.Contains(got.body, f.at(keysBelow)) != manages ||
			!strings.Contains(insideOf(got.body), f.at(ownKeysBelow)) || links < 5 {
			t.Errorf("%s: the page's %d links are wrong:\n%s", who, links, insideOf(got.body))
		}
		lists := []string{ownKeysBelow}
		if manages {
			lists = append(lists, keysBelow)
		}
		for _, list := range lists {
			if !strings.Contains(insideOf(c.get(f.at(list)).body), `href="`+f.at("/keys")+`"`) {
				t.Errorf("%s: %s does not lead to the page", who, list)
			}
		}
	}
}

// TestTooManyFeedbackKeys: the 61st key within an hour is refused with the time to wait.
func TestTooManyFeedbackKeys(t *testing.T) {
	f := newFixture(t)
	for range 60 {
		f.feedbackKey(vic, "a key")
	}
	form := query("description", "one more", "nonce", f.NewNonce(f.sessions[vic]))
	got := f.client(vic).post(f.at(ownKeysBelow), form)
	wait := got.Header.Get("Retry-After")
	if got.StatusCode != http.StatusTooManyRequests || wait == "" || wait == "0" {
		t.Errorf("one more key: %s, Retry-After %q", got.Status, wait)
	}
}
