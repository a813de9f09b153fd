package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// sendRaw sends the lines of a request over a connection and returns the answer.
func sendRaw(f *fixture, lines ...string) *answer {
	f.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	f.ok(err)
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	_, err = io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n")
	f.ok(err)
	method, _, _ := strings.Cut(lines[0], " ")
	got, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	f.ok(err)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	f.ok(err)
	return &answer{got, string(body)}
}

// asTraefik returns what Traefik's ForwardAuth sends: GET whatever the client's method is, the client's headers except
// hop-by-hop ones and those of the body, and the request described in X-Forwarded-*, which replace what the client sent
// (traefik v3, pkg/middlewares/auth/forward.go).
func asTraefik(method, target string, headers ...string) []string {
	return append([]string{
		"GET /gate HTTP/1.1",
		"Host: 127.0.0.1:8080",
		"User-Agent: acme-sync/1.4",
		"Accept: */*",
		"Accept-Encoding: gzip",
		"Content-Type: application/json",
		"X-Forwarded-For: 198.51.100.7",
		"X-Forwarded-Host: api.example.com",
		"X-Forwarded-Method: " + method,
		"X-Forwarded-Port: 443",
		"X-Forwarded-Proto: https",
		"X-Forwarded-Server: edge-1",
		"X-Forwarded-Uri: " + target,
		"X-Real-Ip: 198.51.100.7",
	}, headers...)
}

// asEnvoy returns what Envoy's ext_authz sends over HTTP: the client's method and host, the path after the prefix with
// its query, no body, and only those of the client's headers that the documented file lists (Envoy's documentation of
// ext_authz.v3.HttpService and ExtAuthz.allowed_headers). Names are in lower case.
func asEnvoy(t *testing.T, method, target string, headers ...string) []string {
	lines := []string{method + " /gate" + target + " HTTP/1.1", "host: api.example.com", "content-length: 0"}
	allowed := listed(t, "envoy.yaml", "allowed_headers:")
	client := append([]string{"x-forwarded-for: 198.51.100.7", "user-agent: acme-sync/1.4", "x-forwarded-method: GET",
		"x-forwarded-uri: /harmless", "content-type: application/json", "cookie: a=b"}, headers...)
	for _, line := range client {
		name, _, _ := strings.Cut(strings.ToLower(line), ":")
		if slices.Contains(allowed, name) {
			lines = append(lines, name+line[len(name):])
		}
	}
	return lines
}

// TestShapes sends requests as the proxies would that no test starts.
func TestShapes(t *testing.T) {
	f := newFixture(t)
	_, reader := f.key("reads", false)
	_, writer := f.key("writes", true)
	gone, deleted := f.key("gone", true)
	f.ok(f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, gone, ""))
	shapes := map[string]func(method, target string, headers ...string) []string{
		"Traefik": asTraefik,
		"Envoy": func(method, target string, headers ...string) []string {
			return asEnvoy(t, method, target, headers...)
		},
	}
	for proxy, shape := range shapes {
		for _, c := range []struct {
			name, method, target string
			headers              []string
			code                 string
		}{
			{"a read", "GET", "/v1/reports?from=a%2Fb&x", []string{"X-Integration-Key: " + reader}, ""},
			{"HEAD", "HEAD", "/v1/reports", []string{"X-Integration-Key: " + reader}, ""},
			{"a write", "POST", "/v1/reports", []string{"X-Pendo-Integration-Key: " + writer}, ""},
			{"Bearer", "DELETE", "/v1/reports/7", []string{"Authorization: Bearer " + writer}, ""},
			{"a path that reads", "POST", "/api/v1/aggregation?x=y", []string{"X-Integration-Key: " + reader}, ""},
			{"the root", "OPTIONS", "/", []string{"X-Integration-Key: " + reader}, ""},
			{"a write with a key that reads", "POST", "/v1/reports", []string{"X-Integration-Key: " + reader},
				"write_access_required"},
			{"an override", "GET", "/v1/reports", []string{"X-Integration-Key: " + reader,
				"X-HTTP-Method-Override: DELETE"}, "write_access_required"},
			{"another override", "GET", "/", []string{"X-Integration-Key: " + reader, "X-HTTP-Method: DELETE"},
				"write_access_required"},
			{"a third override", "GET", "/", []string{"X-Integration-Key: " + reader, "X-Method-Override: DELETE"},
				"write_access_required"},
			{"no key", "GET", "/v1/reports", nil, "key_missing"},
			{"a key in the query", "GET", "/v1/reports?X-Integration-Key=" + writer, nil, "key_missing"},
			{"two keys", "GET", "/", []string{"X-Integration-Key: " + writer, "Authorization: Bearer " + writer},
				"key_ambiguous"},
			{"a header twice", "GET", "/", []string{"X-Integration-Key: " + writer, "X-Integration-Key: " + writer},
				"key_ambiguous"},
			{"a deleted key", "GET", "/", []string{"X-Integration-Key: " + deleted}, "key_invalid"},
		} {
			got := sendRaw(f, shape(c.method, c.target, c.headers...)...)
			name := proxy + ", " + c.name
			if c.method == "HEAD" && proxy == "Envoy" { // the answer to HEAD has no body
				if got.StatusCode != 200 {
					t.Errorf("%s: %s", name, got.Status)
				}
				continue
			}
			if c.code != "" && got.Header.Get("Keyporter-Problem") != got.body {
				t.Errorf("%s: the problem in the header is %q, in the body %q", name,
					got.Header.Get("Keyporter-Problem"), got.body)
			}
			got.Response.Body = io.NopCloser(strings.NewReader(got.body))
			checkAnswer(t, name, c.code, got.Response)
		}
	}
	id := reader[len("kpint_"):][:12]
	key, err := f.Key(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, id)
	f.ok(err)
	if key.LastAddress != "198.51.100.7" || key.LastAgent != "acme-sync/1.4" {
		t.Errorf("the last use is told as %q %q, not as the client's own", key.LastAddress, key.LastAgent)
	}
}

// Headers by how the documented files have to treat them.
var (
	keyHeaders      = []string{"X-Integration-Key", "X-Pendo-Integration-Key", "Authorization"}
	overrideHeaders = []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"}
	ownHeaders      = append(slices.Clone(identity), "Keyporter-Problem")
)

// documented returns the lines of a documented file, without comments.
func documented(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "examples", "proxies", name))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") && strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// deeper returns the lines that are indented under the one line with the given text.
func deeper(t *testing.T, file, text string) []string {
	t.Helper()
	depth := func(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
	lines := documented(t, file)
	at := slices.IndexFunc(lines, func(line string) bool {
		return strings.TrimPrefix(strings.TrimSpace(line),
			"- ") == text
	})
	if at < 0 {
		t.Fatalf("%s has no line %q", file, text)
	}
	end := at + 1
	for end < len(lines) && depth(lines[end]) > depth(lines[at]) {
		end++
	}
	return lines[at+1 : end]
}

// listed returns the names of headers that are listed under a line, in lower case: "- exact: a", "- remove: a", "- a"
// or `A: ""`.
func listed(t *testing.T, file, text string) []string {
	t.Helper()
	var names []string
	for _, line := range deeper(t, file, text) {
		line = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(line), "- "))
		for _, word := range []string{"exact: ", "remove: ", "prefix: "} {
			line = strings.TrimPrefix(line, word)
		}
		names = append(names, strings.TrimSuffix(line, `: ""`))
	}
	return names
}

func mustList(t *testing.T, what string, have []string, want ...[]string) {
	t.Helper()
	for _, name := range slices.Concat(want...) {
		if !slices.Contains(have, strings.ToLower(name)) {
			t.Errorf("%s does not list %s: %q", what, name, have)
		}
	}
}

// mustSay fails unless the file has each line exactly once.
func mustSay(t *testing.T, file string, want ...string) {
	t.Helper()
	for _, line := range want {
		n := 0
		for _, have := range documented(t, file) {
			if strings.TrimPrefix(strings.TrimSpace(have), "- ") == line {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s says %q %d times", file, line, n)
		}
	}
}

func TestTraefikFile(t *testing.T) {
	const file = "traefik.yml"
	mustList(t, "what is stripped", listed(t, file, "keyporter-strip:"), ownHeaders)
	mustList(t, "what is passed on", listed(t, file, "authResponseHeaders:"), identity)
	mustList(t, "what is hidden", listed(t, file, "keyporter-hide:"), keyHeaders, overrideHeaders)
	// Some headers are removed before the gate is asked, others after it. ForwardAuth takes only 2xx for a yes.
	mustSay(t, file, "middlewares: [keyporter-cors, keyporter-strip, keyporter-gate, keyporter-hide]",
		"trustForwardHeader: false",
		"address: http://127.0.0.1:8080/gate")
	// A WebSocket's handshake gets a Connection header without names of the gate's headers. A preflight is answered
	// before the gate is asked.
	mustSay(t, file,
		"middlewares: [keyporter-cors, keyporter-strip, keyporter-websocket, keyporter-gate, keyporter-hide]",
		"Connection: Upgrade", "rule: PathPrefix(`/`) && HeaderRegexp(`Upgrade`, `(?i)^websocket$`)",
		`accessControlAllowOriginList: ["https://app.example.com"]`)
	for _, line := range documented(t, file) {
		if strings.Contains(line, "authRequestHeaders") {
			t.Error("Traefik asks with some of the client's headers only, so that an override could be missed")
		}
	}
}

func TestEnvoyFile(t *testing.T) {
	const file = "envoy.yaml"
	mustList(t, "what is asked with", listed(t, file, "allowed_headers:"), keyHeaders, overrideHeaders,
		[]string{"X-Forwarded-For", "User-Agent"})
	mustList(t, "what is hidden", listed(t, file, "request_headers_to_remove:"), keyHeaders, overrideHeaders)
	mustList(t, "what is stripped", listed(t, file, "request_mutations:"), ownHeaders,
		[]string{"X-Forwarded-Method", "X-Forwarded-Uri"})
	passed := listed(t, file, "allowed_upstream_headers:")
	for _, name := range identity {
		if !slices.ContainsFunc(passed, func(prefix string) bool {
			return strings.HasPrefix(strings.ToLower(name),
				prefix)
		}) {
			t.Errorf("%s is not passed on: %q", name, passed)
		}
	}
	mustList(t, "what a refused client is told", listed(t, file, "allowed_client_headers:"),
		[]string{"WWW-Authenticate", "Content-Type", "Cache-Control", "X-Content-Type-Options"})
	mustSay(t, file, "failure_mode_allow: false", "path_prefix: /gate", "use_remote_address: true",
		"status_on_error: { code: ServiceUnavailable }",
		"upgrade_configs: [{ upgrade_type: websocket }]",
		`allow_origin_string_match: [{ exact: "https://app.example.com" }]`)
	// The client's headers are removed before the gate is asked.
	last := -1
	for _, filter := range []string{"cors", "header_mutation", "ext_authz", "router"} {
		at := slices.IndexFunc(documented(t, file), func(line string) bool {
			return strings.TrimSpace(line) == fmt.Sprintf("- name: envoy.filters.http.%s", filter)
		})
		if at <= last {
			t.Errorf("the filter %s stands at line %d, behind %d", filter, at, last)
		}
		last = at
	}
}
