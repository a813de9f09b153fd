package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"keyporter/internal/console"
	"keyporter/internal/keyporter"
)

// routes returns the routes that are registered with Echo.
func routes(t *testing.T) []string {
	t.Helper()
	u, err := url.Parse("http://localhost")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := console.New(nil, console.Options{PublicURL: u, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	pages.Mount(e)
	var all []string
	for _, r := range e.Routes() {
		all = append(all, r.Method+" "+r.Path)
	}
	return all
}

func TestEveryRouteHasARow(t *testing.T) {
	var known []string
	for _, r := range rows {
		known = append(known, r.route)
	}
	all := routes(t)
	for _, route := range all {
		method, path, _ := strings.Cut(route, " ")
		switch {
		case method == http.MethodHead:
			if !slices.Contains(all, "GET "+path) {
				t.Errorf("%s stands alone", route)
			}
		case !slices.Contains(known, route):
			t.Errorf("%s has no row: who may?", route)
		}
	}
	for _, route := range known {
		if !slices.Contains(all, route) {
			t.Errorf("there is no route %s", route)
		}
	}
}

func (r row) ask(f *fixture, c *client) *answer {
	method, path, _ := strings.Cut(r.route, " ")
	if r.path != nil {
		path = r.path(f, c.who)
	}
	if method == http.MethodGet {
		return c.get(path)
	}
	form := url.Values{}
	if r.form != nil {
		form = r.form(f, c.who)
	}
	return c.post(path, form)
}

func TestRoutes(t *testing.T) {
	for _, r := range rows {
		t.Run(strings.ReplaceAll(r.route, "/", "|"), func(t *testing.T) {
			f := newFixture(t)
			for i, want := range strings.Fields(r.want) {
				c := f.client(everybody[i])
				got := r.ask(f, c)
				if got.outcome() != want {
					t.Errorf("%s: %s is answered %s, want %s\n%s", r.route, c.who, got.outcome(), want, got.body)
				}
				checkHeaders(t, r.route+" for "+c.who, got)
				if got.outcome() == "403" && !strings.Contains(got.body, "Ada") {
					t.Errorf("%s: %s is not told whom to ask", r.route, c.who)
				}
			}
		})
	}
}

// checkHeaders checks the headers that every answer of the console has.
func checkHeaders(t *testing.T, name string, got *answer) {
	t.Helper()
	for header, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
			"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Cache-Control":              "no-store",
	} {
		if all := got.Header.Values(header); len(all) != 1 || all[0] != want {
			t.Errorf("%s: %s is %q", name, header, all)
		}
	}
	if got.Header.Get("X-Request-Id") == "" {
		t.Errorf("%s: no request ID", name)
	}
	if got.body != "" && got.Request.Method != http.MethodHead &&
		got.Header.Get("Content-Type") != "text/html; charset=UTF-8" {
		t.Errorf("%s: the content type is %s", name, got.Header.Get("Content-Type"))
	}
}

// TestForeignAndMissingAreTheSame: a page does not reveal what exists in another subscription.
func TestForeignAndMissingAreTheSame(t *testing.T) {
	f := newFixture(t)
	keyID, _ := f.key("Acme's", true)
	c := f.client(otto)
	own, none := "/s/"+f.globex+"/settings", "4fT9aQ0bZ7Lm"
	for _, c2 := range []struct{ foreign, missing string }{
		{f.at(""), "/s/" + none + "/settings"},
		{f.at(keysBelow), "/s/" + none + "/settings" + keysBelow},
		{own + keysBelow + "/" + keyID + "/edit", own + keysBelow + "/" + none + "/edit"},
		{own + keysBelow + "/" + keyID + "/delete", own + keysBelow + "/" + none + "/delete"},
		{own + "/users/" + f.members[vic] + "/edit", own + "/users/" + none + "/edit"},
		{"/operator/subscriptions", "/nothing/here"},
		{f.at(""), "/s/../../etc/passwd"},
		{f.at(""), "/s/%00/settings"},
		{f.at(""), "/s/%ff%fe/settings"},
		{f.at(""), "/s/" + strings.Repeat("a", 5000) + "/settings"},
		{own + keysBelow + "/" + keyID + "/edit", own + keysBelow + "/%2e%2e%2f/edit"},
	} {
		foreign, missing := c.get(c2.foreign), c.get(c2.missing)
		if foreign.StatusCode != 404 || missing.StatusCode != 404 {
			t.Errorf("%s: %s; %.100s: %s", c2.foreign, foreign.Status, c2.missing, missing.Status)
		}
		if insideOf(foreign.body) != insideOf(missing.body) {
			t.Errorf("%s and %.100s are told apart:\n%s\n%s", c2.foreign, c2.missing, insideOf(foreign.body),
				insideOf(missing.body))
		}
		if strings.Contains(foreign.body, "Acme") {
			t.Errorf("%s tells of Acme", c2.foreign)
		}
	}
	for _, verb := range []string{"edit", "delete"} {
		got := c.post(own+keysBelow+"/"+keyID+"/"+verb, query("description", "mine", "confirm", "Acme's"))
		if got.StatusCode != 404 {
			t.Errorf("%s of a foreign key: %s", verb, got.Status)
		}
	}
	if _, err := f.Key(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, keyID); err != nil {
		t.Error(err)
	}
}

// insideOf returns the main part of a page, without the navigation, which depends on the path.
func insideOf(body string) string {
	_, rest, _ := strings.Cut(body, "<main")
	inside, _, _ := strings.Cut(rest, "</main>")
	return inside
}
