package keyporter_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

// TestParseAddresses: what people paste is read, and written in one way.
func TestParseAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		" \r\n\t\n,;":                     "",
		"192.0.2.7":                       "192.0.2.7",
		"192.0.2.7/32":                    "192.0.2.7",
		"192.0.2.7/24":                    "192.0.2.0/24",
		"::ffff:192.0.2.7":                "192.0.2.7",
		"::ffff:192.0.2.7/120":            "192.0.2.0/24",
		"2001:DB8:0::1":                   "2001:db8::1",
		"2001:db8::1/32":                  "2001:db8::/32",
		"::1/128":                         "::1",
		"2001:db8::/32\r\n10.0.0.0/8\r\n": "10.0.0.0/8 2001:db8::/32",
		"10.0.0.2, 10.0.0.1;10.0.0.2/32":  "10.0.0.1 10.0.0.2",
		"10.0.0.0/16\n10.0.0.0/8":         "10.0.0.0/8 10.0.0.0/16",
		"\ufeff192.0.2.7\u00a0":           "192.0.2.7",
	} {
		got, wrong := keyporter.ParseAddresses(text)
		if wrong != "" || got.String() != want || (got == nil) != (want == "") {
			t.Errorf("%q is %q, %q", text, got, wrong)
		}
		if again, wrong := keyporter.ParseAddresses(got.String()); wrong != "" || again.String() != want {
			t.Errorf("%q is read again as %q, %q", want, again, wrong)
		}
	}
	for text, want := range map[string]string{
		"192.0.2.1\n\nlocalhost":  "Line 3: “localhost” is no address or block,",
		"10.0.0.0/33":             "Line 1: “10.0.0.0/33” is no address or block,",
		"10.0.0.1-10.0.0.9":       "Line 1: “10.0.0.1-10.0.0.9” is no address or block,",
		"010.0.0.1":               "no address or block,",
		"192.0.2.*":               "no address or block,",
		"[2001:db8::1]:443":       "no address or block,",
		"0.0.0.0/0":               "Line 1: “0.0.0.0/0” is every address.",
		"10.0.0.1\n::/0":          "Line 2: “::/0” is every address.",
		"::ffff:0:0/96":           "is every address.",
		"::ffff:0:0/90":           "larger than all of IPv4",
		"fe80::1%eth0":            "has a zone",
		"fe80::1%eth0/64":         "has a zone",
		"a\nb\nc\nd\ne\nf":        "Line 5: “e” is no address or block, such as",
		"a\nb\nc\nd\ne\nf\ng\nh":  "3 more are wrong.",
		strings.Repeat("9", 5000): "Line 1: “" + strings.Repeat("9", 45) + "…” is no",
		"\xff":                    "“\uFFFD”",
	} {
		if got, wrong := keyporter.ParseAddresses(text); got != nil || !strings.Contains(wrong, want) {
			t.Errorf("%.40q is %q, %q", text, got, wrong)
		}
	}
	_, token := newFixture(t).key("a key", false)
	if _, wrong := keyporter.ParseAddresses(token); strings.Contains(wrong, token) {
		t.Errorf("the sentence repeats a token: %s", wrong)
	}
}

// TestMostAddresses: 50 are taken, however often one of them stands there, and not the 51st.
func TestMostAddresses(t *testing.T) {
	text := ""
	for i := range keyporter.MaxAddresses {
		text += fmt.Sprintf("192.0.2.%d\n", i)
	}
	if got, wrong := keyporter.ParseAddresses(text + text); len(got.List()) != keyporter.MaxAddresses {
		t.Errorf("50 addresses are %q, %q", got, wrong)
	}
	if got, wrong := keyporter.ParseAddresses(text + "2001:db8::/32"); got != nil ||
		wrong != "Use at most 50 addresses and blocks; you typed 51." {
		t.Errorf("51 addresses are %q, %q", got, wrong)
	}
}

func TestAddressesContain(t *testing.T) {
	limited, _ := keyporter.ParseAddresses("192.0.2.0/24 198.51.100.7 2001:db8::/32")
	for text, want := range map[string]bool{
		"192.0.2.0": true, "192.0.2.255": true, "::ffff:192.0.2.1": true, "192.0.3.0": false, "198.51.100.7": true,
		"198.51.100.8": false, "2001:db8:ffff::1": true, "2001:db8::1%eth0": true, "2001:db9::": false, "::": false,
		"0.0.0.0": false,
	} {
		if limited.Contains(netip.MustParseAddr(text)) != want {
			t.Errorf("%s is contained: %t", text, !want)
		}
	}
	var anywhere *keyporter.Addresses
	if limited.Contains(netip.Addr{}) || !anywhere.Contains(netip.Addr{}) {
		t.Error("an unknown address is allowed with a list, or refused without one")
	}
}

// from asks the gate about a request of a client at an address.
func (f *fixture) from(token, method, address string) keyporter.Code {
	f.t.Helper()
	c := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: method, Path: "/",
		Address: address}
	c.ClientAddress, _ = netip.ParseAddr(address)
	return f.Judge(f.ctx, c).Code
}

// TestAllowedAddresses: each judgement after the answer goes by the new list. The code stands between the feature's and
// that of the access.
func TestAllowedAddresses(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	key, token := f.create(a, keyporter.KeyForm{Description: "a key", Addresses: "192.0.2.9/24\n2001:db8::1"})
	_, other := f.create(a, keyporter.KeyForm{Description: "another"})
	id := key.ID.String()
	if got := f.read(a, id).Addresses.String(); got != "192.0.2.0/24 2001:db8::1" {
		t.Errorf("the key has %q", got)
	}
	check := func(address string, want keyporter.Code) {
		t.Helper()
		if code := f.from(token, "GET", address); code != want {
			t.Errorf("from %q: %q, not %q", address, code, want)
		}
		if code := f.from(other, "GET", address); code != "" {
			t.Errorf("the key without a list, from %q: %q", address, code)
		}
	}
	check("192.0.2.77", "")
	check("2001:db8::1", "")
	check("2001:db8::2", keyporter.AddressNotAllowed)
	check("", keyporter.AddressNotAllowed)
	if code := f.from(token, "POST", "198.51.100.1"); code != keyporter.AddressNotAllowed {
		t.Errorf("a write from elsewhere: %q", code)
	}
	if code := f.from(token, "POST", "192.0.2.77"); code != keyporter.WriteAccessRequired {
		t.Errorf("a write: %q", code)
	}
	f.ok(f.ChangeAddresses(f.ctx, a, f.acme, id, keyporter.AddressForm{Text: "198.51.100.1"}))
	check("192.0.2.77", keyporter.AddressNotAllowed)
	check("198.51.100.1", "")
	f.ok(f.EditKey(f.ctx, a, f.acme, id, keyporter.KeyChanges{Description: "another name"}))
	check("192.0.2.77", keyporter.AddressNotAllowed)
	f.ok(f.SwitchFeature(f.ctx, a, f.acme, false))
	if code := f.from(token, "GET", "192.0.2.77"); code != keyporter.FeatureDisabled {
		t.Errorf("while the feature is off: %q", code)
	}
	f.ok(f.SwitchFeature(f.ctx, a, f.acme, true))
	f.ok(f.ChangeAddresses(f.ctx, a, f.acme, id, keyporter.AddressForm{}))
	check("192.0.2.77", "")
	check("", "")
	f.ok(f.ChangeAddresses(f.ctx, a, f.acme, id, keyporter.AddressForm{Text: " \n"}))
	details := ""
	for _, e := range f.auditEvents(f.acme) {
		if e.Action == keyporter.ActionChangedAddresses || e.Action == keyporter.ActionCreatedKey {
			details += e.Detail + "\n"
		}
	}
	want := "another name, allowed from anywhere\na key, allowed from 198.51.100.1\nanother, Read\n" +
		"a key, Read, allowed from 192.0.2.0/24, 2001:db8::1\n"
	if details != want {
		t.Errorf("the events say\n%s", details)
	}
	f.want("invalid input: allowed_addresses",
		f.ChangeAddresses(f.ctx, a, f.acme, id, keyporter.AddressForm{Text: "x"}))
}

// TestAddressesOfTwoAdmins: a form does not undo a change that it did not show, and says what is stored now.
func TestAddressesOfTwoAdmins(t *testing.T) {
	f := newFixture(t)
	first, second := f.actor(ada), f.actor(tom)
	key, _ := f.create(first, keyporter.KeyForm{Description: "a key"})
	id, shown := key.ID.String(), key.AddressVersion()
	change := func(a keyporter.Actor, text, shown string) error {
		return f.ChangeAddresses(f.ctx, a, f.acme, id, keyporter.AddressForm{Text: text, Shown: shown})
	}
	for range 2 { // a repeated click
		f.ok(change(first, "192.0.2.7\n192.0.2.6", shown))
	}
	err, _ := change(second, "192.0.2.9", shown).(keyporter.Invalid)
	if want := "Somebody else changed this while the form was open: the key is now allowed from 192.0.2.6, " +
		"192.0.2.7. Save again to replace that."; err[""] != want {
		t.Errorf("the second form is answered %q", err[""])
	}
	if now := f.read(first, id).Addresses.String(); now != "192.0.2.6 192.0.2.7" {
		t.Errorf("the key has %q", now)
	}
	f.ok(change(second, "192.0.2.9", f.read(first, id).AddressVersion()))
	if now := f.read(first, id).Addresses.String(); now != "192.0.2.9" {
		t.Errorf("the key has %q", now)
	}
}

// TestJudgingAKeyWithAddressesAllocatesNothing: neither the list nor the recorded client costs the gate memory.
func TestJudgingAKeyWithAddressesAllocatesNothing(t *testing.T) {
	if engine.String() != "sqlite" {
		t.Skip("a database at the other end of a connection is asked")
	}
	f := newFixture(t)
	a := f.actor(ada)
	key, token := f.key("a key", false)
	f.limitTo(a, key, "192.0.2.0/24 2001:db8::/32 198.51.100.7")
	for address, want := range map[string]keyporter.Code{
		"198.51.100.7": "", "203.0.113.9": keyporter.AddressNotAllowed,
	} {
		c := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: "GET", Path: "/",
			Address: address, Agent: "export/1", ClientAddress: netip.MustParseAddr(address)}
		if code := f.Judge(f.ctx, c).Code; code != want {
			t.Errorf("from %s: %q", address, code)
		}
		if n := testing.AllocsPerRun(100, func() { f.Judge(f.ctx, c) }); n > 0 {
			t.Errorf("from %s: %v allocations", address, n)
		}
	}
}
