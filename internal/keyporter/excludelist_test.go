package keyporter_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"keyporter/internal/keyporter"
)

// The texts are of few characters, so that patterns and events meet.
var (
	someHost    = rapid.StringMatching(`[abA.]{0,5}(:[01]{0,2})?`)
	someID      = rapid.StringMatching(`[abA*@é]{0,6}`)
	somePattern = rapid.StringMatching(`[abA.:01]{0,3}(\*[abA.:01]{0,3}){0,4}`)
	someAddress = rapid.Custom(func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "6") {
			return fmt.Sprintf("%s%d:0:%x::%d", rapid.SampledFrom([]string{"", "::ffff:0.0.0.", "fe8"}).Draw(t, "begin"), rapid.IntRange(0, 3).Draw(t, "a"), rapid.IntRange(0, 3).Draw(t, "b"), rapid.IntRange(0, 3).Draw(t, "c"))
		}
		return fmt.Sprintf("%d.%d.0.%d", rapid.SampledFrom([]int{0, 10, 127, 128, 255}).Draw(t, "a"), rapid.IntRange(0, 3).Draw(t, "b"), rapid.IntRange(0, 3).Draw(t, "c"))
	})
)

func drawEntry(t *rapid.T) keyporter.ExcludeEntry {
	kind := rapid.SampledFrom(keyporter.ExcludeKinds).Draw(t, "kind")
	text := somePattern.Draw(t, "pattern")
	if kind == keyporter.ExcludeAddress {
		text = someAddress.Draw(t, "address")
		switch rapid.IntRange(0, 3).Draw(t, "form") {
		case 0:
			text += fmt.Sprintf("/%d", rapid.IntRange(0, 40).Draw(t, "bits"))
		case 1:
			cut := rapid.IntRange(0, len(text)).Draw(t, "cut")
			text = text[:cut] + "*" + text[min(len(text), cut+rapid.IntRange(0, 2).Draw(t, "gap")):]
		}
	}
	pattern, sentence := keyporter.CleanPattern(kind, text)
	if sentence != "" {
		return drawEntry(t)
	}
	return keyporter.ExcludeEntry{Kind: kind, Pattern: pattern}
}

func drawEvent(t *rapid.T) keyporter.Event {
	address, _ := keyporter.ParseAddress(someAddress.Draw(t, "remoteIp"))
	return keyporter.Event{Server: someHost.Draw(t, "server"), RemoteIP: address, VisitorID: someID.Draw(t, "visitorId"), AccountID: someID.Draw(t, "accountId")}
}

// TestIndexAgreesWithLoop: for any list and any event the index says what going through all entries says, and what the
// rules say in another way, with regular expressions.
func TestIndexAgreesWithLoop(t *testing.T) {
	excluded := 0
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfN(rapid.Custom(drawEntry), 0, 40).Draw(t, "entries")
		list := keyporter.NewExcludeList(entries)
		for range 10 {
			event := drawEvent(t)
			var matching []keyporter.ExcludeEntry
			for _, e := range list.Entries() {
				if describes(e, event) {
					matching = append(matching, e)
				}
			}
			if got := slices.Collect(list.Matching(event)); !slices.Equal(got, matching) {
				t.Fatalf("%v: the loop finds %v, want %v", event, got, matching)
			}
			if list.Excludes(event) != (len(matching) > 0) {
				t.Fatalf("%v: the index says %v, the loop finds %v", event, len(matching) == 0, matching)
			}
			if len(matching) > 0 {
				excluded++
			}
		}
	})
	if excluded == 0 {
		t.Error("no event was excluded: the texts do not meet")
	}
}

// describes is the rule, written as in docs/api.md.
func describes(e keyporter.ExcludeEntry, event keyporter.Event) bool {
	switch e.Kind {
	case keyporter.ExcludeServer:
		host := regexp.MustCompile(`^([^:]+|\[.*\]):[0-9]*$`).ReplaceAllString(event.Server, "$1")
		return described(e.Pattern, strings.ToLower(event.Server)) || described(e.Pattern, strings.ToLower(host))
	case keyporter.ExcludeVisitor:
		return described(e.Pattern, event.VisitorID)
	case keyporter.ExcludeAccount:
		return described(e.Pattern, event.AccountID)
	}
	if !event.RemoteIP.IsValid() {
		return false
	}
	if block, err := netip.ParsePrefix(e.Pattern); err == nil {
		return block.Contains(event.RemoteIP)
	}
	return described(e.Pattern, event.RemoteIP.String())
}

func described(pattern, text string) bool {
	expression := "(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$"
	return text != "" && regexp.MustCompile(expression).MatchString(text)
}

// TestLongPieces: patterns that share beginnings, ends and insides, which a tree has to part.
func TestLongPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`(ab|abc|b){1,4}`)
		var entries []keyporter.ExcludeEntry
		for range rapid.IntRange(1, 30).Draw(t, "n") {
			form := rapid.SampledFrom([]string{"%s", "%s*", "*%s", "*%s*", "%s*b", "a*%s", "*b*%s*", "a*%s*b"}).Draw(t, "form")
			entries = append(entries, keyporter.ExcludeEntry{Kind: keyporter.ExcludeVisitor, Pattern: fmt.Sprintf(form, word.Draw(t, "word"))})
		}
		list := keyporter.NewExcludeList(entries)
		for range 20 {
			event := keyporter.Event{VisitorID: word.Draw(t, "text")}
			matching := slices.Collect(list.Matching(event))
			if list.Excludes(event) != (len(matching) > 0) {
				t.Fatalf("%v: the index says %v, the loop finds %v", event, len(matching) == 0, matching)
			}
		}
	})
}

// fullList has 10,000 entries of all kinds and forms.
func fullList() *keyporter.ExcludeList {
	var entries []keyporter.ExcludeEntry
	for i := range keyporter.MaxExcludeEntries / 10 {
		for kind, forms := range map[keyporter.ExcludeKind][]string{
			keyporter.ExcludeServer:  {"host%d.example.com", "dev%d*", "*:%d", "*.zone%d.*"},
			keyporter.ExcludeAddress: {fmt.Sprintf("10.%d.%d.0/%%d", i/256, i%256), "192.168.*.%d"},
			keyporter.ExcludeVisitor: {"visitor-%d", "*@team%d.example.com"},
			keyporter.ExcludeAccount: {"account-%d", "trial*%d"},
		} {
			for _, form := range forms {
				n := i
				if strings.Contains(form, "/") {
					n = 24
				}
				entries = append(entries, keyporter.ExcludeEntry{Kind: kind, Pattern: fmt.Sprintf(form, n)})
			}
		}
	}
	return keyporter.NewExcludeList(entries)
}

// TestMatchingAllocatesNothing: whatever the event, and whatever the letters of its server.
func TestMatchingAllocatesNothing(t *testing.T) {
	list := fullList()
	if len(list.Entries()) != keyporter.MaxExcludeEntries {
		t.Fatalf("the list has %d entries", len(list.Entries()))
	}
	for _, c := range []struct {
		event keyporter.Event
		want  bool
	}{
		{keyporter.Event{Server: "www.example.com:65000", RemoteIP: netip.MustParseAddr("2001:db8:1111:2222:3333:4444:5555:6666"), VisitorID: "ada@example.com", AccountID: "acme"}, false},
		{keyporter.Event{Server: strings.Repeat("WWW.", 60) + "Example.com:80443", RemoteIP: netip.MustParseAddr("203.0.113.9"), VisitorID: strings.Repeat("x", 2000), AccountID: "trial-x"}, false},
		{keyporter.Event{Server: "HOST999.Example.com:8443"}, true}, {keyporter.Event{Server: "x:77"}, true}, {keyporter.Event{Server: "a.ZONE7.b"}, true},
		{keyporter.Event{RemoteIP: netip.MustParseAddr("10.3.9.200")}, true}, {keyporter.Event{RemoteIP: netip.MustParseAddr("192.168.1.17")}, true},
		{keyporter.Event{VisitorID: "ada@team12.example.com"}, true}, {keyporter.Event{AccountID: "trial of 7"}, true}, {keyporter.Event{}, false},
	} {
		if list.Excludes(c.event) != c.want {
			t.Errorf("%v: %v", c.event, !c.want)
		}
		if n := testing.AllocsPerRun(100, func() { list.Excludes(c.event) }); n != 0 {
			t.Errorf("%v: %.0f allocations", c.event, n)
		}
	}
}

// TestEntriesInOrder: lists come in one order, whatever the database's collation.
func TestEntriesInOrder(t *testing.T) {
	var given []keyporter.ExcludeEntry
	for _, text := range []string{"accountId b", "visitorId é", "visitorId Z", "visitorId a", "remoteIp 10.0.0.0/8", "server dev*", "server *:3000"} {
		kind, pattern, _ := strings.Cut(text, " ")
		given = append(given, keyporter.ExcludeEntry{Kind: keyporter.ExcludeKind(kind), Pattern: pattern})
	}
	list := keyporter.NewExcludeList(given)
	var got []string
	for _, e := range list.Entries() {
		got = append(got, string(e.Kind)+" "+e.Pattern)
	}
	want := []string{"server *:3000", "server dev*", "remoteIp 10.0.0.0/8", "visitorId Z", "visitorId a", "visitorId é", "accountId b"}
	if !slices.Equal(got, want) {
		t.Errorf("the order is %q", got)
	}
	for kind, n := range map[keyporter.ExcludeKind]int{keyporter.ExcludeServer: 2, keyporter.ExcludeAddress: 1, keyporter.ExcludeVisitor: 3, keyporter.ExcludeAccount: 1} {
		if len(list.EntriesOf(kind)) != n {
			t.Errorf("%s has %v", kind, list.EntriesOf(kind))
		}
	}
}

// TestPorts: what counts as a server's port.
func TestPorts(t *testing.T) {
	var entries []keyporter.ExcludeEntry
	for _, host := range []string{"[::1]", "::", "a", "b:80"} {
		entries = append(entries, keyporter.ExcludeEntry{Kind: keyporter.ExcludeServer, Pattern: host})
	}
	list := keyporter.NewExcludeList(entries)
	for server, want := range map[string]bool{
		"[::1]:3000": true, "[::1]": true, "A:3000": true, "a:": true, "b:80": true, "::": true,
		"::1": false, "a:80:90": false, "a:x": false, "a:-1": false, ":80": false, "b": false, "b:8080": false, "[::1]:x": false, "[::1": false, "": false,
	} {
		if list.Excludes(keyporter.Event{Server: server}) != want {
			t.Errorf("%q: %v", server, !want)
		}
	}
}
