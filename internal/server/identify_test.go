package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

const identifyBelow = keysBelow + "/identify"

// TestWhichKeyIsThis looks up active, deleted and foreign keys by each form in which their IDs are written.
func TestWhichKeyIsThis(t *testing.T) {
	f := newFixture(t)
	id, token := f.key("Nightly export", true)
	gone, goneToken := f.key("Old export", true)
	f.ok(f.DeleteKey(f.ctx, f.actor(tom), f.acme, keyporter.IntegrationKey, gone, "Old export"))
	own, ownToken := f.feedbackKey(ada, "Ideas")
	_, others := f.feedbackKey(tom, "Ideas of Tom")
	c := f.client(ada)
	forms := func(id, token string) []string {
		return []string{
			id, " " + id + "\n", "kpint_" + id, "kpint_" + id + "_…", "kpint_" + id + "_", token,
			"Authorization: Bearer " + token,
			id + "_…", id + "…", id + "_" + token[19:], url.QueryEscape(url.QueryEscape(token)),
			strings.ReplaceAll(token, "_", "%255F"),
			token[:len(token)-5], token[:len(token)-1] + "0", token + "x",
		}
	}
	for _, text := range forms(id, token) {
		got := c.post(f.at(identifyBelow), query("key", text))
		got.mustHold(t, "an active key as "+text, "This is the key", "Nightly export", id)
		if !strings.Contains(got.body, `href="`+f.at(keysBelow+"/"+id)+`"`) {
			t.Errorf("no link to the key asked for as %s", text)
		}
	}
	for _, text := range forms(gone, goneToken) { // as another user, because each has 30 tries
		f.client(tom).post(f.at(identifyBelow), query("key", text)).mustHold(t, "a deleted key as "+text,
			"already deleted", "Old export", gone, "Tom")
	}
	c.post(f.at(identifyBelow), query("key", ownToken)).mustHold(t, "one's own Feedback API key", "Feedback API keys",
		own)
	c.post(f.at(identifyBelow), query("key", others)).mustHold(t, "another's Feedback API key",
		"No key of this subscription")
	stranger := f.client(otto)
	stranger.post("/s/"+f.globex+"/settings"+identifyBelow, query("key", token)).mustHold(t,
		"another subscription's key", "No key of this subscription")
	if got := c.post(f.at(identifyBelow), query("key", "my token")); got.StatusCode != 422 ||
		!strings.Contains(got.body, "no key ID") {
		t.Errorf("no token: %s", got.Status)
	}
	c.get(c.get(f.at(keysBelow)+"?q="+goneToken).Header.Get("Location")).mustHold(t, "a deleted key in the list",
		"already deleted", "Tom")
	c.get(f.at(keysBelow)+"?q=kpint_"+id).mustHold(t, "a key ID with its prefix", "Nightly export")
	c.get(f.at(keysBelow)+"?q=kpint_"+id[:4]+"%E2%80%A6").mustHold(t, "the beginning of a key ID with its prefix",
		"Nightly export")
	c.get(f.at(keysBelow)+"?q="+id[:4]+"%E2%80%A6").mustHold(t, "the beginning of a key ID", "Nightly export")
	c.get(f.at(keysBelow)+"?q=kpint_"+id+"_%E2%80%A6").mustHold(t, "a key ID as logs have it", "Nightly export")
}

// TestTokensGetIntoNoURL pastes whole and damaged tokens into every search form.
func TestTokensGetIntoNoURL(t *testing.T) {
	f := newFixture(t)
	id, token := f.key("Nightly export", true)
	f.feedbackKey(ada, "Ideas")
	f.entry(exclude.Server, "dev.example.com")
	c := f.client(ada)
	secret := token[len(token)-38:]
	texts := []string{token, "key: " + token, token[:len(token)-6], strings.ToUpper(token), secret,
		strings.ReplaceAll(token, "_", " "), strings.ReplaceAll(token, "_", "%5F"),
		strings.ReplaceAll(token, "_", "%25255F"), token[6:], strings.ToLower(token[6:])}
	for _, form := range []struct{ page, action, field string }{
		{keysBelow, keysBelow + "/search", "q"}, {ownKeysBelow, ownKeysBelow + "/search", "q"},
		{keysBelow + "/identify", identifyBelow, "key"},
		{listBelow + "/server", listBelow + "/server/search", "q"},
		{listBelow + "/server", listBelow + "/server/try#try", "try"},
	} {
		for _, text := range texts {
			got := c.submit(f.at(form.page), f.at(form.action), form.field, text)
			for _, piece := range []string{secret[:12], strings.ToUpper(secret)[:12], strings.ToLower(secret)[:12]} {
				if strings.Contains(got.Header.Get("Location"), piece) || strings.Contains(got.body, piece) {
					t.Errorf("%s with %q is answered %s, %s\n%s", form.action, text, got.Status,
						got.Header.Get("Location"), got.body)
				}
			}
		}
	}
	c.submit(f.at(keysBelow), f.at(keysBelow+"/search"), "q", token).mustHold(t, "the list's search with a token",
		"Which key is this?", "Nightly export", id)
	if strings.Contains(f.log.String(), secret[:12]) {
		t.Errorf("the log has a secret: %s", f.log)
	}
	for _, words := range []struct{ path, form, want string }{
		{keysBelow, "q=Nightly+export&status=never", "?q=Nightly+export&status=never"},
		{keysBelow, "q=+&status=", ""},
		{keysBelow, "q=caf%C3%A9%26x%3D1", "?q=caf%C3%A9%26x%3D1"},
		{ownKeysBelow, "q=ideas", "?q=ideas"},
		{listBelow + "/server", "q=dev", "?q=dev"},
		{keysBelow, "q=" + id, "?q=" + id},
		{keysBelow, "q=" + strings.Repeat("warehouse", 5), "?q=" + strings.Repeat("warehouse", 5)},
	} {
		form, err := url.ParseQuery(words.form)
		f.ok(err)
		got := c.post(f.at(words.path+"/search"), form)
		if to := got.Header.Get("Location"); got.StatusCode != http.StatusSeeOther || to != f.at(words.path)+
			words.want {
			t.Errorf("%s of %s is answered %s, %s", words.form, words.path, got.Status, to)
		}
	}
}

// TestIdentifyingIsThrottled: each user has 30 tries in 10 minutes.
func TestIdentifyingIsThrottled(t *testing.T) {
	now := start
	f := serve(t, engine.Copy(t, theModel.path), func() time.Time { return now })
	c := f.client(ada)
	for i := range 30 {
		if got := c.post(f.at(identifyBelow), query("key", "4fT9aQ0bZ7Lm")); got.StatusCode != 200 {
			t.Fatalf("try %d: %s", i+1, got.Status)
		}
	}
	for _, form := range []struct{ path, field string }{{identifyBelow, "key"}, {keysBelow + "/search", "q"}} {
		got := c.post(f.at(form.path), query(form.field, "kpint_4fT9aQ0bZ7Lm_x8Kd02mVqT5n"))
		if got.StatusCode != 429 || got.Header.Get("Retry-After") != "600" {
			t.Errorf("one more: %s, Retry-After %s", got.Status, got.Header.Get("Retry-After"))
		}
	}
	if got := f.client(tom).post(f.at(identifyBelow), query("key", "4fT9aQ0bZ7Lm")); got.StatusCode != 200 {
		t.Errorf("another user: %s", got.Status)
	}
	now = now.Add(10 * time.Minute)
	if got := c.post(f.at(identifyBelow), query("key", "4fT9aQ0bZ7Lm")); got.StatusCode != 200 {
		t.Errorf("after 10 minutes: %s", got.Status)
	}
}
