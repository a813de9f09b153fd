package server_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

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
