package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestSignInAndOut(t *testing.T) {
	f := newFixture(t)
	c := f.client(visitor)
	asked := f.at(keysBelow) + "?q=a%20b&status=never"
	got := c.get(asked)
	to := got.Header.Get("Location")
	if got.StatusCode != 303 || !strings.HasPrefix(to, "/sign-in?next=") {
		t.Fatalf("a page for a visitor: %s to %s", got.Status, to)
	}
	if got = c.submit(to, "/sign-in", "email", email(ada), "password", "not the password"); got.StatusCode != 422 ||
		!strings.Contains(got.body, email(ada)) || strings.Contains(got.body, "not the password") {
		t.Errorf("a wrong password: %s\n%s", got.Status, got.body)
	}
	got = c.submit(to, "/sign-in", "email", email(ada), "password", password)
	if got.StatusCode != 303 || got.Header.Get("Location") != asked {
		t.Errorf("signed in: %s to %s", got.Status, got.Header.Get("Location"))
	}
	value := got.cookie(f.cookieName("session")).Value
	if got = c.get(asked); got.StatusCode != 200 || !strings.Contains(got.body,
		"<title>Integration Keys · Acme · Keyporter</title>") {
		t.Errorf("the page that was asked for: %s", got.Status)
	}
	got = c.submit("/account", "/sign-out")
	if gone := got.cookie(f.cookieName("session")); got.outcome() != "sign-in" || gone == nil || gone.MaxAge >= 0 {
		t.Errorf("signed out: %s, %v", got.outcome(), gone)
	}
	old := f.client(visitor)
	r := old.request("GET", "/account", nil)
	r.AddCookie(&http.Cookie{Name: f.cookieName("session"), Value: value})
	if got := old.do(r); got.outcome() != "sign-in" {
		t.Errorf("the old value after the sign-out: %s", got.outcome())
	}
}

// TestNext: a sign-in leads only to local paths.
func TestNext(t *testing.T) {
	f := newFixture(t)
	for next, want := range map[string]string{
		"":                        "/",
		"/account":                "/account",
		"/s/x/settings?a=b&c=d#e": "/s/x/settings?a=b&c=d#e",
		"//evil.example/":         "/",
		"///evil.example":         "/",
		`/\evil.example`:          "/",
		`\/evil.example`:          "/",
		"https://evil.example/":   "/",
		"javascript:alert(1)":     "/",
		"evil.example":            "/",
		"/\tevil":                 "/",
		"/\r\nLocation: //evil":   "/",
		"/%zz":                    "/",
		" /account":               "/",
	} {
		c := f.client(visitor)
		got := c.post("/sign-in", query("email", email(ada), "password", password, "next", next))
		if to := got.Header.Get("Location"); got.StatusCode != 303 || to != want {
			t.Errorf("next %q leads to %q (%s), want %q", next, to, got.Status, want)
		}
		shown := c.get("/sign-in?" + query("next", next).Encode()) // a user who is signed in is redirected at once
		if to := shown.Header.Get("Location"); to != want {
			t.Errorf("next %q leads who is signed in to %q", next, to)
		}
	}
}

func TestTooManyTries(t *testing.T) {
	f := newFixture(t)
	c := f.client(visitor)
	for range 5 {
		if got := c.post("/sign-in", query("email", email(ada), "password",
			"not the password")); got.StatusCode != 422 {
			t.Fatal(got.Status)
		}
	}
	got := c.post("/sign-in", query("email", "ADA@example.com", "password", password))
	if got.StatusCode != 429 || got.Header.Get("Retry-After") != "1" ||
		!strings.Contains(got.body, "Wait 1 second and try again") || !strings.Contains(got.body, "not locked") ||
		!strings.Contains(got.body, "ADA@example.com") {
		t.Errorf("the sixth try: %s, Retry-After %q\n%s", got.Status, got.Header.Get("Retry-After"), got.body)
	}
	if got := f.client(tom).get("/account"); got.StatusCode != 200 {
		t.Errorf("who is signed in: %s", got.Status)
	}
	a := f.client(ada)
	for range 2 {
		if got := a.post("/account/password", query("current", password, "password",
			"another good password")); got.StatusCode != 429 || got.Header.Get("Retry-After") == "" {
			t.Errorf("changing the password meanwhile: %s", got.Status)
		}
	}
}

// TestRotation: the next answer after a change of rights sets a new session cookie, which works.
func TestRotation(t *testing.T) {
	f := newFixture(t)
	c := f.client(tom)
	if got := c.get("/account"); got.cookie(f.cookieName("session")) != nil {
		t.Error("a new value without a cause")
	}
	f.ok(f.ChangeRights(f.ctx, f.actor(ada), f.acme, f.members[tom], "viewer", false))
	got := c.get(f.at(keysBelow))
	cookie := got.cookie(f.cookieName("session"))
	if got.StatusCode != 403 || cookie == nil || cookie.Value == f.values[tom] || !cookie.HttpOnly {
		t.Fatalf("the next request: %s, %v", got.Status, cookie)
	}
	if got := c.get("/account"); got.StatusCode != 200 || got.cookie(f.cookieName("session")) != nil {
		t.Errorf("the one after: %s", got.Status)
	}
}

// TestClientAddress: the address is the rightmost in X-Forwarded-For that is not a trusted proxy, and never X-Real-IP.
func TestClientAddress(t *testing.T) {
	f := newFixture(t, "--trusted-proxies", "127.0.0.0/8,::1/128,10.0.0.0/8,2001:db8::/32")
	for _, c := range []struct {
		name, from string
		headers    http.Header
		want       string
	}{
		{"nothing", "203.0.113.9", http.Header{}, "203.0.113.9"},
		{"a proxy that says nothing", "127.0.0.1", http.Header{}, "127.0.0.1"},
		{"one proxy", "127.0.0.1", http.Header{"X-Forwarded-For": {"203.0.113.9"}}, "203.0.113.9"},
		{"two proxies", "127.0.0.1", http.Header{"X-Forwarded-For": {"203.0.113.9, 10.1.2.3"}}, "203.0.113.9"},
		{"two headers", "127.0.0.1", http.Header{"X-Forwarded-For": {"203.0.113.9", "10.1.2.3"}}, "203.0.113.9"},
		{"what a client made up stands to the left", "127.0.0.1",
			http.Header{"X-Forwarded-For": {"1.1.1.1, 203.0.113.9, 10.1.2.3"}}, "203.0.113.9"},
		{"from no proxy", "203.0.113.9", http.Header{"X-Forwarded-For": {"1.1.1.1"}}, "203.0.113.9"},
		{"a private network that is not ours", "192.168.0.1", http.Header{"X-Forwarded-For": {"1.1.1.1"}},
			"192.168.0.1"},
		{"a link-local address", "fe80::1", http.Header{"X-Forwarded-For": {"1.1.1.1"}}, "fe80::1"},
		{"IPv6", "::1", http.Header{"X-Forwarded-For": {"2a00::1, 2001:db8::5"}}, "2a00::1"},
		{"garbage", "127.0.0.1", http.Header{"X-Forwarded-For": {"<script>"}}, "unknown"},
		{"with a port", "127.0.0.1", http.Header{"X-Forwarded-For": {"[2a00::1]:4711"}}, "2a00::1"},
		{"in quotation marks", "127.0.0.1", http.Header{"X-Forwarded-For": {`"[2a00::1]:4711"`}}, "2a00::1"},
		{"IPv4 in quotation marks", "127.0.0.1", http.Header{"X-Forwarded-For": {`"203.0.113.9"`}}, "203.0.113.9"},
		{"IPv4 in brackets", "127.0.0.1", http.Header{"X-Forwarded-For": {"[203.0.113.9]"}}, "203.0.113.9"},
		{"IPv4 within IPv6", "127.0.0.1", http.Header{"X-Forwarded-For": {"::ffff:203.0.113.9"}}, "203.0.113.9"},
		{"empty", "127.0.0.1", http.Header{"X-Forwarded-For": {""}}, "127.0.0.1"},
		{"X-Real-IP", "127.0.0.1", http.Header{"X-Real-Ip": {"1.1.1.1"}}, "127.0.0.1"},
		{"Forwarded", "127.0.0.1", http.Header{"Forwarded": {"for=1.1.1.1"}}, "127.0.0.1"},
	} {
		before := len(f.log.String())
		ask(f, "GET", "/sign-in", c.from, c.headers)
		var line struct{ Client string }
		said := strings.Split(strings.TrimSpace(f.log.String()[before:]), "\n") // a warning may precede it
		if err := json.Unmarshal([]byte(said[len(said)-1]), &line); err != nil || line.Client != c.want {
			t.Errorf("%s: the client is %q, want %q (%v)", c.name, line.Client, c.want, err)
		}
	}
}

// TestSessionsOnTheAccountPage: the page lists the sessions, and each can be ended.
func TestSessionsOnTheAccountPage(t *testing.T) {
	f := newFixture(t)
	second := f.client(visitor)
	if got := second.submit("/sign-in", "/sign-in", "email", email(ada), "password", password); got.StatusCode != 303 {
		t.Fatal(got.Status)
	}
	account := second.get("/account")
	action := "/account/sessions/" + f.sessions[ada].ID + "/end"
	if n := strings.Count(account.body, "/end\""); n != 1 && n != 2 || !strings.Contains(account.body, action) {
		t.Fatalf("%d sessions can be ended:\n%s", n, account.body)
	}
	if got := second.submit("/account", action); got.StatusCode != 303 || got.Header.Get("Location") != "/account" {
		t.Errorf("ending the first: %s to %s", got.Status, got.Header.Get("Location"))
	}
	if got := f.client(ada).get("/account"); got.outcome() != "sign-in" {
		t.Errorf("the first goes on: %s", got.outcome())
	}
	if got := second.get("/account"); got.StatusCode != 200 {
		t.Errorf("the second: %s", got.Status)
	}
}
