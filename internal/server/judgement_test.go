package server_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A carrier is one of the three headers in which a token may come.
type tokenHeader struct{ header, before string }

var tokenHeaders = []tokenHeader{{"X-Integration-Key", ""}, {"X-Pendo-Integration-Key", ""},
	{"Authorization", "Bearer "}}

func (c tokenHeader) values(tokens ...string) []string {
	var all []string
	for _, token := range tokens {
		all = append(all, c.before+token)
	}
	return all
}

// An endpoint is one way to ask the gate about a request.
type endpoint struct {
	name     string
	verify   bool // any address may ask it, and it judges the key only
	describe func(method, target string, headers http.Header) *http.Request
}

var endpoints = []endpoint{
	{"described by a proxy", false, func(method, target string, headers http.Header) *http.Request {
		r := httptest.NewRequest("GET", "/gate", nil)
		r.Header = headers
		r.Header["X-Forwarded-Method"], r.Header["X-Forwarded-Uri"] = []string{method}, []string{target}
		return r
	}},
	{"as Envoy asks", false, func(method, target string, headers http.Header) *http.Request {
		r := httptest.NewRequest(method, "/gate"+target, nil)
		r.Header = headers
		return r
	}},
	{"the key's own check", true, func(_, target string, headers http.Header) *http.Request {
		return asked("/api/v1/token/verify", target, headers)
	}},
	{"the list of applications", true, func(_, target string, headers http.Header) *http.Request {
		return asked("/api/v1/application", target, headers)
	}},
}

// asked returns a request for a path of the API with the query of a target.
func asked(path, target string, headers http.Header) *http.Request {
	_, query, _ := strings.Cut(target, "?")
	r := httptest.NewRequest("GET", path+"?"+query, nil)
	r.Header = headers
	return r
}

func (e endpoint) status(code string) int {
	switch {
	case !e.verify || code == "" || code == "unavailable":
		return statuses[code]
	case code == "application_unknown" || code == "blacklist_invalid":
		return http.StatusBadRequest
	}
	return http.StatusForbidden
}

// TestJudgement runs every case on every endpoint and with every header, because a check could be missing in one of
// them.
func TestJudgement(t *testing.T) {
	c := newJudgementSuite(t)
	for _, e := range endpoints {
		for i, in := range tokenHeaders {
			for _, p := range c.cases() {
				// verify itself is a request that reads: only the headers can make it one that writes.
				if e.verify && p.code == "write_access_required" && p.more == nil {
					if p.code = ""; strings.Contains(p.target, "appId") {
						p.code = "application_unknown"
					}
				}
				headers := http.Header{}
				if p.tokens != nil {
					headers[in.header] = in.values(p.tokens...)
				}
				for name, values := range p.more {
					headers[name] = values
				}
				c.checkCase(e, e.name+", "+in.header+", "+p.name, p, headers)
			}
			for _, other := range []tokenHeader{tokenHeaders[(i+1)%3], tokenHeaders[(i+2)%3]} {
				name := e.name + ", " + in.header + " and " + other.header
				c.checkCase(e, name, judgementCase{method: "GET", target: "/", code: "key_ambiguous"},
					http.Header{in.header: in.values(c.writer), other.header: other.values(c.writer)})
				c.checkCase(e, name+" which is empty", judgementCase{method: "GET", target: "/", code: "key_ambiguous"},
					http.Header{in.header: in.values(c.writer), other.header: {""}})
			}
		}
	}
}

// TestWhoMayAskForAJudgement: only trusted proxies are answered about a key, and they must describe the request once.
func TestWhoMayAskForAJudgement(t *testing.T) {
	c := newJudgementSuite(t)
	for _, e := range endpoints {
		for _, in := range tokenHeaders {
			for name, token := range map[string]string{"a good key": c.writer, "a deleted key": c.deleted} {
				r := e.describe("GET", "/", http.Header{in.header: in.values(token), "X-Forwarded-For": {proxy}})
				r.RemoteAddr = "203.0.113.9:4711"
				w := httptest.NewRecorder()
				c.server.ServeHTTP(w, r)
				if got := strings.Contains(w.Body.String(), "proxy_untrusted"); got == e.verify {
					t.Errorf("%s, %s from outside: %s", e.name, name, w.Body)
				}
			}
		}
	}
	for _, header := range []string{"X-Forwarded-Method", "X-Forwarded-Uri"} {
		for _, in := range tokenHeaders {
			for name, change := range map[string]func(http.Header){
				"missing": func(h http.Header) { h.Del(header) },
				"twice":   func(h http.Header) { h[header] = append(h[header], h[header]...) },
			} {
				headers := http.Header{in.header: in.values(c.writer), "X-Forwarded-Method": {"GET"},
					"X-Forwarded-Uri": {"/"}}
				change(headers)
				checkAnswer(t, header+" "+name+", "+in.header, "proxy_untrusted",
					ask(c.fixture, "GET", "/gate", proxy, headers))
			}
		}
	}
}

// checkCase sends a request to one endpoint and checks the whole answer.
func (c *judgementSuite) checkCase(e endpoint, name string, p judgementCase, headers http.Header) {
	c.t.Helper()
	r := e.describe(p.method, p.target, headers)
	r.RemoteAddr = proxy + ":4711"
	w := httptest.NewRecorder()
	var handler http.Handler = c.server
	if p.blind {
		handler = c.blind
	}
	handler.ServeHTTP(w, r)
	got := w.Result()
	body, err := io.ReadAll(got.Body)
	c.ok(err)
	got.Body = io.NopCloser(bytes.NewReader(body))
	if want := e.status(p.code); got.StatusCode != want || got.Header.Get("Cache-Control") != "no-store" {
		c.t.Errorf("%s: %s, want %d; %q", name, got.Status, want, got.Header)
		return
	}
	if values := got.Header.Values("WWW-Authenticate"); strings.Join(values, "|") != challenges[p.code] {
		c.t.Errorf("%s: the challenge is %q", name, values)
	}
	if p.code == "" {
		c.checkYes(e, name, p.scope, got, body, strings.Contains(strings.Join(headers[tokenHeaderOf(headers)], ""),
			c.writer))
		return
	}
	for _, header := range identity {
		if _, found := got.Header[header]; found {
			c.t.Errorf("%s: a no carries %s", name, header)
		}
	}
	if got.Header.Get("Keyporter-Problem") != string(body) {
		c.t.Errorf("%s: Keyporter-Problem is %q, the body %q", name, got.Header.Get("Keyporter-Problem"), body)
	}
	checkProblem(c.t, name, p.code, got)
}

// carrierOf returns the header that carries the token.
func tokenHeaderOf(headers http.Header) string {
	for _, in := range tokenHeaders {
		if headers[in.header] != nil {
			return in.header
		}
	}
	return ""
}

func (c *judgementSuite) checkYes(e endpoint, name string, s scope, got *http.Response, body []byte, writes bool) {
	c.t.Helper()
	id, access := c.readerID, "false"
	if writes {
		id, access = c.writerID, "true"
	}
	if got.Header.Get("Keyporter-Problem") != "" {
		c.t.Errorf("%s: a yes with a problem: %q", name, got.Header)
	}
	if e.name == "the list of applications" {
		if !strings.HasPrefix(string(body), `[{"id":`) || !strings.Contains(string(body), `{"id":`+c.ios+
			`,"name":"Phone","platform":"ios","isDefault":false}`) || strings.Contains(string(body), c.foreign) {
			c.t.Errorf("%s: %s", name, body)
		}
		return
	}
	if e.verify {
		var said struct {
			Valid, WriteAccess bool
			KeyID              string
		}
		if err := json.Unmarshal(body, &said); err != nil || !said.Valid || said.WriteAccess != writes ||
			said.KeyID != id {
			c.t.Errorf("%s: %s", name, body)
		}
		return
	}
	for i, want := range []string{id, c.acme, access, cmp.Or(s.applications, c.web), cmp.Or(s.blacklist, "apply")} {
		if values := got.Header[identity[i]]; len(values) != 1 || values[0] != want {
			c.t.Errorf("%s: %s is %q, want %q", name, identity[i], values, want)
		}
	}
	if len(body) != 0 {
		c.t.Errorf("%s: a yes with a body: %q", name, body)
	}
}
