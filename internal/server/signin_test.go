package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
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

// TestDeviceCookie: wrong passwords from others do not delay a browser that has signed in before; other browsers have
// to wait.
func TestDeviceCookie(t *testing.T) {
	f := newFixture(t)
	known, others, unknown := f.client(visitor), f.client(visitor), f.client(visitor)
	got := known.submit("/sign-in", "/sign-in", "email", email(ada), "password", password)
	device := got.cookie(f.cookieName("device"))
	if got.StatusCode != 303 || device == nil || !device.HttpOnly || device.Secure ||
		device.SameSite != http.SameSiteLaxMode || device.MaxAge <= 0 {
		t.Fatalf("the first sign-in: %s, %v", got.Status, device)
	}
	known.submit("/account", "/sign-out")
	for range 6 {
		others.post("/sign-in", query("email", email(ada), "password", "not the password"))
	}
	for i := range 24 {
		if got := unknown.post("/sign-in", query("email", email(ada), "password", password)); got.StatusCode != 429 {
			t.Fatalf("an unknown browser: %s", got.Status)
		}
		if got := known.submit("/sign-in", "/sign-in", "email", email(ada), "password",
			password); got.StatusCode != 303 {
			t.Fatalf("sign-in %d of the known browser: %s", i+1, got.Status)
		}
		known.submit("/account", "/sign-out")
	}
	known.submit("/sign-in", "/sign-in", "email", email(ada), "password", password)
	if got := known.submit("/account", "/account/password", "current", password, "password",
		"another good password"); got.StatusCode != 303 {
		t.Fatalf("changing the password: %s", got.Status)
	}
	if got := known.submit("/account", "/sign-out"); got.StatusCode != 303 {
		t.Fatal(got.Status)
	}
	if got := known.submit("/sign-in", "/sign-in", "email", email(ada), "password",
		"another good password"); got.StatusCode != 303 {
		t.Errorf("the known browser after the change of its password: %s", got.Status)
	}
	stale := f.client(visitor)
	u, err := url.Parse(f.url)
	f.ok(err)
	stale.http.Jar.SetCookies(u, []*http.Cookie{{Name: device.Name, Value: device.Value, Path: "/"}})
	if got := stale.post("/sign-in", query("email", email(ada), "password",
		"another good password")); got.StatusCode != 429 {
		t.Errorf("the device cookie of the earlier password: %s", got.Status)
	}
}

// TestCookies: attributes and names depend only on the public URL's scheme.
func TestCookies(t *testing.T) {
	for _, c := range []struct {
		url, prefix string
		secure      bool
	}{
		{"http://localhost:8080", "keyporter-", false},
		{"https://keys.example.com", "__Host-keyporter-", true},
	} {
		f := newFixture(t, "--public-url", c.url)
		r := httptest.NewRequest("GET", "/sign-in", nil)
		r.RemoteAddr = "127.0.0.1:4711"
		r.Header.Set("X-Forwarded-Proto", map[bool]string{true: "http", false: "https"}[c.secure]) // the other scheme
		w := httptest.NewRecorder()
		f.server.ServeHTTP(w, r)
		page := &answer{w.Result(), w.Body.String()}
		form, _ := page.form("/sign-in")
		form.Set("email", email(ada))
		form.Set("password", password)
		r = httptest.NewRequest("POST", "/sign-in", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, cookie := range page.Cookies() {
			r.AddCookie(cookie)
		}
		w = httptest.NewRecorder()
		f.server.ServeHTTP(w, r)
		all := append(page.Cookies(), w.Result().Cookies()...)
		if len(all) != 3 || w.Code != 303 {
			t.Fatalf("%s: %d, %v", c.url, w.Code, all)
		}
		for _, cookie := range all {
			if !strings.HasPrefix(cookie.Name, c.prefix) || cookie.Secure != c.secure || !cookie.HttpOnly ||
				cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" {
				t.Errorf("%s: %s", c.url, cookie)
			}
		}
		value := all[1].Value
		other := "__Host-" + f.cookieName("session")
		if c.secure {
			other = strings.TrimPrefix(f.cookieName("session"), "__Host-")
		}
		for _, name := range []string{f.cookieName("session"), other} {
			r = httptest.NewRequest("GET", "/account", nil)
			r.AddCookie(&http.Cookie{Name: name, Value: value})
			w = httptest.NewRecorder()
			f.server.ServeHTTP(w, r)
			if read := w.Code == 200; read != (name == f.cookieName("session")) {
				t.Errorf("%s: the cookie %s is read: %v", c.url, name, read)
			}
		}
	}
}

// TestTwoInstallationsOnOneHost: a browser, which sends cookies to every port of a host, can be signed in to two
// installations on one host.
func TestTwoInstallationsOnOneHost(t *testing.T) {
	for _, urls := range [][2]string{
		{"http://localhost:8080", "http://localhost:8081"}, {"https://keys.example.com",
			"https://keys.example.com:8443"},
	} {
		jar := map[string]*http.Cookie{}
		var both []*fixture
		for _, public := range urls {
			f := newFixture(t, "--public-url", public)
			both = append(both, f)
			page := throughJar(f, jar, "GET", "/sign-in", "")
			form, _ := page.form("/sign-in")
			form.Set("email", email(ada))
			form.Set("password", password)
			if got := throughJar(f, jar, "POST", "/sign-in", form.Encode()); got.StatusCode != 303 {
				t.Fatalf("%s: %s", public, got.Status)
			}
		}
		for i, f := range both {
			if got := throughJar(f, jar, "GET", "/account", ""); got.StatusCode != 200 {
				t.Errorf("%s: signed out by the other installation: %s", urls[i], got.Status)
			}
		}
	}
}

// throughJar sends a request with the cookies of a browser that distinguishes hosts, but not ports.
func throughJar(f *fixture, jar map[string]*http.Cookie, method, path, body string) *answer {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:4711"
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, cookie := range jar {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		jar[cookie.Name] = cookie
		if cookie.MaxAge < 0 {
			delete(jar, cookie.Name)
		}
	}
	return &answer{w.Result(), w.Body.String()}
}

// TestGarbageCookies: a request with an invalid cookie is one of an anonymous visitor.
func TestGarbageCookies(t *testing.T) {
	f := newFixture(t)
	for _, value := range []string{"x", strings.Repeat("a", 8000), "%00%ff", f.values[ada] + "x",
		strings.ToLower(f.values[ada]), "\"quoted\"", "="} {
		for _, path := range []string{"/account", f.at(keysBelow), "/operator/subscriptions"} {
			got := ask(f, "GET", path, "127.0.0.1", http.Header{"Cookie": {f.cookieName("session") + "=" + value +
				"; " + f.cookieName("flash") + "=" + value + "; " + f.cookieName("form") + "=" + value}})
			if got.StatusCode != 303 {
				t.Errorf("%s with %.30q: %s", path, value, got.Status)
			}
		}
	}
	got := ask(f, "GET", "/account", "127.0.0.1", http.Header{"Cookie": {f.cookieName("session") + "=" + f.values[ada] +
		"; " + f.cookieName("flash") + "=<b>x</b>"}})
	if got.StatusCode != 200 {
		t.Errorf("with a flash cookie of no message: %s", got.Status)
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
