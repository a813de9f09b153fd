package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// realProxies returns the proxies that run with the documented files.
func realProxies() []proxy { return []proxy{{"nginx", startNginx}, {"caddy", startCaddy}} }

// A receiver is an API that counts requests, measures bodies, and echoes what is sent over a WebSocket.
type receiver struct {
	*httptest.Server
	calls, received atomic.Int64
}

func newReceiver(t *testing.T) *receiver {
	rc := &receiver{}
	rc.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc.calls.Add(1)
		if upgrade := r.Header.Values("Upgrade"); len(upgrade) != 0 && !slices.Equal(upgrade, []string{"websocket"}) {
			t.Errorf("the API was asked to change to %q", upgrade)
		}
		if r.Header.Get("Upgrade") != "" && strings.EqualFold(r.Header.Get("Connection"), "upgrade") {
			echo(t, w, r)
			return
		}
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			t.Error(err)
		}
		rc.received.Store(n)
		fmt.Fprintf(w, "host %s, origin %s", r.Host, r.Header.Get("Origin"))
	}))
	t.Cleanup(rc.Close)
	return rc
}

// echo upgrades the connection, names the subscription, and sends back what it receives.
func echo(t *testing.T, w http.ResponseWriter, r *http.Request) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	subscription := r.Header.Get("Keyporter-Subscription-Id")
	fmt.Fprintf(conn,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSubscription: %s\r\n\r\n",
		subscription)
	io.Copy(conn, buffered)
}

// TestNginxLogHoldsNoToken uses the documented log format, and sends tokens in every place of a request.
func TestNginxLogHoldsNoToken(t *testing.T) {
	needsPrograms(t)
	folder, gate := t.TempDir(), freeAddress(t)
	file := filepath.Join(folder, "access.log")
	address := startNginxWith(t, gate, gate, "access_log off;", "access_log "+file+" keyporter;")
	token := "kpint_4fT9aQ0bZ7Lm_x1Y2x3Y4x5Y6x7Y8x9Y0x1Y2x3Y4x5Y6Qz9Qz9"
	paths := []string{"/a?q=" + token, "/" + token, "/" + strings.ReplaceAll(token, "_", "%5F"), "/" + token[19:],
		"/plain/path?x"}
	for _, path := range paths {
		send(t, "GET", "http://"+address+path, "", header("Referer", "http://x/?"+token, "User-Agent", token), nil)
	}
	err := poll(func() error {
		text, err := os.ReadFile(file)
		if lines := strings.Count(string(text), "\n"); err == nil && lines < len(paths) {
			return fmt.Errorf("the log has %d lines", lines)
		}
		if strings.Contains(string(text), token[19:40]) || err == nil &&
			!strings.Contains(string(text), `"/plain/path" 503`) {
			t.Errorf("the log says %s", text)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// eachRealProxy runs a test with each proxy and a key that can write.
func eachRealProxy(t *testing.T, test func(t *testing.T, address, key string, rc *receiver)) {
	needsPrograms(t)
	s := newSite(t)
	key, _ := s.newFormClient().newKey("writes", true)
	for _, p := range realProxies() {
		t.Run(p.name, func(t *testing.T) {
			rc := newReceiver(t)
			test(t, p.start(t, strings.TrimPrefix(s.url, "http://"), strings.TrimPrefix(rc.URL, "http://")), key, rc)
		})
	}
}

// send sends a request and returns the answer and its body.
func send(t *testing.T, method, url, host string, headers http.Header, body io.Reader) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header, r.Host = headers, host
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return answer, read(t, answer)
}

// TestLargeBodiesPassProxies sends bodies of 5 MiB.
func TestLargeBodiesPassProxies(t *testing.T) {
	eachRealProxy(t, func(t *testing.T, address, key string, rc *receiver) {
		const size = 5 << 20
		answer, text := send(t, "POST", "http://"+address+"/x", "", header("X-Integration-Key", key),
			bytes.NewReader(make([]byte, size)))
		if answer.StatusCode != http.StatusOK || rc.received.Load() != size {
			t.Errorf("%s %q: the API got %d bytes", answer.Status, text, rc.received.Load())
		}
		answer, text = send(t, "POST", "http://"+address+"/x", "", http.Header{}, bytes.NewReader(make([]byte, size)))
		if answer.StatusCode != http.StatusUnauthorized || !strings.Contains(text, "key_missing") ||
			rc.calls.Load() != 1 {
			t.Errorf("without a key: %s %q", answer.Status, text)
		}
	})
}

// TestProxiesJudgeEveryHost: the gate is asked whatever the Host header is.
func TestProxiesJudgeEveryHost(t *testing.T) {
	eachRealProxy(t, func(t *testing.T, address, key string, rc *receiver) {
		for _, host := range []string{"", "foreign.example", "localhost", "127.0.0.2", "[::1]:99"} {
			answer, text := send(t, "GET", "http://"+address+"/x", host, http.Header{}, nil)
			if answer.StatusCode != http.StatusUnauthorized || !strings.Contains(text, "key_missing") ||
				rc.calls.Load() != 0 {
				t.Errorf("Host %q without a key: %s %q", host, answer.Status, text)
			}
		}
		answer, text := send(t, "GET", "http://"+address+"/x", "foreign.example", header("X-Integration-Key", key), nil)
		if answer.StatusCode != http.StatusOK || !strings.Contains(text, "host foreign.example,") {
			t.Errorf("with a key: %s %q", answer.Status, text)
		}
	})
}

// TestWebSocketsPassProxies: the handshake is judged, and then both sides can send.
func TestWebSocketsPassProxies(t *testing.T) {
	eachRealProxy(t, func(t *testing.T, address, key string, rc *receiver) {
		for _, c := range []struct{ key, connection, status string }{
			{"", "Upgrade", "401"}, {key, "Upgrade", "101"},
			{key, "keep-alive, Upgrade, Keyporter-Subscription-Id", "101"},
		} {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: %s\r\n"+
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+
				"X-Integration-Key: %s\r\n\r\n", c.connection, c.key)
			reader := bufio.NewReader(conn)
			answer, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.key == "" {
				if answer.StatusCode != http.StatusUnauthorized || rc.calls.Load() != 0 {
					t.Errorf("without a key: %s", answer.Status)
				}
				continue
			}
			if !strings.HasPrefix(answer.Status, c.status) || answer.Header.Get("Subscription") == "" {
				t.Errorf("Connection %q: %s, for the subscription %q", c.connection, answer.Status,
					answer.Header.Get("Subscription"))
				continue
			}
			fmt.Fprint(conn, "hello\n")
			if got, err := reader.ReadString('\n'); err != nil || got != "hello\n" {
				t.Errorf("the echo is %q, %v", got, err)
			}
		}
	})
}

// TestProxiesUpgradeToNothingElse: if a client could upgrade the connection to HTTP/2, the API would get requests that
// the gate has not judged.
func TestProxiesUpgradeToNothingElse(t *testing.T) {
	eachRealProxy(t, func(t *testing.T, address, key string, rc *receiver) {
		upgrades := []string{"h2c", "websocket, h2c", "h2c\r\nUpgrade: websocket", "websocket\r\nUpgrade: h2c",
			"WebSocket"}
		for i, upgrade := range upgrades {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "GET /x HTTP/1.1\r\nHost: x\r\nUpgrade: %s\r\nConnection: Upgrade, HTTP2-Settings\r\n"+
				"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nX-Integration-Key: %s\r\n\r\n", upgrade, key)
			if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
				t.Errorf("Upgrade %q: %v", upgrade, err)
			}
			if rc.calls.Load() != int64(i+1) { // the receiver checks the header
				t.Errorf("Upgrade %q: the API was not asked", upgrade)
			}
		}
	})
}

// TestPreflightsAtProxies: preflights are answered without a key, and permit only the documented origin.
func TestPreflightsAtProxies(t *testing.T) {
	const origin = "https://app.example.com"
	eachRealProxy(t, func(t *testing.T, address, key string, rc *receiver) {
		for _, c := range []struct{ origin, allowed string }{{origin, origin}, {"https://evil.example", ""}} {
			asked := header("Origin", c.origin, "Access-Control-Request-Method", "POST",
				"Access-Control-Request-Headers", "x-integration-key")
			answer, _ := send(t, "OPTIONS", "http://"+address+"/x", "", asked, nil)
			h := answer.Header
			if answer.StatusCode != http.StatusNoContent || h.Get("Access-Control-Allow-Origin") != c.allowed ||
				rc.calls.Load() != 0 {
				t.Errorf("from %s: %s %q", c.origin, answer.Status, h)
			}
			if permits := strings.Contains(h.Get("Access-Control-Allow-Headers"),
				"X-Integration-Key"); permits != (c.allowed != "") {
				t.Errorf("from %s: %q", c.origin, h)
			}
			for _, headers := range []http.Header{header("Origin", c.origin),
				header("Origin", c.origin, "X-Integration-Key", key)} {
				before := rc.calls.Load()
				answer, _ = send(t, "GET", "http://"+address+"/x", "", headers, nil)
				if (answer.StatusCode == http.StatusOK) != (headers.Get("X-Integration-Key") != "") ||
					answer.Header.Get("Access-Control-Allow-Origin") != c.allowed {
					t.Errorf("%q: %s %q", headers, answer.Status, answer.Header)
				}
				if answer.StatusCode != http.StatusOK && rc.calls.Load() != before {
					t.Error("the API was asked without a key")
				}
			}
			rc.calls.Store(0)
		}
		answer, _ := send(t, "OPTIONS", "http://"+address+"/x", "", http.Header{}, nil)
		if answer.StatusCode != http.StatusUnauthorized || rc.calls.Load() != 0 {
			t.Errorf("OPTIONS that is no preflight: %s", answer.Status)
		}
	})
}
