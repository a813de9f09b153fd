package server_test

import (
	"bytes"
	"encoding/json"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/server"
	"keyporter/internal/store"
)

// A carrier is one of the three headers in which a token may come.
type carrier struct{ header, before string }

var carriers = []carrier{{"X-Integration-Key", ""}, {"X-Pendo-Integration-Key", ""}, {"Authorization", "Bearer "}}

func (c carrier) values(tokens ...string) []string {
	var all []string
	for _, token := range tokens {
		all = append(all, c.before+token)
	}
	return all
}

// A door is one way to be judged.
type door struct {
	name     string
	verify   bool // it is asked about a key alone, by anybody
	describe func(method, target string, headers http.Header) *http.Request
}

var judgingDoors = []door{
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
	{"the key's own check", true, func(_, _ string, headers http.Header) *http.Request {
		r := httptest.NewRequest("GET", "/api/v1/token/verify", nil)
		r.Header = headers
		return r
	}},
}

func (d door) status(code string) int {
	if d.verify && code != "" && code != "unavailable" {
		return http.StatusForbidden
	}
	return statuses[code]
}

// sealed makes a well-formed token of what anybody can know.
func sealed(text string) string {
	const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	check := make([]byte, 6)
	for i, sum := 5, crc32.ChecksumIEEE([]byte(text)); i >= 0; i-- {
		check[i] = base62[sum%62]
		sum /= 62
	}
	return text + string(check)
}

// A court is everything that TestJudgement asks about.
type court struct {
	*house
	readerID, reader, writerID, writer    string
	deleted, off, withdrawn               string
	blind                                 http.Handler // the same server where the database cannot be asked
	unknown, wrongSecret, malformed, typo string
}

func newCourt(t *testing.T) *court {
	c := &court{house: newHouse(t)}
	c.readerID, c.reader = c.key("reads", false)
	c.writerID, c.writer = c.key("writes", true)
	var id string
	id, c.deleted = c.key("gone", true)
	c.ok(c.DeleteKey(c.ctx, c.actor(ada), c.acme, id, ""))
	c.off = c.keyOf(otto, c.globex)
	c.ok(c.SwitchFeature(c.ctx, c.actor(otto), c.globex, false))
	vendor, err := c.Home(c.ctx, c.actor(olga))
	c.ok(err)
	c.ok(c.GrantFeature(c.ctx, c.actor(olga), vendor, true))
	c.ok(c.SwitchFeature(c.ctx, c.actor(olga), vendor, true))
	c.withdrawn = c.keyOf(olga, vendor)
	c.ok(c.GrantFeature(c.ctx, c.actor(olga), vendor, false))
	secret := strings.Repeat("a", 32)
	c.unknown, c.wrongSecret = sealed("kpint_000000000000_"+secret), sealed("kpint_"+c.writerID+"_"+secret)
	c.malformed = c.writer[:40]
	c.typo = c.writer[:len(c.writer)-1] + map[bool]string{true: "1", false: "0"}[strings.HasSuffix(c.writer, "0")]
	// A process beside the owner of a file cannot know what keys open, nor can one of PostgreSQL's that has closed it.
	beside, err := store.OpenBeside(c.ctx, c.path)
	c.ok(err)
	t.Cleanup(func() { beside.Close() })
	if engine.String() == "postgres" {
		c.ok(beside.Close())
	}
	c.blind, err = server.New(server.Parts{Config: settings(t), Porter: keyporter.New(beside, keyporter.Options{}), Ready: beside.Ready, Log: slog.New(slog.DiscardHandler)})
	c.ok(err)
	return c
}

func (c *court) keyOf(who, subscription string) string {
	c.t.Helper()
	form := keyporter.KeyForm{Description: "a key", Write: true, Nonce: c.NewNonce(c.sessions[who])}
	_, token, err := c.CreateKey(c.ctx, c.sessions[who], home, subscription, form)
	c.ok(err)
	return token.Reveal()
}

// A plea is one request and what it is answered with, whatever the door and the header.
type plea struct {
	name, method, target string
	tokens               []string
	more                 http.Header // beside the token
	code                 string      // "" for a yes
	blind                bool
}

// override is a header that may make another method of a request, with nothing in it.
func override(name string) http.Header { return http.Header{name: {""}} }

func (c *court) pleas() []plea {
	secret := strings.Repeat("a", 32)
	one := func(token string) []string { return []string{token} }
	const read, write, aggregation = "GET", "DELETE", "/api/v1/aggregation"
	return []plea{
		{"no token", write, "/", nil, nil, "key_missing", false},
		{"no token, blind", write, "/", nil, nil, "key_missing", true},
		{"a token in the URL alone", read, "/?X-Integration-Key=" + c.writer, nil, nil, "key_missing", false},
		{"the same twice", read, "/", []string{c.writer, c.writer}, nil, "key_ambiguous", false},
		{"two different ones", write, "/", []string{c.writer, c.deleted}, nil, "key_ambiguous", false},
		{"two malformed ones, blind", write, "/", []string{"x", "y"}, nil, "key_ambiguous", true},
		{"an application key", write, "/", one("kpapp_" + secret), nil, "key_wrong_kind", false},
		{"a Feedback API key, blind", write, "/", one(sealed("kpfbk_" + c.readerID + "_" + secret)), nil, "key_wrong_kind", true},
		{"an empty header", read, "/", one(""), nil, "key_invalid", false},
		{"malformed", read, "/", one(c.malformed), nil, "key_invalid", false},
		{"malformed, blind", write, "/", one(c.malformed), nil, "key_invalid", true},
		{"a wrong check", read, "/", one(c.typo), nil, "key_invalid", false},
		{"unknown", read, "/", one(c.unknown), nil, "key_invalid", false},
		{"a wrong secret", read, "/", one(c.wrongSecret), nil, "key_invalid", false},
		{"deleted", read, "/", one(c.deleted), nil, "key_invalid", false},
		{"a good key, blind", read, "/", one(c.writer), nil, "unavailable", true},
		{"feature off", read, "/", one(c.off), nil, "feature_disabled", false},
		{"feature withdrawn", read, "/", one(c.withdrawn), nil, "feature_disabled", false},
		{"a read-only key on a write", write, "/", one(c.reader), nil, "write_access_required", false},
		{"a read-only key on a method nobody knows", "PROPFIND", "/", one(c.reader), nil, "write_access_required", false},
		{"a read-only key with an override", read, "/", one(c.reader), override("X-Http-Method-Override"), "write_access_required", false},
		{"a read-only key with another override", read, "/", one(c.reader), override("X-Http-Method"), "write_access_required", false},
		{"a read-only key with a third override", "POST", aggregation, one(c.reader), override("X-Method-Override"), "write_access_required", false},
		{"a read-only key on a read", read, "/x?y=z", one(c.reader), nil, "", false},
		{"a read-only key on a path that reads", "POST", aggregation + "?x", one(c.reader), nil, "", false},
		{"a read-only key below a path that reads", "POST", aggregation + "/x", one(c.reader), nil, "write_access_required", false},
		{"a read-only key on a path that reads, written otherwise", "POST", "/api/v1/%61ggregation", one(c.reader), nil, "write_access_required", false},
		{"a writing key on a read", "HEAD", "/", one(c.writer), nil, "", false},
		{"a writing key on a write", write, "/", one(c.writer), nil, "", false},
		{"a writing key with an override", read, "/", one(c.writer), override("X-Http-Method-Override"), "", false},
	}
}

// TestJudgement runs every case through every door and in every header: a check that one of them forgets shows here.
func TestJudgement(t *testing.T) {
	c := newCourt(t)
	for _, d := range judgingDoors {
		for i, in := range carriers {
			for _, p := range c.pleas() {
				// The key's own check reads, whatever the key is for: only what the headers say can make a write of it.
				if d.verify && p.code == "write_access_required" && p.more == nil {
					p.code = ""
				}
				headers := http.Header{}
				if p.tokens != nil {
					headers[in.header] = in.values(p.tokens...)
				}
				for name, values := range p.more {
					headers[name] = values
				}
				c.hear(d, d.name+", "+in.header+", "+p.name, p, headers)
			}
			for _, other := range []carrier{carriers[(i+1)%3], carriers[(i+2)%3]} {
				name := d.name + ", " + in.header + " and " + other.header
				c.hear(d, name, plea{method: "GET", target: "/", code: "key_ambiguous"},
					http.Header{in.header: in.values(c.writer), other.header: other.values(c.writer)})
				c.hear(d, name+" which is empty", plea{method: "GET", target: "/", code: "key_ambiguous"},
					http.Header{in.header: in.values(c.writer), other.header: {""}})
			}
		}
	}
}

// TestWhoMayAskForAJudgement: nothing is said about a key to who is no proxy, and what describes a request comes once.
func TestWhoMayAskForAJudgement(t *testing.T) {
	c := newCourt(t)
	for _, d := range judgingDoors {
		for _, in := range carriers {
			for name, token := range map[string]string{"a good key": c.writer, "a deleted key": c.deleted} {
				r := d.describe("GET", "/", http.Header{in.header: in.values(token), "X-Forwarded-For": {proxy}})
				r.RemoteAddr = "203.0.113.9:4711"
				w := httptest.NewRecorder()
				c.server.ServeHTTP(w, r)
				if got := strings.Contains(w.Body.String(), "proxy_untrusted"); got == d.verify {
					t.Errorf("%s, %s from outside: %s", d.name, name, w.Body)
				}
			}
		}
	}
	for _, header := range []string{"X-Forwarded-Method", "X-Forwarded-Uri"} {
		for _, in := range carriers {
			for name, change := range map[string]func(http.Header){
				"missing": func(h http.Header) { h.Del(header) },
				"twice":   func(h http.Header) { h[header] = append(h[header], h[header]...) },
			} {
				headers := http.Header{in.header: in.values(c.writer), "X-Forwarded-Method": {"GET"}, "X-Forwarded-Uri": {"/"}}
				change(headers)
				checkAnswer(t, header+" "+name+", "+in.header, "proxy_untrusted", ask(c.house, "GET", "/gate", proxy, headers))
			}
		}
	}
}

// hear asks one door and checks everything that its answer says.
func (c *court) hear(d door, name string, p plea, headers http.Header) {
	c.t.Helper()
	r := d.describe(p.method, p.target, headers)
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
	if want := d.status(p.code); got.StatusCode != want || got.Header.Get("Cache-Control") != "no-store" {
		c.t.Errorf("%s: %s, want %d; %q", name, got.Status, want, got.Header)
		return
	}
	if values := got.Header.Values("WWW-Authenticate"); strings.Join(values, "|") != challenges[p.code] {
		c.t.Errorf("%s: the challenge is %q", name, values)
	}
	if p.code == "" {
		c.checkYes(d, name, got, body, strings.Contains(strings.Join(headers[carrierOf(headers)], ""), c.writer))
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
func carrierOf(headers http.Header) string {
	for _, in := range carriers {
		if headers[in.header] != nil {
			return in.header
		}
	}
	return ""
}

func (c *court) checkYes(d door, name string, got *http.Response, body []byte, writes bool) {
	c.t.Helper()
	id, access := c.readerID, "false"
	if writes {
		id, access = c.writerID, "true"
	}
	if got.Header.Get("Keyporter-Problem") != "" {
		c.t.Errorf("%s: a yes with a problem: %q", name, got.Header)
	}
	if d.verify {
		var said struct {
			Valid, WriteAccess bool
			KeyID              string
		}
		if err := json.Unmarshal(body, &said); err != nil || !said.Valid || said.WriteAccess != writes || said.KeyID != id {
			c.t.Errorf("%s: %s", name, body)
		}
		return
	}
	for i, want := range []string{id, c.acme, access, "*", "apply"} {
		if values := got.Header[identity[i]]; len(values) != 1 || values[0] != want {
			c.t.Errorf("%s: %s is %q, want %q", name, identity[i], values, want)
		}
	}
	if len(body) != 0 {
		c.t.Errorf("%s: a yes with a body: %q", name, body)
	}
}
