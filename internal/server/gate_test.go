package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

const proxy = "127.0.0.1"

// gateAsk sends a GET request to the server's handler as from an address.
func gateAsk(f *fixture, target, address string, headers http.Header) *http.Response {
	return ask(f, "GET", target, address, headers)
}

func ask(f *fixture, method, target, from string, headers http.Header) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = from + ":4711"
	if strings.Contains(from, ":") {
		r.RemoteAddr = "[" + from + "]:4711"
	}
	if headers != nil {
		r.Header = headers
	}
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	return w.Result()
}

// described returns the two headers in which a proxy describes a request, and the key.
func described(token, method, uri string) http.Header {
	h := http.Header{"X-Forwarded-Method": {method}, "X-Forwarded-Uri": {uri}}
	if token != "" {
		h.Set("X-Integration-Key", token)
	}
	return h
}

func with(h http.Header, name string, values ...string) http.Header {
	h[name] = values
	return h
}

var identity = []string{"Keyporter-Key-Id", "Keyporter-Subscription-Id", "Keyporter-Write-Access",
	"Keyporter-Application-Ids", "Keyporter-Blacklist", "Keyporter-Key-Expires", "Keyporter-Key-Replaced-By"}

func TestGate(t *testing.T) {
	f := newFixture(t)
	_, reader := f.key("reads", false)
	_, writer := f.key("writes", true)
	const outside, aggregation = "203.0.113.9", "/api/v1/aggregation"
	for _, c := range []struct {
		name, method, target, from string
		headers                    http.Header
		code                       string // "" for a yes
	}{
		{"a read", "GET", "/gate", proxy, described(reader, "GET", "/x?a=b"), ""},
		{"asked with POST", "POST", "/gate", proxy, described(reader, "GET", "/"), ""},
		{"through IPv6's loopback", "GET", "/gate", "::1", described(reader, "HEAD", "/"), ""},
		{"through IPv4 within IPv6", "GET", "/gate", "::ffff:127.0.0.1", described(reader, "OPTIONS", "/"), ""},
		{"a write with a read-only key", "GET", "/gate", proxy, described(reader, "POST", "/x"),
			"write_access_required"},
		{"a write", "GET", "/gate", proxy, described(writer, "DELETE", "/x"), ""},
		{"a path that reads", "GET", "/gate", proxy, described(reader, "POST", aggregation), ""},
		{"a path that reads, with a query", "GET", "/gate", proxy, described(reader, "POST", aggregation+"?x"), ""},
		{"nearly a path that reads", "GET", "/gate", proxy, described(reader, "POST", aggregation+"/x"),
			"write_access_required"},
		{"an override", "GET", "/gate", proxy, with(described(reader, "GET", "/"), "X-Http-Method-Override", "DELETE"),
			"write_access_required"},
		{"another override", "GET", "/gate", proxy, with(described(reader, "GET", "/"), "X-Http-Method", ""),
			"write_access_required"},
		{"a third override", "GET", "/gate", proxy, with(described(reader, "POST", aggregation), "X-Method-Override",
			"GET"), "write_access_required"},
		{"from outside", "GET", "/gate", outside, described(reader, "GET", "/"), "proxy_untrusted"},
		{"from outside, in the name of a proxy", "GET", "/gate", outside,
			with(described(reader, "GET", "/"), "X-Forwarded-For", proxy), "proxy_untrusted"},
		{"from outside, for Envoy", "GET", "/gate/x", outside, http.Header{"X-Integration-Key": {reader}},
			"proxy_untrusted"},
		{"from outside without a key", "GET", "/gate", outside, nil, "proxy_untrusted"},
		{"no method", "GET", "/gate", proxy, with(described(reader, "", "/"), "X-Forwarded-Method"), "proxy_untrusted"},
		{"an empty method", "GET", "/gate", proxy, described(reader, "", "/"), "proxy_untrusted"},
		{"a method that is none", "GET", "/gate", proxy, described(reader, "GET /", "/"), "proxy_untrusted"},
		{"two methods", "GET", "/gate", proxy, with(described(reader, "", "/"), "X-Forwarded-Method", "GET", "GET"),
			"proxy_untrusted"},
		{"no target", "GET", "/gate", proxy, with(described(reader, "GET", ""), "X-Forwarded-Uri"), "proxy_untrusted"},
		{"two targets", "GET", "/gate", proxy, with(described(reader, "GET", ""), "X-Forwarded-Uri", "/", "/"),
			"proxy_untrusted"},
		{"a target that is a URL", "GET", "/gate", proxy, described(reader, "GET", "http://x/"), "proxy_untrusted"},
		{"neither of both, nor a key", "GET", "/gate", proxy, nil, "proxy_untrusted"},
		{"no key", "GET", "/gate", proxy, described("", "GET", "/"), "key_missing"},
		{"a key in the URL", "GET", "/gate?token=" + reader, proxy, described("", "GET", "/?X-Integration-Key="+reader),
			"key_missing"},
		{"Basic", "GET", "/gate", proxy, with(described("", "GET", "/"), "Authorization", "Basic eDp5"), "key_missing"},
		{"a key twice", "GET", "/gate", proxy, with(described(reader, "GET", "/"), "X-Pendo-Integration-Key", reader),
			"key_ambiguous"},
		{"Pendo's header", "GET", "/gate", proxy, with(described("", "GET", "/"), "X-Pendo-Integration-Key", reader),
			""},
		{"Bearer", "GET", "/gate", proxy, with(described("", "GET", "/"), "Authorization", "Bearer "+reader), ""},
		{"an application key", "GET", "/gate", proxy, described("kpapp_"+strings.Repeat("a", 32), "GET", "/"),
			"key_wrong_kind"},
		{"an empty key", "GET", "/gate", proxy, with(described("", "GET", "/"), "X-Integration-Key", ""),
			"key_invalid"},
		{"a damaged key", "GET", "/gate", proxy, described(reader[:50]+"x", "GET", "/"), "key_invalid"},
		{"for Envoy, a read", "GET", "/gate/x/y?z", proxy, http.Header{"X-Integration-Key": {reader}}, ""},
		{"for Envoy, a write", "PUT", "/gate/x", proxy, http.Header{"X-Integration-Key": {reader}},
			"write_access_required"},
		{"for Envoy, a path that reads", "POST", "/gate" + aggregation, proxy,
			http.Header{"X-Integration-Key": {reader}}, ""},
		{"for Envoy, what a client says of itself", "PUT", "/gate/x", proxy, described(reader, "GET", "/"),
			"write_access_required"},
		{"for Envoy, an encoded path", "POST", "/gate/api/v1/%61ggregation", proxy,
			http.Header{"X-Integration-Key": {reader}}, "write_access_required"},
		{"for Envoy, the root", "DELETE", "/gate/", proxy, http.Header{"X-Integration-Key": {writer}}, ""},
	} {
		checkAnswer(t, c.name, c.code, ask(f, c.method, c.target, c.from, c.headers))
	}
	if !strings.Contains(f.log.String(), "is none of --trusted-proxies") &&
		!strings.Contains(f.log.String(), "set each once") {
		t.Error("the log does not say what to set")
	}
	if strings.Contains(f.log.String(), reader) {
		t.Error("the log holds a token")
	}
}

// statuses are the statuses of /gate by code, which is "" for a yes.
var statuses = map[string]int{
	"": 200, "proxy_untrusted": 403, "key_missing": 401, "key_ambiguous": 401, "key_wrong_kind": 401,
	"key_invalid": 401,
	"unavailable": 503, "feature_disabled": 403, "write_access_required": 403, "application_unknown": 403,
	"blacklist_invalid": 403,
}

var challenges = map[string]string{
	"key_missing":           `Bearer realm="keyporter"`,
	"key_invalid":           `Bearer realm="keyporter", error="invalid_token"`,
	"write_access_required": `Bearer realm="keyporter", error="insufficient_scope"`,
}

func checkAnswer(t *testing.T, name, code string, got *http.Response) {
	t.Helper()
	if got.StatusCode != statuses[code] || got.Header.Get("WWW-Authenticate") != challenges[code] ||
		got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: %s, %q", name, got.Status, got.Header)
	}
	for _, header := range identity {
		if _, found := got.Header[header]; found != (code == "") {
			t.Errorf("%s: %s is there: %v", name, header, found)
		}
	}
	if code == "" {
		if got.ContentLength != 0 || got.Header.Get("Keyporter-Application-Ids") == "" ||
			got.Header.Get("Keyporter-Blacklist") != "apply" {
			t.Errorf("%s: the yes is %q", name, got.Header)
		}
		return
	}
	checkProblem(t, name, code, got)
}

func checkProblem(t *testing.T, name, code string, got *http.Response) {
	t.Helper()
	var p struct {
		Type, Title, Detail, Code, RequestID string
		Status                               int
	}
	if err := json.NewDecoder(got.Body).Decode(&p); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if p.Code != code || p.Status != got.StatusCode || p.Title == "" || p.Detail == "" || p.RequestID == "" ||
		p.Type == "" {
		t.Errorf("%s: the problem is %+v, want %s", name, p, code)
	}
	if got.Header.Get("Content-Type") != "application/problem+json" ||
		got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: the headers are %q", name, got.Header)
	}
}

// TestGateBindsAtOnce: the gate knows a deletion, a switch of the feature and lowered access before they are answered.
func TestGateBindsAtOnce(t *testing.T) {
	f := newFixture(t)
	id, token := f.key("a key", true)
	c := f.client(ada)
	keys, write := f.at(keysBelow), described(token, "DELETE", "/")
	for _, step := range []struct {
		name string
		do   func() *answer
		code string
	}{
		{"at first", func() *answer { return c.get("/account") }, ""},
		{"switched off", func() *answer {
			return c.submit(f.at("/integrations/switch-off"), f.at("/integrations/feature"))
		}, "feature_disabled"},
		{"switched on", func() *answer { return c.submit(f.at("/integrations"), f.at("/integrations/feature")) }, ""},
		{"withdrawn", func() *answer {
			return f.client(olga).post("/operator/subscriptions/"+f.acme+"/withdraw", query("confirm", "Acme"))
		}, "feature_disabled"},
		{"granted again", func() *answer {
			return f.client(olga).post("/operator/subscriptions/"+f.acme+"/make-available", nil)
		}, "feature_disabled"},
		{"switched on again", func() *answer { return c.post(f.at("/integrations/feature"), query("on", "true")) }, ""},
		{"lowered", func() *answer {
			return c.submit(keys+"/"+id+"/edit", keys+"/"+id+"/edit", "lower", "on")
		}, "write_access_required"},
		{"deleted", func() *answer {
			return c.submit(keys+"/"+id+"/delete", keys+"/"+id+"/delete", "confirm", "a key")
		}, "key_invalid"},
	} {
		if got := step.do(); got.StatusCode >= 400 {
			t.Fatalf("%s: %s\n%s", step.name, got.Status, got.body)
		}
		checkAnswer(t, step.name, step.code, gateAsk(f, "/gate", proxy, write.Clone()))
	}
}

func TestVerify(t *testing.T) {
	f := newFixture(t)
	id, token := f.key("Zapier <sync>", true)
	const path = "/api/v1/token/verify"
	got := gateAsk(f, path, "203.0.113.9", http.Header{"X-Integration-Key": {token}}) // any address may ask
	var body map[string]any
	f.ok(json.NewDecoder(got.Body).Decode(&body))
	text, _ := json.Marshal(body)
	want := `{"description":"Zapier \u003csync\u003e","keyId":"` + id + `","subscription":{"id":"` + f.acme +
		`","name":"Acme"},"valid":true,"writeAccess":true}`
	if got.StatusCode != 200 || string(text) != want || got.Header.Get("Content-Type") != "application/json" ||
		got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a valid key: %s %s %q", got.Status, text, got.Header)
	}
	if end, found := got.Header["Keyporter-Key-Expires"]; !found || end[0] != "" {
		t.Errorf("a key that never ends expires %q", end)
	}
	f.ok(f.ChangeEnd(f.ctx, f.actor(ada), f.acme, id, keyporter.EndForm{Choice: keyporter.EndOnDate,
		Date: "2035-12-31"}))
	got = gateAsk(f, path, "203.0.113.9", http.Header{"X-Integration-Key": {token}})
	if end := got.Header.Get("Keyporter-Key-Expires"); end != "2036-01-01T00:00:00Z" {
		t.Errorf("the key expires %q", end)
	}
	for _, c := range []struct {
		name, method, target string
		headers              http.Header
		status               int
		code                 string
	}{
		{"no key", "GET", path, nil, 403, "key_missing"},
		{"in the URL", "GET", path + "?token=" + token, nil, 403, "key_missing"},
		{"two", "GET", path, http.Header{"X-Integration-Key": {token, token}}, 403, "key_ambiguous"},
		{"an application key", "GET", path, http.Header{"X-Integration-Key": {"kpapp_" + strings.Repeat("a", 32)}}, 403,
			"key_wrong_kind"},
		{"damaged", "GET", path, http.Header{"Authorization": {"Bearer " + token + "x"}}, 403, "key_invalid"},
		{"POST", "POST", path, http.Header{"X-Integration-Key": {token}}, 405, "method_not_allowed"},
		{"another path", "GET", "/api/v1/other", http.Header{"X-Integration-Key": {token}}, 404, "not_found"},
		{"the root of the API", "GET", "/api/v1", nil, 404, "not_found"},
	} {
		got := ask(f, c.method, c.target, "203.0.113.9", c.headers)
		if got.StatusCode != c.status {
			t.Errorf("%s: %s, want %d", c.name, got.Status, c.status)
		}
		checkProblem(t, c.name, c.code, got)
	}
	f.ok(f.SwitchFeature(f.ctx, f.actor(ada), f.acme, false))
	off := gateAsk(f, path, proxy, http.Header{"X-Integration-Key": {token}})
	if off.StatusCode != 403 {
		t.Errorf("feature off: %s", off.Status)
	}
	checkProblem(t, "feature off", "feature_disabled", off)
}
