package exclude_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"keyporter/internal/exclude"
)

// The texts have few different characters, so that patterns match events.
var (
	someHost    = rapid.StringMatching(`[abA.]{0,5}(:[01]{0,2})?`)
	someID      = rapid.StringMatching(`[abA*@é]{0,6}`)
	somePattern = rapid.StringMatching(`[abA.:01]{0,3}(\*[abA.:01]{0,3}){0,4}`)
	digit       = rapid.IntRange(0, 3)
	someAddress = rapid.Custom(func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "6") {
			begin := rapid.SampledFrom([]string{"", "::ffff:0.0.0.", "fe8"}).Draw(t, "begin")
			return fmt.Sprintf("%s%d:0:%x::%d", begin, digit.Draw(t, "a"), digit.Draw(t, "b"), digit.Draw(t, "c"))
		}
		begin := rapid.SampledFrom([]int{0, 10, 127, 128, 255}).Draw(t, "begin")
		return fmt.Sprintf("%d.%d.0.%d", begin, digit.Draw(t, "b"), digit.Draw(t, "c"))
	})
)

func drawEntry(t *rapid.T) exclude.Entry {
	kind := rapid.SampledFrom(exclude.Kinds).Draw(t, "kind")
	text := somePattern.Draw(t, "pattern")
	if kind == exclude.Address {
		text = someAddress.Draw(t, "address")
		switch rapid.IntRange(0, 3).Draw(t, "form") {
		case 0:
			text += fmt.Sprintf("/%d", rapid.IntRange(0, 40).Draw(t, "bits"))
		case 1:
			cut := rapid.IntRange(0, len(text)).Draw(t, "cut")
			text = text[:cut] + "*" + text[min(len(text), cut+rapid.IntRange(0, 2).Draw(t, "gap")):]
		}
	}
	pattern, sentence := exclude.CleanPattern(kind, text)
	if sentence != "" {
		return drawEntry(t)
	}
	return exclude.Entry{Kind: kind, Pattern: pattern}
}

func drawEvent(t *rapid.T) exclude.Event {
	address, _ := exclude.ParseAddress(someAddress.Draw(t, "remoteIp"))
	return exclude.Event{
		Server: someHost.Draw(t, "server"), RemoteIP: address,
		VisitorID: someID.Draw(t, "visitorId"), AccountID: someID.Draw(t, "accountId"),
	}
}

// TestIndexAgreesWithLoop compares for any list and any event what the index finds, what going through all entries
// finds, and what regular expressions find.
func TestIndexAgreesWithLoop(t *testing.T) {
	excluded := 0
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfN(rapid.Custom(drawEntry), 0, 40).Draw(t, "entries")
		list := exclude.NewList(entries)
		for range 10 {
			event := drawEvent(t)
			var matching []exclude.Entry
			for _, e := range list.Entries() {
				if matchesByRule(e, event) {
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
		t.Error("no event was excluded")
	}
}

// matchesByRule is the rule, written as in docs/api.md.
func matchesByRule(e exclude.Entry, event exclude.Event) bool {
	switch e.Kind {
	case exclude.Server:
		host := regexp.MustCompile(`^([^:]+|\[.*\]):[0-9]*$`).ReplaceAllString(event.Server, "$1")
		return matchesRegexp(e.Pattern, strings.ToLower(event.Server)) ||
			matchesRegexp(e.Pattern, strings.ToLower(host))
	case exclude.Visitor:
		return matchesRegexp(e.Pattern, event.VisitorID)
	case exclude.Account:
		return matchesRegexp(e.Pattern, event.AccountID)
	}
	if !event.RemoteIP.IsValid() {
		return false
	}
	if block, err := netip.ParsePrefix(e.Pattern); err == nil {
		return block.Contains(event.RemoteIP)
	}
	return matchesRegexp(e.Pattern, event.RemoteIP.String())
}

func matchesRegexp(pattern, text string) bool {
	expression := "(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$"
	return text != "" && regexp.MustCompile(expression).MatchString(text)
}

// TestLongPieces draws patterns that share beginnings, ends and middles, so that a tree has to split nodes.
func TestLongPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`(ab|abc|b){1,4}`)
		var entries []exclude.Entry
		for range rapid.IntRange(1, 30).Draw(t, "n") {
			forms := []string{"%s", "%s*", "*%s", "*%s*", "%s*b", "a*%s", "*b*%s*", "a*%s*b"}
			pattern := fmt.Sprintf(rapid.SampledFrom(forms).Draw(t, "form"), word.Draw(t, "word"))
			entries = append(entries, exclude.Entry{Kind: exclude.Visitor, Pattern: pattern})
		}
		list := exclude.NewList(entries)
		for range 20 {
			event := exclude.Event{VisitorID: word.Draw(t, "text")}
			matching := slices.Collect(list.Matching(event))
			if list.Excludes(event) != (len(matching) > 0) {
				t.Fatalf("%v: the index says %v, the loop finds %v", event, len(matching) == 0, matching)
			}
		}
	})
}

// fullList has 10,000 entries of all kinds and forms.
func fullList() *exclude.List {
	var entries []exclude.Entry
	for i := range exclude.MaxEntries / 10 {
		for kind, forms := range map[exclude.Kind][]string{
			exclude.Server:  {"host%d.example.com", "dev%d*", "*:%d", "*.zone%d.*"},
			exclude.Address: {fmt.Sprintf("10.%d.%d.0/%%d", i/256, i%256), "192.168.*.%d"},
			exclude.Visitor: {"visitor-%d", "*@team%d.example.com"},
			exclude.Account: {"account-%d", "trial*%d"},
		} {
			for _, form := range forms {
				n := i
				if strings.Contains(form, "/") {
					n = 24
				}
				entries = append(entries, exclude.Entry{Kind: kind, Pattern: fmt.Sprintf(form, n)})
			}
		}
	}
	return exclude.NewList(entries)
}

// TestExcludesDoesNotAllocate checks it for every kind of event, and for servers in upper case.
func TestExcludesDoesNotAllocate(t *testing.T) {
	list := fullList()
	if len(list.Entries()) != exclude.MaxEntries {
		t.Fatalf("the list has %d entries", len(list.Entries()))
	}
	for _, c := range []struct {
		event exclude.Event
		want  bool
	}{
		{exclude.Event{
			Server: "www.example.com:65000", RemoteIP: netip.MustParseAddr("2001:db8:1111:2222:3333:4444:5555:6666"),
			VisitorID: "ada@example.com", AccountID: "acme",
		}, false},
		{exclude.Event{
			Server: strings.Repeat("WWW.", 60) + "Example.com:80443", RemoteIP: netip.MustParseAddr("203.0.113.9"),
			VisitorID: strings.Repeat("x", 2000), AccountID: "trial-x",
		}, false},
		{exclude.Event{Server: "HOST999.Example.com:8443"}, true},
		{exclude.Event{Server: "x:77"}, true},
		{exclude.Event{Server: "a.ZONE7.b"}, true},
		{exclude.Event{RemoteIP: netip.MustParseAddr("10.3.9.200")}, true},
		{exclude.Event{RemoteIP: netip.MustParseAddr("192.168.1.17")}, true},
		{exclude.Event{VisitorID: "ada@team12.example.com"}, true},
		{exclude.Event{AccountID: "trial of 7"}, true},
		{exclude.Event{}, false},
	} {
		if list.Excludes(c.event) != c.want {
			t.Errorf("%v: %v", c.event, !c.want)
		}
		if n := testing.AllocsPerRun(100, func() { list.Excludes(c.event) }); n != 0 {
			t.Errorf("%v: %.0f allocations", c.event, n)
		}
	}
}

// TestEntriesInOrder checks that the order does not depend on the collation of the database.
func TestEntriesInOrder(t *testing.T) {
	var given []exclude.Entry
	for _, text := range []string{
		"accountId b", "visitorId é", "visitorId Z", "visitorId a",
		"remoteIp 10.0.0.0/8", "server dev*", "server *:3000",
	} {
		kind, pattern, _ := strings.Cut(text, " ")
		given = append(given, exclude.Entry{Kind: exclude.Kind(kind), Pattern: pattern})
	}
	list := exclude.NewList(given)
	var got []string
	for _, e := range list.Entries() {
		got = append(got, string(e.Kind)+" "+e.Pattern)
	}
	want := []string{
		"server *:3000", "server dev*", "remoteIp 10.0.0.0/8",
		"visitorId Z", "visitorId a", "visitorId é", "accountId b",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the order is %q", got)
	}
	for kind, n := range map[exclude.Kind]int{
		exclude.Server: 2, exclude.Address: 1, exclude.Visitor: 3, exclude.Account: 1,
	} {
		if len(list.EntriesOf(kind)) != n {
			t.Errorf("%s has %v", kind, list.EntriesOf(kind))
		}
	}
}

func TestPorts(t *testing.T) {
	var entries []exclude.Entry
	for _, host := range []string{"[::1]", "::", "a", "b:80"} {
		entries = append(entries, exclude.Entry{Kind: exclude.Server, Pattern: host})
	}
	list := exclude.NewList(entries)
	for server, want := range map[string]bool{
		"[::1]:3000": true, "[::1]": true, "A:3000": true, "a:": true, "b:80": true, "::": true,
		"::1": false, "a:80:90": false, "a:x": false, "a:-1": false, ":80": false, "b": false, "b:8080": false,
		"[::1]:x": false, "[::1": false, "": false,
	} {
		if list.Excludes(exclude.Event{Server: server}) != want {
			t.Errorf("%q: %v", server, !want)
		}
	}
}

// TestEventsAreNormalised checks that an event may have letters that are composed or decomposed.
func TestEventsAreNormalised(t *testing.T) {
	const composed, decomposed = "Caf\u00e9", "Cafe\u0301"
	for _, text := range []string{composed, decomposed} {
		list := exclude.NewList([]exclude.Entry{
			{Kind: exclude.Visitor, Pattern: composed}, {Kind: exclude.Account, Pattern: composed + "*"},
			{Kind: exclude.Server, Pattern: "m\u00fcnchen.example"},
		})
		for _, e := range []exclude.Event{
			{VisitorID: text}, {AccountID: text + "-7"},
			{Server: "mu\u0308nchen.example:80"}, {Server: "M\u00fcnchen.Example"},
		} {
			if !list.Excludes(e) {
				t.Errorf("%+q is not excluded", e)
			}
			n := 0
			for range list.Matching(e) {
				n++
			}
			if n != 1 {
				t.Errorf("%d entries match %+q", n, e)
			}
		}
	}
}
