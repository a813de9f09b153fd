package keyporter

import "sync"

// Lists of as many subscriptions are kept as these bounds allow, and always the newest. A full one of ordinary
// entries takes about 5 MB by this count, and the largest that can be, of 10,000 entries with 255 characters of
// four bytes, 155 MB.
const (
	keptLists = 64
	keptBytes = 256 << 20
)

// memory is how many bytes the list and its index take at most, but for what a search takes.
func (l *ExcludeList) memory() int {
	n := 0
	for _, e := range l.entries {
		n += 300 + 15*len(e.Pattern) // 13 of the automaton, 1 of the text, and what is rounded up
	}
	return n
}

// excludeLists keeps lists that were read, by their version. It is never stale, because a list is asked for by the
// version that stands in the database at that moment.
type excludeLists struct {
	mu    sync.Mutex
	kept  map[string]keptList // by subscription
	bytes int                 // of all of them
}

type keptList struct {
	version string
	list    *ExcludeList
	bytes   int
}

// find returns nil if the list of this version is not kept.
func (l *excludeLists) find(subscription, version string) *ExcludeList {
	l.mu.Lock()
	defer l.mu.Unlock()
	if kept := l.kept[subscription]; kept.version == version {
		return kept.list
	}
	return nil
}

// keep puts the list in the place of the earlier one, and drops others until there is memory for it.
func (l *excludeLists) keep(subscription, version string, list *ExcludeList) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept == nil {
		l.kept = map[string]keptList{}
	}
	l.drop(subscription)
	bytes := list.memory()
	for other := range l.kept {
		if len(l.kept) < keptLists && l.bytes+bytes <= keptBytes {
			break
		}
		l.drop(other)
	}
	l.kept[subscription] = keptList{version, list, bytes}
	l.bytes += bytes
}

func (l *excludeLists) drop(subscription string) {
	l.bytes -= l.kept[subscription].bytes
	delete(l.kept, subscription)
}
