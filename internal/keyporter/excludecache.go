package keyporter

import "sync"

// keptLists is how many subscriptions' lists are kept in memory; a full one takes about 2 MB.
const keptLists = 64

// excludeLists keeps lists that were read, by their version. It is never stale, because a list is asked for by the version
// that stands in the database at that moment.
type excludeLists struct {
	mu   sync.Mutex
	kept map[string]keptList // by subscription
}

type keptList struct {
	version string
	list    *ExcludeList
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

// keep puts the list in the place of the earlier one, or of any other where there is no room.
func (l *excludeLists) keep(subscription, version string, list *ExcludeList) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept == nil {
		l.kept = map[string]keptList{}
	}
	if _, there := l.kept[subscription]; !there && len(l.kept) == keptLists {
		for other := range l.kept {
			delete(l.kept, other)
			break
		}
	}
	l.kept[subscription] = keptList{version, list}
}
