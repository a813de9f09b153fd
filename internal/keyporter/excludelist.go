package keyporter

import (
	"cmp"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"keyporter/internal/input"
)

// An Event is what the Exclude List looks at. An empty field, and the zero address, is matched by no entry.
type Event struct {
	Server    string     // host, or host:port
	RemoteIP  netip.Addr // as [ParseAddress] returns it
	VisitorID string
	AccountID string
}

// normal returns the event with its texts in NFC, as patterns are. Text that is in NFC, as nearly all is, costs a
// look at its bytes and no allocation.
func (e Event) normal() Event {
	e.Server, e.VisitorID, e.AccountID = input.Normal(e.Server), input.Normal(e.VisitorID), input.Normal(e.AccountID)
	return e
}

// An ExcludeList is a subscription's list, ready to be asked. It does not change, and is safe for concurrent use.
//
// An event is excluded if any entry matches it. A server matches as it is and without its port, whatever the case
// of its letters; an address by its value, and for entries with wildcards by its text as netip writes it; visitor
// and account IDs exactly. Texts are compared in NFC.
type ExcludeList struct {
	entries []ExcludeEntry // in the order of ExcludeKinds, then of the patterns' bytes

	once sync.Once // builds what follows when an event is first asked for
	servers, addresses,
	visitors, accounts *textIndex // nil where there is no pattern
	blocks []addressRange
}

// NewExcludeList builds a list. What it takes is in the form of [CleanPattern].
func NewExcludeList(entries []ExcludeEntry) *ExcludeList {
	l := &ExcludeList{entries: make([]ExcludeEntry, 0, len(entries))}
	for _, e := range entries {
		l.entries = append(l.entries, e.compiled())
	}
	slices.SortFunc(l.entries, func(a, b ExcludeEntry) int {
		return cmp.Or(cmp.Compare(a.Kind.order(), b.Kind.order()), strings.Compare(a.Pattern, b.Pattern))
	})
	return l
}

// index prepares the list for [ExcludeList.Excludes]. Who only reads the entries does not wait for it.
func (l *ExcludeList) index() {
	texts := map[ExcludeKind][]string{}
	for _, e := range l.entries {
		if e.block.IsValid() {
			l.blocks = append(l.blocks, rangeOf(e.block))
		} else {
			texts[e.Kind] = append(texts[e.Kind], e.Pattern)
		}
	}
	l.blocks = merged(l.blocks)
	for kind, index := range map[ExcludeKind]**textIndex{ExcludeServer: &l.servers, ExcludeAddress: &l.addresses, ExcludeVisitor: &l.visitors, ExcludeAccount: &l.accounts} {
		if len(texts[kind]) > 0 {
			*index = newTextIndex(texts[kind])
		}
	}
}

func (k ExcludeKind) order() int { return slices.Index(ExcludeKinds, k) }

// Entries are all entries: by kind in the order of [ExcludeKinds], and within a kind by the bytes of their patterns.
func (l *ExcludeList) Entries() []ExcludeEntry { return slices.Clip(l.entries) }

// EntriesOf are the entries of one kind, by the bytes of their patterns.
func (l *ExcludeList) EntriesOf(kind ExcludeKind) []ExcludeEntry {
	begin, _ := slices.BinarySearchFunc(l.entries, kind.order(), compareKind)
	end, _ := slices.BinarySearchFunc(l.entries, kind.order()+1, compareKind)
	return slices.Clip(l.entries[begin:end])
}

func compareKind(e ExcludeEntry, order int) int { return cmp.Compare(e.Kind.order(), order) }

// maxFolded is how long a host may be, in bytes, so that its letters are made small without an allocation. A name
// of the DNS has at most 253.
const maxFolded = 512

// Excludes reports whether any entry matches the event. The first call builds an index. Afterwards it takes about
// as long for a full list as for a short one, whatever the patterns, and allocates nothing, but for a server of
// more than 512 bytes with capital letters, for text that is not in NFC, and where several goroutines ask the same
// list at once.
func (l *ExcludeList) Excludes(e Event) bool {
	l.once.Do(l.index)
	e = e.normal()
	return l.excludesServer(e.Server) || l.excludesAddress(e.RemoteIP) || l.visitors.matches(e.VisitorID) || l.accounts.matches(e.AccountID)
}

func (l *ExcludeList) excludesServer(server string) bool {
	if server == "" || l.servers == nil {
		return false
	}
	var room [maxFolded]byte // on the stack
	if hasCapital(server) {
		if len(server) > len(room) {
			server = foldHost(server)
		} else {
			n := copy(room[:], server)
			foldBytes(room[:n])
			server = unsafe.String(&room[0], n) // the room is not written to any more
		}
	}
	if l.servers.matches(server) {
		return true
	}
	host := withoutPort(server)
	return len(host) < len(server) && l.servers.matches(host)
}

func (l *ExcludeList) excludesAddress(address netip.Addr) bool {
	if !address.IsValid() {
		return false
	}
	if inside(l.blocks, address) {
		return true
	}
	if l.addresses == nil {
		return false
	}
	var room [64]byte // on the stack; no address without a zone is longer
	text := address.AppendTo(room[:0])
	return l.addresses.matches(unsafe.String(unsafe.SliceData(text), len(text)))
}

// Matching goes through all entries, one by one, for those that match the event, in the order of
// [ExcludeList.Entries]. There is one exactly if [ExcludeList.Excludes] says yes, which is the quick way to ask.
func (l *ExcludeList) Matching(e Event) iter.Seq[ExcludeEntry] {
	e = e.normal()
	server := foldHost(e.Server)
	host, address := withoutPort(server), ""
	if e.RemoteIP.IsValid() {
		address = e.RemoteIP.String()
	}
	return func(yield func(ExcludeEntry) bool) {
		for _, entry := range l.entries {
			var matches bool
			switch entry.Kind {
			case ExcludeServer:
				matches = server != "" && (glob(entry.Pattern, server) || glob(entry.Pattern, host))
			case ExcludeAddress:
				matches = address != "" && (entry.block.Contains(e.RemoteIP) || glob(entry.Pattern, address))
			case ExcludeVisitor:
				matches = e.VisitorID != "" && glob(entry.Pattern, e.VisitorID)
			case ExcludeAccount:
				matches = e.AccountID != "" && glob(entry.Pattern, e.AccountID)
			}
			if matches && !yield(entry) {
				return
			}
		}
	}
}

// Steps returns how much work [ExcludeList.Excludes] does for an event, whatever the machine: bytes that are read,
// words of 64 bits, and pieces that are looked at. It is for measurements.
func (l *ExcludeList) Steps(e Event) int {
	l.once.Do(l.index)
	e = e.normal()
	server := foldHost(e.Server)
	steps := l.servers.steps(server) + l.visitors.steps(e.VisitorID) + l.accounts.steps(e.AccountID)
	if host := withoutPort(server); host != server {
		steps += l.servers.steps(host)
	}
	if e.RemoteIP.IsValid() {
		steps += l.addresses.steps(e.RemoteIP.String())
	}
	return steps
}
