package keyporter

import (
	"bytes"
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		backoff backoff
		waits   []time.Duration // after each try in turn; a try comes when the wait before is over
	}{
		{"account", accountBackoff, []time.Duration{0, 0, 0, 0, 1 * time.Second, 2 * time.Second, 4 * time.Second,
			8 * time.Second,
			16 * time.Second, 32 * time.Second, time.Minute, time.Minute}},
		{"short", backoff{free: 1, maxWait: 3 * time.Second, forget: time.Hour},
			[]time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second}},
	} {
		var l Limit
		at := now
		for i, want := range c.waits {
			l = c.backoff.after(l, at)
			if got := l.NextAt.Sub(at); got != want {
				t.Errorf("%s: after try %d the wait is %s, want %s", c.name, i+1, got, want)
			}
			if !l.Expires.Equal(l.NextAt.Add(c.backoff.forget)) {
				t.Errorf("%s: after try %d the limit lives until %s", c.name, i+1, l.Expires)
			}
			at = l.NextAt
		}
		if l = c.backoff.after(l, l.Expires); l.Tries != 1 {
			t.Errorf("%s: after its end the limit counts %d tries", c.name, l.Tries)
		}
	}
	l := Limit{Tries: 1 << 40, NextAt: now, Expires: now.Add(time.Hour)}
	if wait := networkBackoff.after(l, now).NextAt.Sub(now); wait != networkBackoff.maxWait {
		t.Errorf("after very many tries the wait is %s", wait)
	}
}

func TestLimitKeys(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []byte
		same bool
	}{
		{"an address however spelled", accountLimitKey("ada@example.com"), accountLimitKey(" ADA@Example.com"), true},
		{"two addresses", accountLimitKey("ada@example.com"), accountLimitKey("bob@example.com"), false},
		{"two IPv4 addresses", networkLimitKey("192.0.2.1"), networkLimitKey("192.0.2.2"), false},
		{"an IPv4 address within IPv6", networkLimitKey("192.0.2.1"), networkLimitKey("::ffff:192.0.2.1"), true},
		{"one /64", networkLimitKey("2001:db8:1:2::1"), networkLimitKey("2001:db8:1:2:ffff:ffff:ffff:ffff"), true},
		{"two /64", networkLimitKey("2001:db8:1:2::1"), networkLimitKey("2001:db8:1:3::1"), false},
		{"one address spelled twice", networkLimitKey("2001:db8::1"), networkLimitKey("2001:0DB8:0:0:0:0:0:1"), true},
		{"a zone", networkLimitKey("fe80::1%eth0"), networkLimitKey("fe80::1%eth1"), true},
		{"an account and a network of one name", accountLimitKey("192.0.2.1"), networkLimitKey("192.0.2.1"), false},
		{"no addresses", networkLimitKey(""), networkLimitKey("pipe"), false},
	} {
		if bytes.Equal(c.a, c.b) != c.same {
			t.Errorf("%s: the same scope is %v", c.name, !c.same)
		}
	}
}
