package main

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"keyporter/internal/exclude"
)

// exclusions measures the time that one event takes with the full Exclude List, by its index and by a loop over its
// entries. One event in four is excluded; the loop compares the others with every entry.
func (b *bench) exclusions() error {
	list, events := fullExcludeList(), mixedEvents()
	n := 0
	for _, e := range events {
		if list.Excludes(e) {
			n++
		}
	}
	if len(list.Entries()) != exclude.MaxEntries || n != len(events)/4 {
		return fmt.Errorf("the list has %d entries and excludes %d of %d events", len(list.Entries()), n, len(events))
	}
	var index, loop, allocations figures
	for range b.rounds {
		indexed := matching(events, list.Excludes)
		looped := matching(events, func(e exclude.Event) bool {
			for range list.Matching(e) {
				return true
			}
			return false
		})
		index, loop = append(index, float64(indexed.NsPerOp())), append(loop, float64(looped.NsPerOp()))
		allocations = append(allocations, float64(indexed.AllocsPerOp()))
	}
	fmt.Printf("\nOne event against an Exclude List of %d entries, "+
		"a half of them with wildcards and a quarter CIDR blocks\n",
		exclude.MaxEntries)
	index.print("nanoseconds, by the index", "%.0f")
	allocations.print("allocations", "%.0f")
	loop.print("nanoseconds, by a loop over all entries", "%.0f")
	loop.over(index).print("loop / index", "%.0f")
	return b.worstExclusions(list, events)
}

// worstExclusions measures the slowest lists and events that are known, and the ordinary list with events of the same
// length to compare them with.
func (b *bench) worstExclusions(list *exclude.List, events []exclude.Event) error {
	ordinary := worstCase{name: "the list from above", list: list, events: lengthened(events)}
	fmt.Printf("\nThe same for fields of up to %d bytes, in nanoseconds: an ordinary list, and lists made to be slow\n",
		longText)
	var usual figures
	for _, c := range append([]worstCase{ordinary}, worstCases()...) {
		var took figures
		for range b.rounds {
			took = append(took, nanoseconds(c))
		}
		if usual == nil {
			usual = took
		}
		took.print(c.name, "%.0f")
		took.over(usual).print("  over the ordinary list", "%.1f")
	}
	return nil
}

// nanoseconds returns the time that a case takes for one event after the index is built.
func nanoseconds(c worstCase) float64 {
	const n = 2000
	c.list.Excludes(c.events[0])
	begin := time.Now()
	for i := range n {
		c.list.Excludes(c.events[i%len(c.events)])
	}
	return float64(time.Since(begin).Nanoseconds()) / n
}

// lengthened returns events whose texts have the greatest length that is accepted.
func lengthened(events []exclude.Event) []exclude.Event {
	var long []exclude.Event
	for i, e := range events {
		filler := randomText(longText, lower+"-.@", uint64(i))
		e.VisitorID, e.AccountID = (e.VisitorID + filler)[:longText], (e.AccountID + filler)[:longText]
		e.Server = filler[:longText-len(":443")] + ":443"
		long = append(long, e)
	}
	return long
}

func matching(events []exclude.Event, excludes func(exclude.Event) bool) testing.BenchmarkResult {
	return testing.Benchmark(func(t *testing.B) {
		t.ReportAllocs()
		for i := range t.N {
			excludes(events[i%len(events)])
		}
	})
}

// fullExcludeList has entries of all forms, for hosts, visitors, accounts, addresses and blocks of many lengths.
func fullExcludeList() *exclude.List {
	const each = exclude.MaxEntries / 16
	var entries []exclude.Entry
	for i := range each {
		for kind, patterns := range map[exclude.Kind][]string{
			exclude.Server: {fmt.Sprintf("host%d.example.com", i), fmt.Sprintf("dev%d-*", i),
				fmt.Sprintf("*:%d", 3000+i), fmt.Sprintf("*.zone%d.*", i),
				fmt.Sprintf("app*.cluster%d.example.net", i)},
			exclude.Visitor: {fmt.Sprintf("visitor-%d", i), fmt.Sprintf("*@team%d.example.com", i),
				fmt.Sprintf("load-test-%d-*", i)},
			exclude.Account: {fmt.Sprintf("account-%d", i), fmt.Sprintf("*trial %d*", i),
				fmt.Sprintf("demo-%d*", i)},
			exclude.Address: {
				fmt.Sprintf("198.18.%d.%d", i/256, i%256), fmt.Sprintf("10.%d.%d.0/24", i/256, i%256),
				fmt.Sprintf("172.%d.%d.0/28", 16+i/256, i%256),
				fmt.Sprintf("2001:db8:%x::/48", i), fmt.Sprintf("2001:db8:ffff:%x::/64", i),
			},
		} {
			for _, pattern := range patterns {
				entries = append(entries, exclude.Entry{Kind: kind, Pattern: pattern})
			}
		}
	}
	return exclude.NewList(entries)
}

// mixedEvents returns events with all four fields. One in four is excluded, by varying fields.
func mixedEvents() []exclude.Event {
	events := make([]exclude.Event, 1024)
	for i := range events {
		e := exclude.Event{
			Server:    fmt.Sprintf("www%d.customer.example.com:443", i),
			RemoteIP:  netip.AddrFrom4([4]byte{203, 0, byte(i / 256), byte(i)}),
			VisitorID: fmt.Sprintf("person-%d@customer.example.com", i),
			AccountID: fmt.Sprintf("customer %d", i),
		}
		if i%8 == 1 {
			e.RemoteIP = netip.AddrFrom16([16]byte{0x20, 1, 0x0d, 0xb9, 0, byte(i), 15: 7})
		}
		switch i % 16 {
		case 0:
			e.Server = fmt.Sprintf("web.ZONE%d.example.org", i%600)
		case 4:
			e.RemoteIP = netip.AddrFrom4([4]byte{10, 1, byte(i), 200})
		case 8:
			e.VisitorID = fmt.Sprintf("ada@team%d.example.com", i%600)
		case 12:
			e.AccountID = fmt.Sprintf("a trial %d of it", i%600)
		}
		events[i] = e
	}
	return events
}
