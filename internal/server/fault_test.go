package server_test

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"keyporter/internal/storetest"
	"keyporter/static"
)

// TestPanic: the error page and the log have the same request ID, and the server goes on. In this test the clock
// panics.
func TestPanic(t *testing.T) {
	f := newFixture(t)
	var armed atomic.Bool
	f.now = func() time.Time {
		if armed.CompareAndSwap(true, false) {
			panic("the clock fell off the wall")
		}
		return start
	}
	c := f.client(ada)
	armed.Store(true)
	got := c.get("/account")
	id := got.Header.Get("X-Request-Id")
	if got.StatusCode != 500 || id == "" || !strings.Contains(got.body, id) || strings.Contains(got.body, "clock") ||
		strings.Contains(got.body, "goroutine") {
		t.Errorf("a panic is answered %s\n%s", got.Status, got.body)
	}
	checkHeaders(t, "a panic", got)
	if lines := f.log.String(); !strings.Contains(lines, "the clock fell off the wall") ||
		strings.Count(lines, "request failed") != 1 || !strings.Contains(lines, id) {
		t.Errorf("the log says %s", lines)
	}
	if got := c.get("/account"); got.StatusCode != 200 {
		t.Errorf("the next request: %s", got.Status)
	}
}

// TestUnknownCommit: if it is not known whether an operation was done, the page does not say that nothing was changed.
func TestUnknownCommit(t *testing.T) {
	if engine.String() == "sqlite" {
		t.Skip("there is nothing between us and a file")
	}
	path := engine.Copy(t, theModel.path)
	faulty := storetest.NewFaultyProxy(t, path)
	f := serve(t, faulty.Address(), func() time.Time { return start })
	c := f.client(ada)
	csrf := c.csrf()
	faulty.LoseCommit("INSERT INTO integration_keys")
	form := query("csrf", csrf, "description", "Zapier", "nonce", f.NewNonce(f.sessions[ada]))
	got := c.send(f.at(keysBelow), form)
	if got.StatusCode != 503 || !strings.Contains(got.body, "Nobody knows whether this was done") ||
		strings.Contains(got.body, "Nothing was changed") {
		t.Errorf("a commit without an answer: %s\n%s", got.Status, got.body)
	}
	if got := c.get(f.at(keysBelow)); !strings.Contains(got.body, "Zapier") {
		t.Errorf("the key, which was made, is not in the list: %s", got.Status)
	}
}

// TestDatabaseGone makes the database unreachable for the running server, and reachable again.
func TestDatabaseGone(t *testing.T) {
	f := newFixture(t)
	id, token := f.key("a key", false)
	c := f.client(ada)
	c.csrf()
	back := engine.Disconnect(t, f.path)
	for _, path := range []string{"/account", f.at(keysBelow), "/setup?token=x"} {
		got := c.get(path)
		if got.StatusCode != 503 || !strings.Contains(got.body, "The database cannot be reached") ||
			!strings.Contains(got.body, got.Header.Get("X-Request-Id")) {
			t.Errorf("%s: %s", path, got.Status)
		}
		checkHeaders(t, path, got)
	}
	if got := f.client(visitor).post("/sign-in", query("email", email(ada), "password",
		password)); got.StatusCode != 503 {
		t.Errorf("signing in: %s", got.Status)
	}
	verify := gateAsk(f, "/api/v1/token/verify", proxy, http.Header{"X-Integration-Key": {token}})
	if verify.StatusCode != 503 {
		t.Errorf("verifying: %s", verify.Status)
	}
	checkProblem(t, "verifying", "unavailable", verify)
	if got := c.get("/readyz"); got.StatusCode != 503 {
		t.Errorf("/readyz: %s", got.Status)
	}
	if got := c.get("/healthz"); got.StatusCode != 200 {
		t.Errorf("/healthz: %s", got.Status)
	}
	back()
	if got := c.get("/account"); got.StatusCode != 200 {
		t.Errorf("once it is back: %s", got.Status)
	}
	if got := c.get("/readyz"); got.StatusCode != 200 {
		t.Errorf("/readyz once it is back: %s", got.Status)
	}
	if got := c.get(f.at(keysBelow + "/" + id)); !strings.Contains(got.body, "Never used") ||
		!strings.Contains(got.body, "No requests came with this key") {
		t.Errorf("a request that nobody could judge counts as a use: %s", got.body)
	}
}

// TestBodyThatStops: a form that ends too early is a bad request, and not an internal error.
func TestBodyThatStops(t *testing.T) {
	t.Parallel()
	f := serveWithin(t, time.Second, engine.Copy(t, theModel.path), func() time.Time { return start })
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	f.ok(err)
	defer conn.Close()
	_, err = conn.Write([]byte("POST /sign-in HTTP/1.1\r\nHost: keyporter\r\nContent-Type: " +
		"application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail=a"))
	f.ok(err)
	conn.(*net.TCPConn).SetReadDeadline(time.Now().Add(40 * time.Second))
	answer, err := io.ReadAll(conn)
	f.ok(err)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 4") {
		t.Errorf("the answer is %s", answer)
	}
	if strings.Contains(f.log.String(), "ERROR") {
		t.Errorf("logged is %s", f.log)
	}
}

// TestDatabaseLocked by a long transaction of another process: reading works, an operation is answered 503 and not
// done, and afterwards everything works. The test takes as long as a writer waits.
func TestDatabaseLocked(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.client(ada)
	c.csrf()
	f.ok(f.RememberSubscription(f.ctx, f.actor(ada), f.acme))
	free := engine.BlockWriters(t, f.path)
	answered := make(chan *answer)
	go func() { answered <- f.client(ada).send(f.at(""), query("csrf", c.token, "name", "Renamed")) }()
	if got := c.get(f.at(keysBelow)); got.StatusCode != 200 {
		t.Errorf("reading meanwhile: %s", got.Status)
	}
	if got := <-answered; got.StatusCode != 503 {
		t.Errorf("an operation meanwhile: %s", got.Status)
	}
	free()
	if got := c.get(f.at("")); got.StatusCode != 200 || strings.Contains(got.body, "Renamed") {
		t.Errorf("afterwards: %s", got.Status)
	}
	if got := c.post(f.at(""), query("name", "Renamed")); got.StatusCode != 303 {
		t.Errorf("the operation again: %s", got.Status)
	}
}

func TestHealth(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "DELETE": 405} {
			got := ask(f, method, path, "203.0.113.9", nil)
			if got.StatusCode != want || got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: %s", method, path, got.Status)
			}
		}
	}
}

// TestStaticFiles: only these answers may be cached.
func TestStaticFiles(t *testing.T) {
	f := newFixture(t)
	page := f.client(ada).get("/account")
	links := regexp.MustCompile(`(?:href|src)="(/static/[^"#]+)`).FindAllStringSubmatch(page.body, -1)
	if len(links) == 0 {
		t.Fatal("a page uses no static file")
	}
	for _, link := range append(links, []string{"", static.Path("main.js")}) {
		got := ask(f, "GET", link[1], "203.0.113.9", nil)
		if got.StatusCode != 200 || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") ||
			got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %s %q", link[1], got.Status, got.Header)
		}
	}
}

// TestTokensInAddresses: tokens in URLs are masked in the log, and a search for a whole token leads to a URL without
// its secret.
func TestTokensInAddresses(t *testing.T) {
	f := newFixture(t)
	id, token := f.key("a key", false)
	secret := token[19:]
	c := f.client(ada)
	got := c.get(f.at(keysBelow) + "?q=" + token)
	if to := got.Header.Get("Location"); got.StatusCode != 303 || to != f.at(keysBelow)+"?q="+id {
		t.Errorf("a search for a whole key leads to %s", to)
	}
	if got = c.get(got.Header.Get("Location")); !strings.Contains(got.body, "a key") ||
		strings.Contains(got.body, secret) {
		t.Errorf("the search finds nothing, or shows the secret: %s", got.Status)
	}
	for _, path := range []string{"/" + token, "/s/" + token + "/settings", f.at(keysBelow + "/" + token + "/edit"),
		"/x?token=" + token} {
		if got := c.get(path); got.StatusCode != 404 || strings.Contains(got.body, secret) {
			t.Errorf("%s: %s", path, got.Status)
		}
	}
	for _, path := range []string{
		"/" + token[6:], "/" + secret, "/%25zz" + strings.ReplaceAll(token, "_", "%255F"), "/" +
			strings.ReplaceAll(token, "_", "%252525255F"),
	} {
		c.get(path)
	}
	c.get("/" + strings.ToUpper(token))
	if strings.Contains(f.log.String(), strings.ToUpper(secret)) {
		t.Errorf("an upper-cased token is not masked: %s", f.log)
	}
	if strings.Contains(f.log.String(), secret) || !strings.Contains(f.log.String(), "kpint_"+id+"_…") {
		t.Errorf("the log is not masked: %s", f.log)
	}
}
