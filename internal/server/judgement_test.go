package server_test

import (
	"bytes"
	"cmp"
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

// sealed makes a well-formed token of what anybody can know.
func withChecksum(text string) string {
	const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	check := make([]byte, 6)
	for i, sum := 5, crc32.ChecksumIEEE([]byte(text)); i >= 0; i-- {
		check[i] = base62[sum%62]
		sum /= 62
	}
	return text + string(check)
}

// A judgementSuite holds the keys, tokens and applications of the judgement tests.
type judgementSuite struct {
	*fixture
	readerID, reader, writerID, writer    string
	deleted, off, withdrawn               string
	blind                                 http.Handler // the same server without access to the database
	unknown, wrongSecret, malformed, typo string
	web, ios, foreign                     string // IDs of applications: the default one, another, a foreign one
}

func newJudgementSuite(t *testing.T) *judgementSuite {
	c := &judgementSuite{fixture: newFixture(t)}
	c.readerID, c.reader = c.key("reads", false)
	c.writerID, c.writer = c.key("writes", true)
	var id string
	id, c.deleted = c.key("gone", true)
	c.ok(c.DeleteKey(c.ctx, c.actor(ada), c.acme, keyporter.IntegrationKey, id, ""))
	all, err := c.Applications(c.ctx, c.actor(ada), c.acme)
	c.ok(err)
	other, err := c.CreateApplication(c.ctx, c.actor(ada), c.acme,
		keyporter.ApplicationForm{Name: "Phone", Platform: keyporter.IOS,
			Once: c.Once(c.sessions[ada], c.NewNonce(c.sessions[ada]))})
	c.ok(err)
	theirs, err := c.Applications(c.ctx, c.actor(otto), c.globex)
	c.ok(err)
	c.web, c.ios, c.foreign = all[0].ID.String(), other.ID.String(), theirs[0].ID.String()
	c.off = c.keyOf(otto, c.globex)
	c.ok(c.SwitchFeature(c.ctx, c.actor(otto), c.globex, false))
	vendor, err := c.FirstSubscription(c.ctx, c.actor(olga))
	c.ok(err)
	c.ok(c.SetFeatureAvailable(c.ctx, c.actor(olga), vendor, true))
	c.ok(c.SwitchFeature(c.ctx, c.actor(olga), vendor, true))
	c.withdrawn = c.keyOf(olga, vendor)
	c.ok(c.SetFeatureAvailable(c.ctx, c.actor(olga), vendor, false))
	secret := strings.Repeat("a", 32)
	c.unknown, c.wrongSecret = withChecksum("kpint_000000000000_"+secret), withChecksum("kpint_"+c.writerID+"_"+secret)
	c.malformed = c.writer[:40]
	c.typo = c.writer[:len(c.writer)-1] + map[bool]string{true: "1", false: "0"}[strings.HasSuffix(c.writer, "0")]
	// A process that opened a file attached cannot judge, nor can one that has closed its PostgreSQL database.
	beside, err := store.OpenAttached(c.ctx, c.path)
	c.ok(err)
	t.Cleanup(func() { beside.Close() })
	if engine.String() == "postgres" {
		c.ok(beside.Close())
	}
	c.blind, err = server.New(server.Options{Config: settings(t), Porter: keyporter.New(beside, keyporter.Options{}),
		Ready: beside.Ready, Log: slog.New(slog.DiscardHandler)})
	c.ok(err)
	return c
}

func (c *judgementSuite) keyOf(who, subscription string) string {
	c.t.Helper()
	form := keyporter.KeyForm{Description: "a key", Write: true,
		Once: c.Once(c.sessions[who], c.NewNonce(c.sessions[who]))}
	_, token, err := c.CreateKey(c.ctx, c.sessions[who].Actor(home), subscription, keyporter.IntegrationKey, form)
	c.ok(err)
	return token.Reveal()
}

// A judgementCase is a request and the answer to it, which is the same for every endpoint and header.
type judgementCase struct {
	name, method, target string
	tokens               []string
	more                 http.Header // apart from the token
	code                 string      // "" for a yes
	blind                bool
	scope                scope
}

// A scope is what a yes says about applications and the Exclude List; "" stands for the default.
type scope struct{ applications, blacklist string }

// override returns an empty header that may override the method.
func override(name string) http.Header { return http.Header{name: {""}} }

func (c *judgementSuite) cases() []judgementCase {
	secret := strings.Repeat("a", 32)
	one := func(token string) []string { return []string{token} }
	const read, write, aggregation = "GET", "DELETE", "/api/v1/aggregation"
	both := c.web + "," + c.ios
	if len(c.web) > len(c.ios) || len(c.web) == len(c.ios) && c.web > c.ios {
		both = c.ios + "," + c.web
	}
	reads := func(name, query, code string, want scope) judgementCase {
		return judgementCase{name: name, method: read, target: "/x?" + query, tokens: one(c.reader), code: code,
			scope: want}
	}
	const unknown, invalid = "application_unknown", "blacklist_invalid"
	return append([]judgementCase{
		reads("one application", "appId="+c.ios, "", scope{applications: c.ios}),
		reads("the default one by name", "from=1&appId="+c.web+"&to=2", "", scope{applications: c.web}),
		reads("two, repeated", "appId="+c.ios+"&appId="+c.web+"&appId="+c.ios, "", scope{applications: both}),
		reads("two, with commas", "appId="+c.web+","+c.ios+","+c.web, "", scope{applications: both}),
		reads("two, with escaped commas", "appId="+c.ios+"%2C"+c.web, "", scope{applications: both}),
		reads("an escaped name", "%61ppId="+c.ios, "", scope{applications: c.ios}),
		reads("all", "expand=*", "", scope{applications: "*"}),
		reads("all, escaped and twice", "expand=%2A&expand=*", "", scope{applications: "*"}),
		reads("another name", "appid="+c.foreign+"&AppId=x&blacklists=x&expanded=x", "", scope{}),
		reads("the list ignored", "blacklist=ignore", "", scope{blacklist: "ignore"}),
		reads("the list alone", "expand=*&blacklist=only", "", scope{applications: "*", blacklist: "only"}),
		reads("the list applied, twice", "blacklist=apply&blacklist=apply", "", scope{}),
		reads("somebody else's", "appId="+c.foreign, unknown, scope{}),
		reads("one's own and somebody else's", "appId="+c.web+","+c.foreign, unknown, scope{}),
		reads("nobody's", "appId=1", unknown, scope{}),
		reads("an empty ID", "appId=", unknown, scope{}),
		reads("an empty ID behind a comma", "appId="+c.web+",", unknown, scope{}),
		reads("a float", "appId="+c.web+".0", unknown, scope{}),
		reads("an exponent", "appId=1e3", unknown, scope{}),
		reads("a negative", "appId=-"+c.web, unknown, scope{}),
		reads("a sign", "appId=%2B"+c.web, unknown, scope{}),
		reads("a leading zero", "appId=0"+c.web, unknown, scope{}),
		reads("zero", "appId=0", unknown, scope{}),
		reads("2^53", "appId=9007199254740992", unknown, scope{}),
		reads("over 64 bits", "appId=99999999999999999999", unknown, scope{}),
		reads("other digits", "appId=%D9%A1", unknown, scope{}),
		reads("broken escapes", "appId=%zz", unknown, scope{}),
		reads("all and one", "expand=*&appId="+c.web, unknown, scope{}),
		reads("another expand", "expand=all", unknown, scope{}),
		reads("a bad list", "blacklist=off", invalid, scope{}),
		reads("a bad list in capitals", "blacklist=Apply", invalid, scope{}),
		reads("an empty list", "blacklist", invalid, scope{}),
		reads("lists that contradict", "blacklist=apply&blacklist=only", invalid, scope{}),
		reads("both are bad", "blacklist=x&appId=x", unknown, scope{}),
		{name: "a bad ID with a deleted key", method: read, target: "/?appId=x", tokens: one(c.deleted),
			code: "key_invalid"},
		{name: "a bad ID on a write", method: write, target: "/?appId=x", tokens: one(c.reader),
			code: "write_access_required"},
		{name: "one application, blind", method: read, target: "/?appId=" + c.web, tokens: one(c.reader),
			code: "unavailable", blind: true},
	}, []judgementCase{
		{"no token", write, "/", nil, nil, "key_missing", false, scope{}},
		{"no token, blind", write, "/", nil, nil, "key_missing", true, scope{}},
		{"a token in the URL alone", read, "/?X-Integration-Key=" + c.writer, nil, nil, "key_missing", false, scope{}},
		{"the same twice", read, "/", []string{c.writer, c.writer}, nil, "key_ambiguous", false, scope{}},
		{"two different ones", write, "/", []string{c.writer, c.deleted}, nil, "key_ambiguous", false, scope{}},
		{"two malformed ones, blind", write, "/", []string{"x", "y"}, nil, "key_ambiguous", true, scope{}},
		{"an application key", write, "/", one("kpapp_" + secret), nil, "key_wrong_kind", false, scope{}},
		{"a Feedback API key, blind", write, "/", one(withChecksum("kpfbk_" + c.readerID + "_" + secret)), nil,
			"key_wrong_kind", true, scope{}},
		{"an empty header", read, "/", one(""), nil, "key_invalid", false, scope{}},
		{"malformed", read, "/", one(c.malformed), nil, "key_invalid", false, scope{}},
		{"malformed, blind", write, "/", one(c.malformed), nil, "key_invalid", true, scope{}},
		{"a wrong check", read, "/", one(c.typo), nil, "key_invalid", false, scope{}},
		{"unknown", read, "/", one(c.unknown), nil, "key_invalid", false, scope{}},
		{"a wrong secret", read, "/", one(c.wrongSecret), nil, "key_invalid", false, scope{}},
		{"deleted", read, "/", one(c.deleted), nil, "key_invalid", false, scope{}},
		{"a good key, blind", read, "/", one(c.writer), nil, "unavailable", true, scope{}},
		{"feature off", read, "/", one(c.off), nil, "feature_disabled", false, scope{}},
		{"feature withdrawn", read, "/", one(c.withdrawn), nil, "feature_disabled", false, scope{}},
		{"a read-only key on a write", write, "/", one(c.reader), nil, "write_access_required", false, scope{}},
		{"a read-only key on a method nobody knows", "PROPFIND", "/", one(c.reader), nil, "write_access_required",
			false, scope{}},
		{"a read-only key with an override", read, "/", one(c.reader), override("X-Http-Method-Override"),
			"write_access_required", false, scope{}},
		{"a read-only key with another override", read, "/", one(c.reader), override("X-Http-Method"),
			"write_access_required", false, scope{}},
		{"a read-only key with a third override", "POST", aggregation, one(c.reader), override("X-Method-Override"),
			"write_access_required", false, scope{}},
		{"a read-only key on a read", read, "/x?y=z", one(c.reader), nil, "", false, scope{}},
		{"a read-only key on a path that reads", "POST", aggregation + "?x", one(c.reader), nil, "", false, scope{}},
		{"a read-only key below a path that reads", "POST", aggregation + "/x", one(c.reader), nil,
			"write_access_required", false, scope{}},
		{"a read-only key on a path that reads, written otherwise", "POST", "/api/v1/%61ggregation", one(c.reader), nil,
			"write_access_required", false, scope{}},
		{"a writing key on a read", "HEAD", "/", one(c.writer), nil, "", false, scope{}},
		{"a writing key on a write", write, "/", one(c.writer), nil, "", false, scope{}},
		{"a writing key with an override", read, "/", one(c.writer), override("X-Http-Method-Override"), "", false,
			scope{}},
	}...)
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
