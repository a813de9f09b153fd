package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

// concrete replaces the parameters of a route by IDs.
func (f *fixture) concrete(path, keyID string) string {
	return strings.NewReplacer(":subscription", f.acme, ":key", keyID, ":member", f.members[vic], ":session",
		f.sessions[ada].ID, ":type", "visitorId").Replace(path)
}

// unchanged returns the state that forged forms try to change.
func (f *fixture) unchanged(keyID string) string {
	f.t.Helper()
	key, err := f.Key(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, keyID)
	f.ok(err)
	v, err := f.MemberView(f.ctx, f.actor(ada), f.acme)
	f.ok(err)
	list, err := f.AuditLog(f.ctx, f.actor(ada), f.acme, keyporter.Position{})
	f.ok(err)
	account, err := f.Account(f.ctx, f.actor(ada))
	f.ok(err)
	excluded, err := f.ExcludeEntries(f.ctx, f.actor(ada), f.acme, exclude.Visitor, "", keyporter.Position{})
	f.ok(err)
	return fmt.Sprint(excluded, key, v.Subscription, len(list.Rows), account.User.Name, len(account.Sessions))
}

func TestMalformedRequests(t *testing.T) {
	f := newFixture(t)
	keyID, _ := f.key("a key", true)
	const urlencoded = "application/x-www-form-urlencoded"
	c := f.client(ada)
	good := "csrf=" + c.csrf() + "&description=x"
	for _, r := range []struct {
		name, method, path, kind, body string
		want                           int
	}{
		{"too large", "POST", f.at(keysBelow), urlencoded, good + strings.Repeat("x", 64<<10), 413},
		{"too large for a visitor's form", "POST", "/sign-in", urlencoded, strings.Repeat("x", 1<<20), 413},
		{"bad percent-encoding", "POST", f.at(keysBelow), urlencoded, good + "&a=%zz", 400},
		{"a broken query beside a form", "POST", f.at(keysBelow) + "?a=%zz", urlencoded, good, 400},
		{"semicolons", "POST", f.at(keysBelow), urlencoded, good + ";a=b", 400},
		{"no content type", "POST", f.at(keysBelow), "", good, 400},
		{"JSON", "POST", f.at(keysBelow), "application/json", `{"description":"x"}`, 400},
		{"multipart", "POST", f.at(keysBelow), "multipart/form-data; boundary=b", "--b--", 400},
		{"plain text", "POST", f.at(keysBelow), "text/plain", good, 400},
		{"a broken content type", "POST", f.at(keysBelow), "application/;", good, 400},
		{"a switch that is neither on nor off", "POST", f.at("/integrations/feature"), urlencoded, good + "&on=maybe",
			400},
		{"PUT", "PUT", f.at(keysBelow), urlencoded, good, 405},
		{"DELETE", "DELETE", f.at(keysBelow + "/" + keyID + "/delete"), "", "", 405},
		{"PATCH", "PATCH", "/account", "", "", 405},
		{"POST to a page", "POST", f.at("/audit-log"), urlencoded, good, 405},
		{"GET of a form's path", "GET", "/sign-out", "", "", 405},
		{"a method nobody knows", "BREW", "/account", "", "", 405},
		{"a cursor that is none", "GET", f.at(keysBelow) + "?at=x", "", "", 400},
		{"a cursor with a wrong sum", "GET", f.at(keysBelow) + "?at=bW0zLjRmVDlhUTBiWjdMbQAAAAA", "", "", 400},
		{"a cursor that is not base64", "GET", f.at(keysBelow) + "?at=%00%ff", "", "", 400},
		{"a long cursor", "GET", f.at(keysBelow) + "?at=" + strings.Repeat("A", 20_000), "", "", 400},
		{"a cursor of the audit log", "GET", f.at("/audit-log") + "?at=x", "", "", 400},
		{"a status that is none", "GET", f.at(keysBelow) + "?status=%ff", "", "", 200},
		{"a search for anything", "GET", f.at(keysBelow) + "?q=%00%ff%25_'%22%3Cscript%3E", "", "", 200},
		{"a long search", "GET", f.at(keysBelow) + "?q=" + strings.Repeat("%F0%9F%94%91", 2000), "", "", 200},
		{"a broken query of a page", "GET", f.at(keysBelow) + "?q=%zz", "", "", 200}, // the valid part is used
	} {
		req := c.request(r.method, r.path, strings.NewReader(r.body))
		if r.kind != "" {
			req.Header.Set("Content-Type", r.kind)
		}
		got := c.do(req)
		if got.StatusCode != r.want {
			t.Errorf("%s: %s, want %d", r.name, got.Status, r.want)
		}
		checkHeaders(t, r.name, got)
		if got.StatusCode == 405 && got.Header.Get("Allow") == "" {
			t.Errorf("%s: no Allow", r.name)
		}
	}
	if got := f.client(olga).get("/operator/subscriptions?at=x"); got.StatusCode != 400 {
		t.Errorf("a cursor of the subscriptions: %s", got.Status)
	}
	if v := f.unchanged(keyID); !strings.Contains(v, "a key") {
		t.Error("something was done")
	}
}

// TestTamperedCursor changes each character of a valid cursor.
func TestTamperedCursor(t *testing.T) {
	f := newFixture(t)
	for i := range 51 {
		f.key(fmt.Sprint("key ", i), false)
	}
	c := f.client(ada)
	got := c.get(f.at(keysBelow))
	older := ""
	for n := range got.doc().Descendants() {
		if attr(n, "rel") == "next" {
			older = attr(n, "href")
		}
	}
	path, cursor, _ := strings.Cut(older, "?at=")
	if got := c.get(older); got.StatusCode != 200 || cursor == "" {
		t.Fatalf("the second page %q: %s", older, got.Status)
	}
	for i := range cursor {
		damaged := []byte(cursor)
		damaged[i] = 'A'
		if cursor[i] == 'A' {
			damaged[i] = 'B'
		}
		if got := c.get(path + "?at=" + string(damaged)); got.StatusCode != 400 {
			t.Errorf("with character %d changed: %s", i, got.Status)
		}
	}
}

// TestFormsAreShownAgain: an invalid form is answered 422 and shown again with an error and what was typed, except
// passwords.
func TestFormsAreShownAgain(t *testing.T) {
	f := newFixture(t)
	keyID, token := f.key("In use", true)
	gateAsk(f, "/gate/", proxy, http.Header{"X-Integration-Key": {token}})
	c := f.client(ada)
	keys := f.at(keysBelow)
	own := f.at(ownKeysBelow)
	long := strings.Repeat("語", 201)
	for _, r := range []struct {
		page, action string
		pairs        []string
		contains     []string
	}{
		{keys + "/new", keys, []string{"description", "", "write_access", "on"}, []string{"Fill this in.", "checked"}},
		{keys + "/new", keys, []string{"description", long}, []string{"at most 200 characters", long}},
		{keys + "/new", keys, []string{"description", "a\x00b"}, []string{"Control characters"}},
		{keys + "/new", keys, []string{"description", "a\xffb"}, []string{"not valid UTF-8"}},
		{keys + "/new", keys, []string{"description", "a\u202eb"}, []string{"override the direction"}},
		{keys + "/new", keys, []string{"description", "\u200b"}, []string{"no visible character"}},
		{keys + "/new", keys, []string{"description", "Zapier", "nonce", ""}, []string{"open for too long", "Zapier"}},
		{keys + "/new", keys, []string{"description", "Zapier", "nonce", f.NewNonce(f.sessions[tom])},
			[]string{"open for too long", "Zapier"}},
		{keys + "/new", keys, []string{"description", `"><script>alert(1)</script>`, "nonce", ""},
			[]string{"&lt;script&gt;"}},
		{keys + "/" + keyID + "/edit", keys + "/" + keyID + "/edit", []string{"description", "a\x00b"},
			[]string{"Control characters", "In use"}},
		{keys + "/" + keyID + "/delete", keys + "/" + keyID + "/delete", []string{"confirm", "in use"},
			[]string{"Nothing was deleted."}},
		{own + "/new", own, []string{"description", ""}, []string{"Fill this in."}},
		{own + "/new", own, []string{"description", long}, []string{"at most 200 characters", long}},
		{own + "/new", own, []string{"description", "a\u202eb"}, []string{"override the direction"}},
		{own + "/new", own, []string{"description", "Ideas", "nonce", f.NewNonce(f.sessions[tom])},
			[]string{"open for too long", "Ideas"}},
		{f.at(""), f.at(""), []string{"name", "\xff"}, []string{"not valid UTF-8"}},
		{f.at("/users/new"), f.at("/users"), []string{"name", "Kept", "email", "none", "role", "viewer"},
			[]string{"Kept", "Type an email address"}},
		{f.at("/users/new"), f.at("/users"), []string{"name", "X", "email", "x@example.com", "role", "root"},
			[]string{"Choose a role."}},
		{f.at("/users/" + f.members[ada] + "/edit"), f.at("/users/" + f.members[ada] + "/edit"),
			[]string{"role", "viewer"}, []string{"last Subscription admin"}},
		{"/account", "/account/name", []string{"name", "a\x00"}, []string{"Control characters"}},
		{"/account", "/account/password", []string{"current", "not-my-password", "password", "a-brand-new-password"},
			[]string{"not your current password"}},
		{"/account", "/account/password", []string{"current", password, "password", "password\xff12345"},
			[]string{"not valid UTF-8"}},
	} {
		got := c.submit(r.page, r.action, r.pairs...)
		if got.StatusCode != 422 {
			t.Errorf("%q to %s: %s", r.pairs, r.action, got.Status)
		}
		for _, text := range r.contains {
			if !strings.Contains(got.body, text) {
				t.Errorf("%q to %s: the page does not say %q", r.pairs, r.action, text)
			}
		}
		for _, secret := range []string{password, "not-my-password", "a-brand-new-password", "<script>alert"} {
			if strings.Contains(got.body, secret) {
				t.Errorf("%q to %s: the page holds %q", r.pairs, r.action, secret)
			}
		}
		if _, found := got.form(r.action); !found && !strings.HasSuffix(r.action, "/edit") {
			t.Errorf("%q to %s: the form is not there again", r.pairs, r.action)
		}
	}
}

// TestNonceOverHTTP: a form that is sent twice creates one key: after a reload, a double click, or from a page left
// open.
func TestNonceOverHTTP(t *testing.T) {
	f := newFixture(t)
	c := f.client(ada)
	keys := f.at(keysBelow)
	form, found := c.get(keys + "/new").form(keys)
	if !found {
		t.Fatal("no form")
	}
	form.Set("description", "Zapier")
	made := c.send(keys, form)
	if made.StatusCode != 201 || made.cookie(f.cookieName("reveal")) == nil || !strings.Contains(made.body, "kpint_") {
		t.Fatalf("creating: %s", made.Status)
	}
	again := c.send(keys, form)
	if again.StatusCode != 409 || !strings.Contains(again.body, "already created") ||
		strings.Contains(again.body, "kpint_") {
		t.Errorf("a resend: %s\n%s", again.Status, again.body)
	}
	if gone := again.cookie(f.cookieName("reveal")); gone == nil || gone.MaxAge >= 0 {
		t.Errorf("the next answer leaves the reveal's cookie: %v", gone)
	}
	list := c.get(keys)
	if n := strings.Count(list.body, ">Zapier<"); n != 1 {
		t.Errorf("the list shows %d keys", n)
	}
}
