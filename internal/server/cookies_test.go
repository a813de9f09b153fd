package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

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
