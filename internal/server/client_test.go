package server_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// A client is the browser of one person. It keeps cookies and does not follow redirects.
type client struct {
	h     *fixture
	who   string
	http  http.Client
	token string // the form token of this session; read from a page when it is needed
}

// An answer is a response with its body.
type answer struct {
	*http.Response
	body string
}

func (f *fixture) client(who string) *client {
	f.t.Helper()
	jar, err := cookiejar.New(nil)
	f.ok(err)
	c := &client{h: f, who: who, http: http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
	if value := f.values[who]; value != "" {
		u, err := url.Parse(f.url)
		f.ok(err)
		jar.SetCookies(u, []*http.Cookie{{Name: f.cookieName("session"), Value: value, Path: "/"}})
	}
	return c
}

// do sends a request unchanged.
func (c *client) do(r *http.Request) *answer {
	c.h.t.Helper()
	got, err := c.http.Do(r)
	c.h.ok(err)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	c.h.ok(err)
	a := &answer{got, string(body)}
	c.h.mu.Lock()
	c.h.seen = append(c.h.seen, a)
	c.h.mu.Unlock()
	return a
}

func (c *client) request(method, path string, body io.Reader) *http.Request {
	c.h.t.Helper()
	r, err := http.NewRequest(method, c.h.url+path, body)
	c.h.ok(err)
	return r
}

func (c *client) get(path string) *answer {
	c.h.t.Helper()
	return c.do(c.request("GET", path, nil))
}

// send posts a form unchanged.
func (c *client) send(path string, form url.Values) *answer {
	c.h.t.Helper()
	r := c.request("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.do(r)
}

// csrf returns the form token of this session.
func (c *client) csrf() string {
	c.h.t.Helper()
	if c.token == "" {
		path := "/account"
		if c.h.values[c.who] == "" {
			path = "/sign-in"
		}
		got := c.get(path)
		for n := range got.doc().Descendants() {
			if attr(n, "name") == "csrf" {
				c.token = attr(n, "value")
			}
		}
		if c.token == "" {
			c.h.t.Fatalf("%s has no form token for %s: %s\n%s", path, c.who, got.Status, got.body)
		}
	}
	return c.token
}

// post is send with the session's form token.
func (c *client) post(path string, form url.Values) *answer {
	c.h.t.Helper()
	with := url.Values{"csrf": {c.csrf()}}
	for name, values := range form {
		with[name] = values
	}
	return c.send(path, with)
}

// submit gets a page, fills in the form for action, whose hidden inputs it leaves as they are, and sends it.
func (c *client) submit(path, action string, pairs ...string) *answer {
	c.h.t.Helper()
	got := c.get(path)
	form, found := got.form(action)
	if !found {
		c.h.t.Fatalf("%s: %s has no form for %s:\n%s", path, got.Status, action, got.body)
	}
	for name, values := range query(pairs...) {
		form[name] = values
	}
	return c.send(action, form)
}

func (a *answer) doc() *html.Node {
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		panic(err) // never: the parser accepts any text
	}
	return doc
}

// form returns the fields of the form that is posted to action, as it is before anybody fills it in.
func (a *answer) form(action string) (url.Values, bool) {
	for n := range a.doc().Descendants() {
		if n.Data != "form" || attr(n, "action") != action || attr(n, "method") != "post" {
			continue
		}
		values := url.Values{}
		for field := range n.Descendants() {
			name := attr(field, "name")
			switch {
			case name == "" || field.Data != "input" && field.Data != "select":
			case attr(field, "type") != "checkbox" || has(field, "checked"):
				values.Set(name, attr(field, "value"))
			}
			if field.Data == "option" && has(field, "selected") {
				values.Set(attr(field.Parent, "name"), attr(field, "value"))
			}
		}
		return values, true
	}
	return nil, false
}

// outcome returns the status, or "sign-in" if the answer sends a visitor to that page.
func (a *answer) outcome() string {
	if to := a.Header.Get("Location"); a.StatusCode == http.StatusSeeOther &&
		(to == "/sign-in" || strings.HasPrefix(to, "/sign-in?")) {
		return "sign-in"
	}
	if _, kept := a.form("/sign-in"); kept && a.StatusCode == http.StatusForbidden {
		return "sign-in"
	}
	return a.Status[:3]
}

func (a *answer) cookie(name string) *http.Cookie {
	for _, c := range a.Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}
