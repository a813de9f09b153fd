package server_test

import (
	"html"
	"strings"
	"testing"
)

// resumableForms are the forms whose fields outlive a session, each with its page and what is typed.
var resumableForms = []struct {
	who, page, action string
	typed             []string
}{
	{tom, keysBelow + "/new", keysBelow, []string{"description", "Nightly <b>export</b> “é” & more",
		"write_access", "on", "ends", "date", "end_date", "2035-02-28", "end_offset", "-60",
		"contact", "Zoë", "note", "one\r\ntwo"}},
	{tom, ownKeysBelow + "/new", ownKeysBelow, []string{"description", "My ideas"}},
	{tom, "/applications/new", "/applications", []string{"name", "Phone app", "platform", "ios"}},
	{tom, "/exclude-list/visitorId/new", "/exclude-list/visitorId",
		[]string{"entries", "a@example.com\r\nb@example.com"}},
	{ada, "/users/new", "/users", []string{"name", "Mei", "email", "mei@example.com", "role", "viewer"}},
	{olga, "", "/operator/subscriptions", []string{"subscription", "Initech", "name", "Bill", "email",
		"bill@example.com"}},
}

// holds reports whether a page shows a text, ignoring line breaks.
func holds(page, text string) bool {
	plain := strings.NewReplacer("\r", "", "&#13;", "", "\n", " ")
	return strings.Contains(plain.Replace(page), plain.Replace(text))
}

// TestSessionEndsWhileAFormIsOpen: nothing is done. What was typed is kept through the sign-in, also after a wrong
// password, and the form that is shown then works.
func TestSessionEndsWhileAFormIsOpen(t *testing.T) {
	for _, c := range resumableForms {
		f := newFixture(t)
		page, action := f.at(c.page), f.at(c.action)
		if c.who == olga {
			page, action = c.action+"/new", c.action
		}
		browser := f.client(c.who)
		form, found := browser.get(page).form(action)
		if !found {
			t.Fatalf("%s has no form for %s", page, action)
		}
		for name, values := range query(c.typed...) {
			form[name] = values
		}
		f.ok(f.EndSession(f.ctx, f.actor(c.who), f.sessions[c.who].ID))
		kept := browser.send(action, form)
		signIn, found := kept.form("/sign-in")
		if kept.StatusCode != 403 || !found || !strings.Contains(kept.body, "Your session has ended") {
			t.Errorf("%s after the session's end: %s", action, kept.Status)
			continue
		}
		signIn.Set("email", email(c.who))
		signIn.Set("password", "not the password")
		again := browser.send("/sign-in", signIn)
		signIn, found = again.form("/sign-in")
		if again.StatusCode != 422 || !found {
			t.Fatalf("a wrong password: %s", again.Status)
		}
		signIn.Set("password", password)
		shown := browser.send("/sign-in", signIn)
		next, found := shown.form(action)
		if shown.StatusCode != 200 || !found {
			t.Errorf("%s after the sign-in: %s to %s", action, shown.Status, shown.Header.Get("Location"))
			continue
		}
		for name, values := range query(c.typed...) {
			if text := html.EscapeString(values[0]); !holds(shown.body, text) {
				t.Errorf("%s: %q is lost:\n%s", action, values[0], shown.body)
			}
			next[name] = values
		}
		if done := browser.send(action, next); done.StatusCode != 201 && done.StatusCode != 303 {
			t.Errorf("%s with what was kept: %s\n%s", action, done.Status, done.body)
		}
	}
}

// TestFormOfAnEarlierSession: after a new sign-in in another tab, an open form is shown again with what was typed.
func TestFormOfAnEarlierSession(t *testing.T) {
	for _, c := range resumableForms {
		f := newFixture(t)
		action := f.at(c.action)
		if c.who == olga {
			action = c.action
		}
		form := query(append([]string{"csrf", "of an earlier session", "nonce", "x"}, c.typed...)...)
		got := f.client(c.who).send(action, form)
		next, found := got.form(action)
		if got.StatusCode != 403 || !found || !strings.Contains(got.body, "out of date") {
			t.Errorf("%s: %s\n%s", action, got.Status, got.body)
			continue
		}
		if next.Get("csrf") != f.sessions[c.who].FormToken() || !holds(got.body, html.EscapeString(c.typed[1])) {
			t.Errorf("%s: the form that is shown again cannot be sent: %v", action, next)
		}
	}
}

// TestOnlyRegisteredFormsAreResumed: the sign-in leads only to known forms that the user may open.
func TestOnlyRegisteredFormsAreResumed(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		who, path string
		want      int
	}{
		{ada, f.at(keysBelow), 200},
		{vic, f.at(keysBelow), 403},
		{otto, f.at(keysBelow), 404},
		{ada, "/operator/subscriptions", 404},
		{ada, "/sign-out", 303},
		{ada, "/account/password", 303},
		{ada, f.at(keysBelow) + "/x/delete", 303},
		{ada, "//evil.example" + f.at(keysBelow), 303},
		{ada, "https://evil.example" + f.at(keysBelow), 303},
		{ada, "/nowhere", 303},
	} {
		got := f.client(visitor).post("/sign-in", query("email", email(c.who), "password", password, "kept", c.path,
			"kept.description", "x"))
		if got.StatusCode != c.want || got.cookie(f.cookieName("session")) == nil {
			t.Errorf("%s at %s: %s", c.who, c.path, got.Status)
		}
		if strings.Contains(got.Header.Get("Location"), "evil") {
			t.Errorf("%s leads to %s", c.path, got.Header.Get("Location"))
		}
	}
	token := "kpint_4fT9aQ0bZ7Lm_" + strings.Repeat("a", 32)
	_, made := f.key("a key", false)
	for _, secret := range []string{made} {
		kept := f.client(visitor).send(f.at(keysBelow), query("description", secret))
		if strings.Contains(kept.body, secret) {
			t.Error("a token that was typed stands in the sign-in page")
		}
	}
	r := f.client(visitor).request("POST", f.at(keysBelow), strings.NewReader("description="+token))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := f.client(visitor).do(r); strings.Contains(got.body, "kept.description") {
		t.Error("a form from another site is kept")
	}
	long := f.client(visitor).send(f.at("/exclude-list/visitorId"),
		query("entries", strings.Repeat("a@example.com\n", 3000)))
	if long.StatusCode != 303 {
		t.Errorf("a very long form: %s", long.Status)
	}
}
