package keyporter

import (
	"hash/maphash"
	"net/netip"
	"strings"
	"sync"
	"time"

	"keyporter/internal/token"
)

// A ClientUse holds requests of one client with one integration key. A refused client is an address, with the last of
// its programs.
type ClientUse struct {
	KeyID   token.KeyID
	Refused bool // with [AddressNotAllowed]
	Client
}

const (
	clientShards     = 64
	maxShardAdmitted = 1000
	maxShardRefused  = 250
)

// clients counts in memory who used which key between two writes. It holds at most [MaxClients] admitted and as many
// refused clients of a key, and at most maxShardAdmitted and maxShardRefused of a shard: so it does not grow, whatever
// addresses and programs send requests, and refused clients do not displace admitted ones. What finds no room is not
// recorded. A client stays for an interval after it was written, so that recording it again allocates nothing. New ones
// take its place if they need it, but not that of a client that goes on using the key.
type clients struct {
	seed   maphash.Seed
	shards *[clientShards]clientShard
	flush  chan struct{} // held while writing
}

type clientShard struct {
	mu    sync.Mutex
	keys  map[token.KeyID]*[2]clientList // by the number of the list
	sizes [2]int                         // of the lists of all keys

	// Whether a client found no room in the shard, since clients were taken last and before that.
	full, wasFull [2]bool
}

// The numbers of a key's lists of clients.
const (
	admittedList = 0
	refusedList  = 1
)

func listOf(refused bool) int {
	if refused {
		return refusedList
	}
	return admittedList
}

type clientList struct {
	all    []clientTally
	latest int // the index of the client that was looked up last
}

// A clientTally counts the requests of a client that are not written yet. Times are Unix milliseconds.
type clientTally struct {
	address     netip.Addr
	agent       string
	first, last int64
	requests    int64
	writes      int // how often it was written without a pause
}

func newClients() clients {
	c := clients{seed: maphash.MakeSeed(), shards: new([clientShards]clientShard), flush: make(chan struct{}, 1)}
	for i := range c.shards {
		c.shards[i].keys = map[token.KeyID]*[2]clientList{}
	}
	return c
}

func (c clients) shard(id token.KeyID) *clientShard {
	return &c.shards[maphash.Bytes(c.seed, id[:])%clientShards]
}

// record counts a request with a key that exists. Of the refused ones it counts those with [AddressNotAllowed].
func (c clients) record(id token.KeyID, g *Grant, code Code, call *Call, at time.Time) {
	if g.Feedback || code != "" && code != AddressNotAllowed {
		return
	}
	shard := c.shard(id)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	t := shard.tally(id, listOf(code != ""), call.ClientAddress.Unmap().WithZone(""), call.Agent)
	if t == nil {
		return
	}
	ms := at.UnixMilli()
	if t.requests == 0 {
		t.first = ms
	}
	t.requests, t.last = t.requests+1, max(t.last, ms)
}

// tally returns the tally of a client, and adds it if it is missing; nil if there is no room.
func (s *clientShard) tally(id token.KeyID, list int, address netip.Addr, agent string) *clientTally {
	lists := s.keys[id]
	if lists != nil {
		if t := lists[list].find(list, address, agent); t != nil {
			if t.agent != agent {
				t.agent = strings.Clone(agent)
			}
			return t
		}
		if len(lists[list].all) >= MaxClients {
			return lists[list].replace(clientTally{address: address, agent: agent})
		}
	}
	if s.sizes[list] >= [...]int{admittedList: maxShardAdmitted, refusedList: maxShardRefused}[list] {
		s.full[list] = true
		return nil
	}
	if lists == nil {
		lists = new([2]clientList)
		s.keys[id] = lists
	}
	s.sizes[list]++
	return lists[list].add(clientTally{address: address, agent: agent})
}

// add copies the text, because a header's string keeps the memory of all headers of its request.
func (l *clientList) add(t clientTally) *clientTally {
	t.agent = strings.Clone(t.agent)
	l.latest, l.all = len(l.all), append(l.all, t)
	return &l.all[l.latest]
}

// replace adds a client in place of one that was written, but was not in use before that; nil if there is none.
func (l *clientList) replace(t clientTally) *clientTally {
	for i := range l.all {
		if old := &l.all[i]; old.requests == 0 && old.writes < 2 {
			t.agent = strings.Clone(t.agent)
			*old, l.latest = t, i
			return old
		}
	}
	return nil
}

// find returns the tally of a client, which is often the same as before; nil if it is missing.
func (l *clientList) find(list int, address netip.Addr, agent string) *clientTally {
	is := func(t *clientTally) bool { return t.address == address && (list == refusedList || t.agent == agent) }
	if l.latest < len(l.all) && is(&l.all[l.latest]) {
		return &l.all[l.latest]
	}
	for i := range l.all {
		if is(&l.all[i]) {
			l.latest = i
			return &l.all[i]
		}
	}
	return nil
}

// take appends the clients of a key with requests that are not written, and removes those without.
func (s *clientShard) take(all []ClientUse, id token.KeyID) []ClientUse {
	lists := s.keys[id]
	if lists == nil {
		return all
	}
	for list := range lists {
		for i := len(lists[list].all) - 1; i >= 0; i-- {
			if t := &lists[list].all[i]; t.requests > 0 {
				all = append(all, t.use(id, list))
			} else {
				s.remove(id, list, t)
			}
		}
	}
	return all
}

// remove removes the tally of a client. The last one of its list takes its place.
func (s *clientShard) remove(id token.KeyID, list int, t *clientTally) {
	lists := s.keys[id]
	l := &lists[list]
	last := len(l.all) - 1
	*t, l.all[last] = l.all[last], clientTally{}
	l.all = l.all[:last]
	if s.sizes[list]--; len(lists[admittedList].all)+len(lists[refusedList].all) == 0 {
		delete(s.keys, id)
	}
}

func (t *clientTally) use(id token.KeyID, list int) ClientUse {
	return ClientUse{KeyID: id, Refused: list == refusedList, Client: Client{
		Address: t.address, Agent: t.agent, Requests: t.requests,
		First: time.UnixMilli(t.first).UTC(), Last: time.UnixMilli(t.last).UTC(),
	}}
}

// ofKey returns the clients of a key with requests that are not written.
func (c clients) ofKey(id token.KeyID) []ClientUse {
	shard := c.shard(id)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	return shard.take(nil, id)
}

// some returns clients with requests that are not written, of whole shards until there are n or more. It begins with
// shard number next, and sets next to where the following call goes on. All are returned when next is clientShards.
func (c clients) some(n int, next *int) []ClientUse {
	var all []ClientUse
	for ; *next < clientShards && len(all) < n; *next++ {
		shard := &c.shards[*next]
		shard.mu.Lock()
		shard.wasFull, shard.full = shard.full, [2]bool{}
		for id := range shard.keys {
			all = shard.take(all, id)
		}
		shard.mu.Unlock()
	}
	return all
}

// written subtracts the requests that were written. Where a shard was full, it removes their clients at once, so that
// others find room.
func (c clients) written(all []ClientUse) {
	for i := range all {
		shard := c.shard(all[i].KeyID)
		shard.mu.Lock()
		shard.written(&all[i])
		shard.mu.Unlock()
	}
}

func (s *clientShard) written(use *ClientUse) {
	lists, list := s.keys[use.KeyID], listOf(use.Refused)
	if lists == nil {
		return
	}
	t := lists[list].find(list, use.Address, use.Agent)
	if t == nil {
		return
	}
	t.requests, t.writes = t.requests-use.Requests, t.writes+1
	if t.requests == 0 && s.wasFull[list] {
		s.remove(use.KeyID, list, t)
	}
}
