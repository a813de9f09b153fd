package server

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"keyporter/internal/config"
)

// testClientIP returns a clientIP with these trusted proxies, what it logs, and its clock.
func testClientIP(t *testing.T, trusted string) (*clientIP, *bytes.Buffer, *time.Time) {
	t.Helper()
	noEnvironment := func(string) string { return "" }
	settings, err := config.ParseServe("", []string{"--trusted-proxies", trusted}, noEnvironment, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, now := &bytes.Buffer{}, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	log := slog.New(slog.NewTextHandler(out, nil))
	return newClientIP(settings.TrustedProxies, func() time.Time { return now }, log), out, &now
}

func forwardedFrom(from string, values ...string) *http.Request {
	r := &http.Request{RemoteAddr: from, Header: http.Header{}}
	if len(values) > 0 {
		r.Header["X-Forwarded-For"] = values
	}
	return r
}

// TestForwardedAddress: a client's address is found in every form in which proxies write it. What is not an address is
// never replaced by the proxy's.
func TestForwardedAddress(t *testing.T) {
	client, _, _ := testClientIP(t, "127.0.0.0/8,::1/128,10.0.0.0/8")
	const proxy = "127.0.0.1:5000"
	for _, c := range []struct {
		from   string
		values []string
		want   string
	}{
		{"203.0.113.9:1234", nil, "203.0.113.9"},
		{"[2001:db8::9]:1234", nil, "2001:db8::9"},
		{proxy, nil, "127.0.0.1"},
		{proxy, []string{"203.0.113.66"}, "203.0.113.66"},
		{proxy, []string{"203.0.113.66:4711"}, "203.0.113.66"},
		{proxy, []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		{proxy, []string{"[2001:db8::7]"}, "2001:db8::7"},
		{proxy, []string{"[203.0.113.7]:80"}, "203.0.113.7"},
		{proxy, []string{`"[203.0.113.7]:80"`}, "203.0.113.7"},
		{proxy, []string{"[203.0.113.7]"}, "203.0.113.7"},
		{proxy, []string{"203.0.113.66, [10.1.2.3]:80"}, "203.0.113.66"},
		{proxy, []string{"[203.0.113.7]:x"}, unknownAddress},
		{proxy, []string{"[203.0.113.7]:"}, unknownAddress},
		{proxy, []string{"203.0.113.7]:80"}, unknownAddress},
		{proxy, []string{"[[203.0.113.7]:80"}, unknownAddress},
		{proxy, []string{"2001:DB8::7"}, "2001:db8::7"},
		{proxy, []string{"::ffff:203.0.113.66"}, "203.0.113.66"},
		{proxy, []string{"198.51.100.1, 203.0.113.66:1"}, "203.0.113.66"},
		{proxy, []string{"203.0.113.66:1, 10.1.2.3:99 ,127.0.0.1"}, "203.0.113.66"},
		{proxy, []string{"198.51.100.1", "203.0.113.66:1"}, "203.0.113.66"},
		{proxy, []string{"10.1.2.3, 10.4.5.6:7"}, "10.1.2.3"},
		{proxy, []string{"203.0.113.66, "}, "203.0.113.66"},
		{proxy, []string{"203.0.113.66, unknown"}, unknownAddress},
		{proxy, []string{"203.0.113.66, 10.1.2.3:x"}, unknownAddress},
		{proxy, []string{"_hidden, 10.1.2.3"}, unknownAddress},
		{proxy, []string{"junk, 203.0.113.66"}, "203.0.113.66"},
		{proxy, []string{""}, "127.0.0.1"},
		{"203.0.113.9:1234", []string{"198.51.100.1"}, "203.0.113.9"},
		{"[::1]:1234", []string{"198.51.100.1"}, "198.51.100.1"},
	} {
		if got := client.addressOf(forwardedFrom(c.from, c.values...)); got != c.want {
			t.Errorf("from %s with %q: %s, want %s", c.from, c.values, got, c.want)
		}
	}
}

// TestForwardedAddressWarnings: a value that is not an address is logged once a minute, an ignored header once an hour.
func TestForwardedAddressWarnings(t *testing.T) {
	client, log, now := testClientIP(t, "127.0.0.1")
	said := func(words ...string) int {
		t.Helper()
		n := strings.Count(log.String(), "\n")
		for _, word := range words {
			if !strings.Contains(log.String(), word) {
				t.Errorf("the log does not say %s: %s", word, log)
			}
		}
		log.Reset()
		return n
	}
	for name, c := range map[string]struct {
		request *http.Request
		every   time.Duration
		words   []string
	}{
		"no address": {forwardedFrom("127.0.0.1:1", "hidden"), time.Minute, []string{"hidden", "unknown", "127.0.0.1"}},
		"no proxy": {forwardedFrom("203.0.113.9:1", "198.51.100.1"), time.Hour,
			[]string{"--trusted-proxies", "203.0.113.9"}},
	} {
		for range 3 {
			client.addressOf(c.request)
		}
		if n := said(c.words...); n != 1 {
			t.Errorf("%s: %d lines at once, want one", name, n)
		}
		*now = now.Add(c.every - time.Second)
		client.addressOf(c.request)
		if n := said(); n != 0 {
			t.Errorf("%s: %d lines before %s are over", name, n, c.every)
		}
		*now = now.Add(time.Second)
		client.addressOf(c.request)
		if n := said(c.words...); n != 1 {
			t.Errorf("%s: %d lines after %s", name, n, c.every)
		}
	}
}

// TestForwardedTokenIsNotLogged: a token in X-Forwarded-For is masked in the log.
func TestForwardedTokenIsNotLogged(t *testing.T) {
	for _, token := range []string{"kpint_4fT9aQ0bZ7Lm_" + strings.Repeat("a", 32) + "0mLq17",
		"kpint%5F4fT9aQ0bZ7Lm%5F" + strings.Repeat("a", 32) + "0mLq17"} {
		client, log, _ := testClientIP(t, "127.0.0.1")
		client.addressOf(forwardedFrom("127.0.0.1:1", token))
		if strings.Contains(log.String(), strings.Repeat("a", 12)) || !strings.Contains(log.String(), "4fT9aQ0bZ7Lm") {
			t.Errorf("the log says %s", log)
		}
	}
}

// TestMappedNetworks: an IPv4 network that is written as an IPv6 one contains the IPv4 addresses.
func TestMappedNetworks(t *testing.T) {
	for _, network := range []string{"::ffff:127.0.0.0/104", "::ffff:127.0.0.1", "::ffff:7f00:1/128", "127.0.0.0/8"} {
		client, _, _ := testClientIP(t, network)
		for _, address := range []string{"127.0.0.1", "::ffff:127.0.0.1"} {
			if !client.isProxy(netip.MustParseAddr(address)) {
				t.Errorf("%s does not hold %s", network, address)
			}
		}
		if client.isProxy(netip.MustParseAddr("128.0.0.1")) || client.isProxy(netip.MustParseAddr("::1")) {
			t.Errorf("%s holds what it does not", network)
		}
	}
	_, err := config.ParseServe("", []string{"--trusted-proxies", "::ffff:0:0/90"}, func(string) string { return "" },
		nil)
	if err == nil {
		t.Error("a network that holds all of IPv4 and more is taken")
	}
}
