package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"keyporter/internal/exclude"
)

// TestForgery: the form token and the check of the request's origin each refuse a forged request without the other, on
// every form.
func TestForgery(t *testing.T) {
	f := newFixture(t)
	keyID, _ := f.key("a key", true)
	entry := f.entry(exclude.Visitor, "ada@example.com")
	good := f.sessions[ada].FormToken()
	form := func(token string) url.Values {
		return query("csrf", token, "name", "Forged", "description", "forged", "on", "false", "role", "viewer", "email",
			"f@example.com",
			"subscription", "Forged", "entries", "forged", "entry", entry, "nonce", f.NewNonce(f.sessions[ada]),
			"current", password, "password", "another good password", "token", "x")
	}
	forgeries := map[string]func(r *http.Request) url.Values{
		"no token":            func(*http.Request) url.Values { f := form(""); f.Del("csrf"); return f },
		"an empty token":      func(*http.Request) url.Values { return form("") },
		"another's token":     func(*http.Request) url.Values { return form(f.sessions[tom].FormToken()) },
		"the session's value": func(*http.Request) url.Values { return form(f.values[ada]) },
		"from another site": func(r *http.Request) url.Values {
			r.Header.Set("Sec-Fetch-Site",
				"cross-site")
			return form(good)
		},
		"from a sister site": func(r *http.Request) url.Values {
			r.Header.Set("Sec-Fetch-Site",
				"same-site")
			return form(good)
		},
		"from another origin": func(r *http.Request) url.Values {
			r.Header.Set("Origin",
				"https://evil.example")
			return form(good)
		},
		"from an opaque origin": func(r *http.Request) url.Values { r.Header.Set("Origin", "null"); return form(good) },
	}
	c := f.client(ada)
	f.ok(f.RememberSubscription(f.ctx, f.actor(ada), f.acme))
	before := f.unchanged(keyID)
	for _, route := range routes(t) {
		method, path, _ := strings.Cut(route, " ")
		if method != "POST" {
			continue
		}
		for name, forge := range forgeries {
			r := c.request("POST", f.concrete(path, keyID), nil)
			body := strings.NewReader(forge(r).Encode())
			again := c.request("POST", f.concrete(path, keyID), body)
			again.Header = r.Header
			again.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if got := c.do(again); got.StatusCode != 403 || !strings.Contains(got.body, "out of date") {
				t.Errorf("%s with %s: %s", route, name, got.Status)
			}
		}
		if after := f.unchanged(keyID); after != before {
			t.Fatalf("%s did something: from %s to %s", route, before, after)
		}
	}
	r := c.request("POST", f.at(""), strings.NewReader(form(good).Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if got := c.do(r); got.StatusCode != 303 {
		t.Errorf("an honest form: %s", got.Status)
	}
}

// TestForgedSignIn: before there is a session, the form is bound to a cookie.
func TestForgedSignIn(t *testing.T) {
	f := newFixture(t)
	stranger := f.client(visitor)
	form := query("email", email(ada), "password", password)
	if got := stranger.send("/sign-in", form); got.StatusCode != 403 {
		t.Errorf("without anything: %s", got.Status)
	}
	other := f.client(visitor)
	form.Set("csrf", other.csrf())
	if got := stranger.send("/sign-in", form); got.StatusCode != 403 {
		t.Errorf("with another visitor's token: %s", got.Status)
	}
	stranger.csrf()
	if got := stranger.send("/sign-in", form); got.StatusCode != 403 {
		t.Errorf("with another visitor's token and a cookie of one's own: %s", got.Status)
	}
	if got := other.send("/sign-in", form); got.StatusCode != 303 {
		t.Errorf("with one's own: %s", got.Status)
	}
}
