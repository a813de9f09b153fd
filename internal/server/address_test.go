package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

// TestAllowedAddresses: the client is who the trusted proxy says it is. A proxy is never the client, and whoever is not
// known is refused. A program that calls the API itself is its own client.
func TestAllowedAddresses(t *testing.T) {
	f := newFixture(t)
	id, token := f.key("a key", true)
	f.ok(f.ChangeAddresses(f.ctx, f.actor(ada), f.acme, id,
		keyporter.AddressForm{Text: "192.0.2.0/24\n127.0.0.0/8\n::1\n2001:db8::/32"}))
	const verify = "/api/v1/token/verify"
	for _, c := range []struct {
		target, from string
		forwarded    []string
		admitted     bool
	}{
		{"/gate", proxy, []string{"192.0.2.7"}, true},
		{"/gate", proxy, []string{"::ffff:192.0.2.7"}, true},
		{"/gate", proxy, []string{"[2001:db8::7]:4711"}, true},
		{"/gate", proxy, []string{"198.51.100.1"}, false},
		{"/gate", proxy, []string{"192.0.2.7, 198.51.100.1"}, false},
		{"/gate", proxy, []string{"192.0.2.7", "198.51.100.1"}, false},
		{"/gate", proxy, []string{"198.51.100.1, 192.0.2.7"}, true},
		{"/gate", proxy, []string{"192.0.2.7, 127.0.0.1"}, true},
		{"/gate", proxy, []string{"192.0.2.7, unknown"}, false},
		{"/gate", proxy, []string{"192.0.2.7, 127.0.0.1:x"}, false},
		{"/gate", proxy, []string{"127.0.0.1"}, false},
		{"/gate", proxy, []string{"127.0.0.5, 127.0.0.1"}, false},
		{"/gate", proxy, []string{""}, false},
		{"/gate", proxy, nil, false},
		{"/gate/x", proxy, []string{"192.0.2.7"}, true},
		{"/gate/x", proxy, []string{"198.51.100.1"}, false},
		{"/gate/x", proxy, nil, false},
		{verify, proxy, nil, true},
		{verify, "::1", nil, true},
		{verify, proxy, []string{""}, false},
		{verify, proxy, []string{"127.0.0.1"}, false},
		{verify, proxy, []string{"192.0.2.7"}, true},
		{verify, proxy, []string{"192.0.2.7, 198.51.100.1"}, false},
		{verify, "192.0.2.7", nil, true},
		{verify, "192.0.2.7", []string{"198.51.100.1"}, true},
		{verify, "2001:db8::7", nil, true},
		{verify, "198.51.100.1", nil, false},
		{verify, "198.51.100.1", []string{"192.0.2.7"}, false},
		{"/api/v1/application", "198.51.100.1", nil, false},
		{"/api/v1/blacklist", "198.51.100.1", nil, false},
	} {
		h := described(token, "GET", "/")
		if c.forwarded != nil {
			h["X-Forwarded-For"] = c.forwarded
		}
		got := ask(f, "GET", c.target, c.from, h)
		name := fmt.Sprintf("%s from %s for %q", c.target, c.from, c.forwarded)
		if c.admitted && got.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", name, got.Status)
		} else if !c.admitted {
			if got.StatusCode != http.StatusForbidden || got.Header.Get("WWW-Authenticate") != "" {
				t.Errorf("%s: %s %q", name, got.Status, got.Header)
			}
			checkProblem(t, name, "address_not_allowed", got)
		}
	}
}

// TestChangeAddresses: the form shows what is stored, keeps what was typed, and replaces no change that it did not
// show.
func TestChangeAddresses(t *testing.T) {
	f := newFixture(t)
	id, _ := f.key("a key", true)
	page := f.at(keysBelow + "/" + id)
	client := f.client(tom)
	form, _ := client.get(page + "/addresses").form(page + "/addresses")
	form.Set("allowed_addresses", "192.0.2.9/24\r\n2001:DB8::1")
	if got := client.send(page+"/addresses", form); got.StatusCode != 303 || got.Header.Get("Location") != page {
		t.Errorf("the answer is %s, to %q", got.Status, got.Header.Get("Location"))
	}
	for _, shows := range []string{page, page + "/addresses"} {
		if got := client.get(shows); !strings.Contains(got.body, "192.0.2.0/24\n2001:db8::1") {
			t.Errorf("%s does not have the addresses", shows)
		}
	}
	for typed, want := range map[string]string{
		"":                       "Somebody else changed this while the form was open",
		"192.0.2.9\r\nlocalhost": "Line 2: “localhost” is no address or block",
	} {
		form.Set("allowed_addresses", typed)
		got := client.send(page+"/addresses", form)
		kept := strings.ReplaceAll(typed, "\r", "") + "</textarea>"
		if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, want) ||
			!strings.Contains(strings.ReplaceAll(got.body, "\r", ""), kept) {
			t.Errorf("%q is answered %s, without %q", typed, got.Status, want)
		}
	}
	key, err := f.Key(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, id)
	f.ok(err)
	if got := key.Addresses.String(); got != "192.0.2.0/24 2001:db8::1" {
		t.Errorf("the key has %q", got)
	}
}

// TestCreateWithAddresses: a new key has the addresses of its form, and a form with a mistake makes none.
func TestCreateWithAddresses(t *testing.T) {
	f := newFixture(t)
	client := f.client(tom)
	send := func(addresses string) *answer {
		return client.post(f.at(keysBelow), query("description", "a key", "allowed_addresses", addresses, "nonce",
			f.NewNonce(f.sessions[tom])))
	}
	got := send("192.0.2.256")
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, `<details class="more" open>`) ||
		!strings.Contains(got.body, "192.0.2.256</textarea>") || !strings.Contains(got.body, "Line 1: ") {
		t.Errorf("the answer is %s", got.Status)
	}
	if got := send("192.0.2.255"); got.StatusCode != http.StatusCreated {
		t.Errorf("the answer is %s", got.Status)
	}
	list, err := f.Keys(f.ctx, f.actor(tom), f.acme, keyporter.IntegrationKey, keyporter.KeyFilter{},
		keyporter.Position{})
	f.ok(err)
	if len(list.Rows) != 1 || list.Rows[0].Addresses.String() != "192.0.2.255" {
		t.Errorf("the list has %+v", list.Rows)
	}
}

// TestProxyShapesNameTheClient: Traefik replaces X-Forwarded-For with the connection's address, and Envoy adds that one
// behind what the client sent. Both do so because the documented files say so, which TestTraefikFile and TestEnvoyFile
// check.
func TestProxyShapesNameTheClient(t *testing.T) {
	f := newFixture(t)
	const client, claimed = "198.51.100.7", "192.0.2.7"
	keyFrom := func(address string) string {
		id, token := f.key("a key", true)
		f.ok(f.ChangeAddresses(f.ctx, f.actor(ada), f.acme, id, keyporter.AddressForm{Text: address}))
		return "X-Integration-Key: " + token
	}
	own, forged := keyFrom(client), keyFrom(claimed)
	envoy := func(forwarded string) func(key string) []string {
		return func(key string) []string {
			lines := asEnvoy(t, "GET", "/x", key, "X-Real-Ip: "+claimed, "Forwarded: for="+claimed)
			for i, line := range lines {
				if strings.HasPrefix(line, "x-forwarded-for: ") {
					lines[i] = "x-forwarded-for: " + forwarded
				}
			}
			return lines
		}
	}
	for name, shape := range map[string]func(key string) []string{
		"Traefik":                    func(key string) []string { return asTraefik("GET", "/x", key) },
		"Envoy":                      envoy(client),
		"Envoy, forged":              envoy(claimed + "," + client),
		"Envoy, forged as a proxy":   envoy(claimed + ",127.0.0.1," + client),
		"Envoy, forged with garbage": envoy("unknown," + client),
	} {
		if got := sendRaw(f, shape(own)...); got.StatusCode != http.StatusOK {
			t.Errorf("%s, from the allowed address: %s %s", name, got.Status, got.body)
		}
		if got := sendRaw(f, shape(forged)...); got.StatusCode != http.StatusForbidden ||
			!strings.Contains(got.body, "address_not_allowed") {
			t.Errorf("%s, with a forged address: %s %s", name, got.Status, got.body)
		}
	}
}

// TestUseMyAddress: the button adds the browser's address to what was typed, and saves nothing. The key's page says
// whom a list leaves out.
func TestUseMyAddress(t *testing.T) {
	f := newFixture(t)
	id, token := f.key("a key", true)
	page := f.at(keysBelow + "/" + id)
	client := f.client(tom)
	form, _ := client.get(page + "/addresses").form(page + "/addresses")
	form.Set("allowed_addresses", "192.0.2.0/24\r\nx")
	shown := form.Get("shown")
	f.ok(f.ChangeAddresses(f.ctx, f.actor(ada), f.acme, id, keyporter.AddressForm{Text: "198.51.100.1"}))
	form.Set("add", "mine")
	got := client.send(page+"/addresses", form)
	next, _ := got.form(page + "/addresses")
	if got.StatusCode != http.StatusOK || !strings.Contains(got.body, "192.0.2.0/24\nx\n127.0.0.1</textarea>") ||
		next.Get("shown") != shown {
		t.Errorf("the answer is %s, and shows %q", got.Status, next.Get("shown"))
	}
	f.ok(f.ChangeAddresses(f.ctx, f.actor(ada), f.acme, id, keyporter.AddressForm{}))
	h := described(token, "GET", "/")
	h["X-Forwarded-For"] = []string{"203.0.113.9"}
	if got := ask(f, "GET", "/gate", proxy, h); got.StatusCode != http.StatusOK {
		t.Fatal(got.Status)
	}
	for _, c := range []struct {
		allowed string
		leftOut bool
	}{{"", false}, {"203.0.113.0/24", false}, {"203.0.113.8", true}} {
		f.ok(f.ChangeAddresses(f.ctx, f.actor(ada), f.acme, id, keyporter.AddressForm{Text: c.allowed}))
		says := strings.Contains(client.get(page).body, "Not among them, but in use in the last 7 days")
		if says != c.leftOut {
			t.Errorf("with %q the page says that an address is left out: %t", c.allowed, says)
		}
	}
}
