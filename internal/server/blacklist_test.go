package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

// api sends a request to the API with a token. A body is sent as JSON.
func (f *fixture) api(method, target, token, body string) *http.Response {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr = "203.0.113.9:4711"
	if token != "" {
		r.Header.Set("X-Integration-Key", token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	return w.Result()
}

func bodyOf(t *testing.T, got *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func (f *fixture) listed() {
	f.t.Helper()
	f.add(exclude.Server, "dev*", "*:3000")
	f.add(exclude.Address, "10.0.0.0/8")
	f.add(exclude.Visitor, "*@example.com", `"<é>`)
	_, err := f.AddExcludeEntries(f.ctx, f.actor(otto), f.globex, exclude.Server, "globex.example.com")
	f.ok(err)
}

// TestBlacklist: the answers to a key that can only read.
func TestBlacklist(t *testing.T) {
	f := newFixture(t)
	_, token := f.key("reads", false)
	if got := bodyOf(t, f.api("GET", "/api/v1/blacklist", token, "")); got != "[]" {
		t.Errorf("an empty list is %s", got)
	}
	f.listed()
	for _, c := range []struct{ method, target, body, want string }{
		{"GET", "/api/v1/blacklist?other=1", "",
			`[{"type":"server","pattern":"*:3000"},{"type":"server","pattern":"dev*"},` +
				`{"type":"remoteIp","pattern":"10.0.0.0/8"},{"type":"visitorId","pattern":"\"\u003cé\u003e"},` +
				`{"type":"visitorId","pattern":"*@example.com"}]`},
		{"GET", "/api/v1/blacklist/type/server", "",
			`{"hasMore":false,"results":[{"type":"server","pattern":"*:3000"},{"type":"server","pattern":"dev*"}]}`},
		{"GET", "/api/v1/blacklist/type/server?limit=1", "",
			`{"hasMore":true,"results":[{"type":"server","pattern":"*:3000"}]}`},
		{"GET", "/api/v1/blacklist/type/server?limit=1&after=*:3000", "",
			`{"hasMore":false,"results":[{"type":"server","pattern":"dev*"}]}`},
		{"GET", "/api/v1/blacklist/type/server?after=a", "",
			`{"hasMore":false,"results":[{"type":"server","pattern":"dev*"}]}`},
		{"GET", "/api/v1/blacklist/type/server?after=zzz", "", `{"hasMore":false,"results":[]}`},
		{"GET", "/api/v1/blacklist/type/accountId", "", `{"hasMore":false,"results":[]}`},
		{"POST", "/api/v1/blacklist/match",
			`{"events":[{"server":"DEV1:80"},{"server":"www.example.com:3000","remoteIp":"192.0.2.1"},` +
				`{"remoteIp":"::ffff:10.1.1.1"},{"visitorId":"ada@example.com"},` +
				`{"server":"www.example.com","visitorId":"ada@EXAMPLE.com","accountId":"dev1"},{},` +
				`{"server":"globex.example.com"}]}`,
			`{"excluded":[true,true,true,true,false,false,false]}`},
		{"POST", "/api/v1/blacklist/match?blacklist=only", `{"events":[]}`, `{"excluded":[]}`},
	} {
		got := f.api(c.method, c.target, token, c.body)
		if body := bodyOf(t, got); got.StatusCode != 200 || body != c.want ||
			got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Cache-Control") != "no-store" ||
			got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: %s %s %q, want %s", c.method, c.target, got.Status, body, got.Header, c.want)
		}
	}
	f.ok(f.FlushUses(f.ctx))
	list, err := f.Keys(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, keyporter.KeyFilter{},
		keyporter.Position{})
	f.ok(err)
	_, usage, err := f.KeyUsage(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, list.Rows[0].ID.String())
	if f.ok(err); usage.LastDay != 10 {
		t.Errorf("10 requests were counted as %d", usage.LastDay)
	}
}

// TestBlacklistRefusals: an invalid request is answered with a problem document, which shows nothing of the list.
func TestBlacklistRefusals(t *testing.T) {
	f := newFixture(t)
	f.listed()
	_, token := f.key("reads", false)
	const list, of, match = "/api/v1/blacklist", "/api/v1/blacklist/type/server", "/api/v1/blacklist/match"
	for _, c := range []struct {
		method, target, token, body string
		status                      int
		code                        string
	}{
		{"GET", list, "", "", 403, "key_missing"}, {"GET", of, "", "", 403, "key_missing"},
		{"POST", match, "", "{}", 403, "key_missing"},
		{"GET", list, token + "x", "", 403, "key_invalid"}, {"GET", list + "?token=" + token, "", "", 403,
			"key_missing"},
		{"GET", of, "kpapp_" + strings.Repeat("a", 32), "", 403, "key_wrong_kind"},
		{"POST", list, token, "{}", 405, "method_not_allowed"}, {"DELETE", of, token, "", 405, "method_not_allowed"},
		{"GET", match, token, "", 405, "method_not_allowed"}, {"HEAD", match, token, "", 405, "method_not_allowed"},
		{"POST", list, "", "{}", 405, "method_not_allowed"},
		{"GET", list + "/type/path", token, "", 404, "not_found"},
		{"GET", list + "/type/", token, "", 404, "not_found"},
		{"GET", list + "/type/server/x", token, "", 404, "not_found"}, {"GET", list + "/", token, "", 404, "not_found"},
		{"GET", list + "/type", token, "", 404, "not_found"},
		{"GET", list + "/type/path", "", "", 403, "key_missing"},
		{"GET", of + "?limit=0", token, "", 400, "parameter_invalid"},
		{"GET", of + "?limit=1&limit=2", token, "", 400, "parameter_invalid"},
		{"GET", of + "?after=%zz", token, "", 400, "parameter_invalid"},
		{"POST", match, token, "", 415, "content_type_unsupported"}, {"POST", match, token, "{", 400, "body_invalid"},
		{"POST", match, token, `{"events":[{"remoteIp":"x"}]}`, 400, "body_invalid"},
		{"POST", match, token, strings.Repeat("[", 33), 400, "body_invalid"},
		{"POST", match, token, `{"events":[` + strings.Repeat("{},", 10_000) + `{}]}`, 400, "body_invalid"},
		{"POST", match, token, `{"events":[]}` + strings.Repeat(" ", 1<<20), 413, "body_too_large"},
	} {
		got := f.api(c.method, c.target, c.token, c.body)
		if got.StatusCode != c.status || got.Header.Get("Content-Type") != "application/problem+json" ||
			got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: %s, %q, want %d", c.method, c.target, got.Status, got.Header, c.status)
		}
		if allow := map[string]string{list: "GET, HEAD", of: "GET, HEAD", match: "POST"}[c.target]; c.status == 405 &&
			got.Header.Get("Allow") != allow {
			t.Errorf("%s %s: Allow is %q", c.method, c.target, got.Header.Get("Allow"))
		}
		body := bodyOf(t, got)
		if strings.Contains(body, "dev*") || strings.Contains(body, "10.0.0") || strings.Contains(body, "excluded\"") {
			t.Errorf("%s %s tells of the list: %s", c.method, c.target, body)
		}
		got.Body = io.NopCloser(strings.NewReader(body))
		checkProblem(t, c.method+" "+c.target, c.code, got)
	}
	text := httptest.NewRequest("POST", match, strings.NewReader(`{"events":[]}`))
	text.Header = http.Header{"X-Integration-Key": {token}, "Content-Type": {"text/plain"}}
	w := httptest.NewRecorder()
	if f.server.ServeHTTP(w, text); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain: %d", w.Code)
	}
	f.ok(f.SwitchFeature(f.ctx, f.actor(ada), f.acme, false))
	for _, target := range []string{list, of} {
		checkProblem(t, "while the feature is off", "feature_disabled", f.api("GET", target, token, ""))
	}
}

// TestBlacklistIsFresh: the first request after a change sees it, also on another node.
func TestBlacklistIsFresh(t *testing.T) {
	f := newFixture(t)
	_, token := f.key("reads", false)
	all := []*fixture{f}
	if engine.String() != "sqlite" {
		all = append(all, f.secondNode())
	}
	check := func(want bool) {
		t.Helper()
		for i, node := range all {
			if got := bodyOf(t, node.api("POST", "/api/v1/blacklist/match", token,
				`{"events":[{"visitorId":"ada"}]}`)); got != fmt.Sprintf(`{"excluded":[%v]}`, want) {
				t.Errorf("node %d answers %s", i, got)
			}
		}
	}
	for range 3 {
		check(false)
		id := all[len(all)-1].entry(exclude.Visitor, "ada")
		check(true)
		_, err := f.DeleteExcludeEntries(f.ctx, f.actor(nora), f.acme, []string{id})
		f.ok(err)
	}
	check(false)
}

// TestMatchMany sends the greatest number of events over a real connection.
func TestMatchMany(t *testing.T) {
	f := newFixture(t)
	f.listed()
	_, token := f.key("reads", false)
	var body bytes.Buffer
	body.WriteString(`{"events":[`)
	for i := range 10_000 {
		if i > 0 {
			body.WriteString(",")
		}
		fmt.Fprintf(&body, `{"server":"%s%d","remoteIp":"192.0.2.%d"}`, []string{"dev", "www"}[i%2], i, i%256)
	}
	body.WriteString("]}")
	r := f.client(visitor).request("POST", "/api/v1/blacklist/match", &body)
	r.Header.Set("X-Integration-Key", token)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	got := f.client(visitor).do(r)
	var answer struct{ Excluded []bool }
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil || got.StatusCode != 200 ||
		len(answer.Excluded) != 10_000 {
		t.Fatalf("%s, %d answers, %v", got.Status, len(answer.Excluded), err)
	}
	for i, excluded := range answer.Excluded {
		if excluded != (i%2 == 0) {
			t.Fatalf("event %d: %v", i, excluded)
		}
	}
}
