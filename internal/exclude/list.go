package exclude

import (
	"cmp"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"go4.org/netipx"
)

// A List is a subscription's list, ready to be asked. It does not change, and is safe for concurrent use.
//
// A list excludes an event if any entry matches it. A server is compared with and without its port, without regard to
// case; an address by its value, and with wildcards by its text as netip writes it; visitor and account IDs exactly.
// Texts are compared in NFC.
type List struct {
	entries []Entry        // in the order of Kinds, then of the patterns' bytes
	blocks  []netip.Prefix // of each entry

	once                                   sync.Once     // builds the fields below when the list is first asked
	servers, addresses, visitors, accounts *textIndex    // nil where there is no pattern
	ranges                                 *netipx.IPSet // the addresses of all blocks
}

// NewList returns a list of entries.
func NewList(entries []Entry) *List {
	l := &List{entries: slices.Clone(entries), blocks: make([]netip.Prefix, len(entries))}
	slices.SortFunc(l.entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Kind.order(), b.Kind.order()), strings.Compare(a.Pattern, b.Pattern))
	})
	for i, e := range l.entries {
		l.blocks[i] = e.block()
	}
	return l
}

// buildIndex prepares the list for [List.Excludes]. A caller that only reads the entries does not wait for it.
func (l *List) buildIndex() {
	texts := map[Kind][]string{}
	var ranges netipx.IPSetBuilder
	for i, e := range l.entries {
		if block := l.blocks[i]; block.IsValid() {
			ranges.AddPrefix(block)
		} else {
			texts[e.Kind] = append(texts[e.Kind], e.Pattern)
		}
	}
	l.ranges, _ = ranges.IPSet() // an error would mean an invalid block
	for kind, index := range map[Kind]**textIndex{
		Server: &l.servers, Address: &l.addresses, Visitor: &l.visitors, Account: &l.accounts,
	} {
		if len(texts[kind]) > 0 {
			*index = newTextIndex(texts[kind])
		}
	}
}

func (k Kind) order() int { return slices.Index(Kinds, k) }

// Entries returns all entries: by kind in the order of [Kinds], and within a kind by the bytes of their patterns. The
// caller must not change them.
func (l *List) Entries() []Entry { return slices.Clip(l.entries) }

// EntriesOf returns the entries of one kind, by the bytes of their patterns. The caller must not change them.
func (l *List) EntriesOf(kind Kind) []Entry {
	begin, _ := slices.BinarySearchFunc(l.entries, kind.order(), compareKind)
	end, _ := slices.BinarySearchFunc(l.entries, kind.order()+1, compareKind)
	return slices.Clip(l.entries[begin:end])
}

func compareKind(e Entry, order int) int { return cmp.Compare(e.Kind.order(), order) }

// maxStackHost is how long a server may be, in bytes, to be mapped to lower case without an allocation. A name of the
// DNS has at most 253.
const maxStackHost = 512

// Excludes reports whether any entry matches the event. The first call builds an index. After that a full list takes
// about as long as a short one, whatever the patterns. Excludes allocates only for a server of more than 512 bytes
// with upper-case letters, for text that is not in NFC, and when several goroutines ask the same list at once.
func (l *List) Excludes(e Event) bool {
	l.once.Do(l.buildIndex)
	e = e.normal()
	return l.excludesServer(e.Server) || l.excludesAddress(e.RemoteIP) ||
		l.visitors.matches(e.VisitorID) || l.accounts.matches(e.AccountID)
}

func (l *List) excludesServer(server string) bool {
	if server == "" || l.servers == nil {
		return false
	}
	var buffer [maxStackHost]byte
	if hasUpper(server) {
		if len(server) > len(buffer) {
			server = lowerHost(server)
		} else {
			n := copy(buffer[:], server)
			lowerBytes(buffer[:n])
			server = unsafe.String(&buffer[0], n) // the buffer is not written to any more
		}
	}
	if l.servers.matches(server) {
		return true
	}
	host := withoutPort(server)
	return len(host) < len(server) && l.servers.matches(host)
}

func (l *List) excludesAddress(address netip.Addr) bool {
	if !address.IsValid() {
		return false
	}
	if l.ranges.Contains(address) {
		return true
	}
	if l.addresses == nil {
		return false
	}
	var buffer [64]byte // no address without a zone is longer
	text := address.AppendTo(buffer[:0])
	return l.addresses.matches(unsafe.String(unsafe.SliceData(text), len(text)))
}

// Matching goes through all entries, one by one, for those that match the event, in the order of [List.Entries]. It
// yields an entry exactly if [List.Excludes] returns true, which is faster.
func (l *List) Matching(e Event) iter.Seq[Entry] {
	e = e.normal()
	server := lowerHost(e.Server)
	host, address := withoutPort(server), ""
	if e.RemoteIP.IsValid() {
		address = e.RemoteIP.String()
	}
	return func(yield func(Entry) bool) {
		for i, entry := range l.entries {
			var matches bool
			switch p := entry.Pattern; entry.Kind {
			case Server:
				matches = server != "" && (matchPattern(p, server) || matchPattern(p, host))
			case Address:
				matches = address != "" && (l.blocks[i].Contains(e.RemoteIP) || matchPattern(p, address))
			case Visitor:
				matches = e.VisitorID != "" && matchPattern(p, e.VisitorID)
			case Account:
				matches = e.AccountID != "" && matchPattern(p, e.AccountID)
			}
			if matches && !yield(entry) {
				return
			}
		}
	}
}

// Steps returns how much work [List.Excludes] does for an event, independently of the machine: bytes that are read,
// words of 64 bits, and pieces that are looked at. It is for measurements.
func (l *List) Steps(e Event) int {
	l.once.Do(l.buildIndex)
	e = e.normal()
	server := lowerHost(e.Server)
	steps := l.servers.countSteps(server) + l.visitors.countSteps(e.VisitorID) + l.accounts.countSteps(e.AccountID)
	if host := withoutPort(server); host != server {
		steps += l.servers.countSteps(host)
	}
	if e.RemoteIP.IsValid() {
		steps += l.addresses.countSteps(e.RemoteIP.String())
	}
	return steps
}
