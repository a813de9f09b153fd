package exclude

import "sync"

// The bounds of a [Cache]. A full list of ordinary entries takes about 5 MB by this count, and the largest possible
// one, of 10,000 entries with 255 characters of four bytes, 155 MB.
const (
	maxCachedLists = 64
	maxCachedBytes = 256 << 20
)

// A Cache keeps lists in memory, by subscription, and always the newest. Its callers look a list up by the version that
// the database has at that moment, so a list is never out of date. The zero Cache is empty. It is safe for concurrent
// use.
type Cache struct {
	mu    sync.Mutex
	lists map[string]cachedList // by subscription
	bytes int                   // of all lists
}

type cachedList struct {
	version string
	list    *List
	bytes   int
}

// Find returns a subscription's list of a version, or nil.
func (c *Cache) Find(subscription, version string) *List {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cached := c.lists[subscription]; cached.version == version {
		return cached.list
	}
	return nil
}

// Add replaces a subscription's list, and drops lists of other subscriptions until there is memory for it.
func (c *Cache) Add(subscription, version string, list *List) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lists == nil {
		c.lists = map[string]cachedList{}
	}
	c.drop(subscription)
	bytes := list.maxBytes()
	for other := range c.lists {
		if len(c.lists) < maxCachedLists && c.bytes+bytes <= maxCachedBytes {
			break
		}
		c.drop(other)
	}
	c.lists[subscription] = cachedList{version, list, bytes}
	c.bytes += bytes
}

func (c *Cache) drop(subscription string) {
	c.bytes -= c.lists[subscription].bytes
	delete(c.lists, subscription)
}

// maxBytes returns how many bytes the list and its index take at most, without the memory of searches.
func (l *List) maxBytes() int {
	n := 0
	for _, e := range l.entries {
		n += 300 + 15*len(e.Pattern) // 13 of the automaton, 1 of the text, and what is rounded up
	}
	return n
}
