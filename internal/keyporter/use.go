package keyporter

import (
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"keyporter/internal/token"
)

// A Use holds the counts of one key within one hour. The last use is that of admitted requests alone; refused ones have
// their own.
type Use struct {
	KeyID          token.KeyID
	SubscriptionID string
	Deleted        bool      // the key was deleted before
	Feedback       bool      // it is a Feedback API key, of which the last use alone is kept
	Hour           time.Time // its beginning
	Admitted       int64
	Refused        int64
	Last           Seen // the last admitted request; zero when there was none
	LastRefused    Seen
}

// Seen is when and from where a request came.
type Seen struct {
	At      time.Time
	Address string
	Agent   string // cut at 200 characters
}

// uses counts requests in memory between two writes. It has one tally for each key and hour with requests, and only for
// IDs of keys that exist or were deleted, so that made-up tokens take no memory. It stops growing at maxUses tallies,
// if they cannot be written, and then does not count requests with further keys.
type uses struct {
	seed    maphash.Seed
	shards  *[useShards]useShard
	flush   chan struct{} // held while writing; see writeUses
	batch   *batch
	dropped *atomic.Int64 // requests that were not counted since the last warning
}

// A batch holds the uses that are being written, or were written last. Readers add it to what they read until the next
// batch, because their snapshot of the database may be older than it.
type batch struct {
	mu      sync.Mutex
	uses    []Use
	written bool
}

const (
	useShards = 64
	maxUses   = 2_000_000 // tallies, of 64 bytes and free slots between them
	maxTexts  = 2000      // addresses and User-Agents of a shard; further ones are recorded as ""
)

type useShard struct {
	mu      sync.Mutex
	tallies tallyTable
	index   map[string]uint32
	texts   []string
}

func newUses() uses {
	u := uses{seed: maphash.MakeSeed(), shards: new([useShards]useShard), flush: make(chan struct{}, 1),
		batch: &batch{}, dropped: new(atomic.Int64)}
	for i := range u.shards {
		u.shards[i].tallies.seed = maphash.MakeSeed() // another one, or the keys of a shard would have few slots
		u.shards[i].empty()
	}
	return u
}

func (s *useShard) empty() {
	s.tallies = tallyTable{seed: s.tallies.seed}
	s.index, s.texts = map[string]uint32{"": 0}, []string{""}
}

func (u uses) shard(id token.KeyID) *useShard {
	return &u.shards[maphash.Bytes(u.seed, id[:])%useShards]
}

// record counts one request with a key that exists or was deleted.
func (u uses) record(id token.KeyID, g *Grant, admitted bool, c *Call, at time.Time) {
	shard := u.shard(id)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	t := shard.tally(useKey{id, uint32(at.Unix() / 3600), g.Deleted, g.Feedback}, g.SubscriptionID)
	if t == nil {
		u.dropped.Add(1)
		return
	}
	from := &t.lastFrom
	if admitted {
		t.admitted, t.lastAt = t.admitted+1, at.UnixMilli()
	} else {
		t.refused, t.refusedAt, from = t.refused+1, at.UnixMilli(), &t.refusedFrom
	}
	from.address, from.agent = shard.textIndex(c.Address, from.address), shard.textIndex(c.Agent, from.agent)
}

// tally returns the tally of a key and hour, and adds it if it is missing; nil if the shard is full.
func (s *useShard) tally(key useKey, owner string) *tally {
	if i := s.tallies.slot(&key); i < s.tallies.end && s.tallies.slots[i].useKey == key {
		return &s.tallies.slots[i]
	}
	if s.tallies.count >= maxUses/useShards {
		return nil
	}
	return s.tallies.add(tally{useKey: key, subscription: s.subscriptionIndex(owner)})
}

// textIndex returns the index of an address or a User-Agent, that of "" if the shard has maxTexts. It is often the same
// as the one before.
func (s *useShard) textIndex(text string, before uint32) uint32 {
	if s.texts[before] == text {
		return before
	}
	place, found := s.index[text]
	if found || len(s.texts) >= maxTexts {
		return place
	}
	return s.add(text)
}

// subscriptionIndex returns the index of a subscription's ID. It has no limit, because a use without a subscription
// could not be written; there are no more subscriptions than tallies.
func (s *useShard) subscriptionIndex(id string) uint32 {
	if place, found := s.index[id]; found {
		return place
	}
	return s.add(id)
}

// add copies the text, because a header's string keeps the memory of all headers of its request.
func (s *useShard) add(text string) uint32 {
	text = strings.Clone(text)
	place := uint32(len(s.texts))
	s.index[text] = place
	s.texts = append(s.texts, text)
	return place
}

// use returns a tally as a Use.
func (s *useShard) use(t tally) Use {
	return Use{
		KeyID: t.id, SubscriptionID: s.texts[t.subscription], Deleted: t.deleted, Feedback: t.feedback,
		Hour:     time.Unix(int64(t.hour)*3600, 0).UTC(),
		Admitted: int64(t.admitted), Refused: int64(t.refused),
		Last: s.seen(t.lastAt, t.lastFrom), LastRefused: s.seen(t.refusedAt, t.refusedFrom),
	}
}

func (s *useShard) seen(ms int64, from clientIndex) Seen {
	if ms == 0 {
		return Seen{}
	}
	return Seen{At: time.UnixMilli(ms).UTC(), Address: s.texts[from.address], Agent: s.texts[from.agent]}
}

// take removes up to max uses, beginning with shard number next, and sets next to where the following call goes on. All
// are taken when next is useShards.
func (u uses) take(max int, next *int) []Use {
	var taken []Use
	for ; *next < useShards; *next++ {
		shard := &u.shards[*next]
		shard.mu.Lock()
		for shard.tallies.count > 0 {
			if len(taken) == max {
				shard.mu.Unlock()
				return taken
			}
			taken = append(taken, shard.use(shard.tallies.pop()))
		}
		if len(shard.texts) > 1 {
			shard.empty()
		}
		shard.mu.Unlock()
	}
	return taken
}

// ofKey returns the uses of one key that are not committed yet and, with written, those of the last batch.
func (u uses) ofKey(id token.KeyID, written bool) []Use {
	u.batch.mu.Lock() // so that no batch begins meanwhile
	defer u.batch.mu.Unlock()
	var found []Use
	if written || !u.batch.written {
		for _, use := range u.batch.uses {
			if use.KeyID == id {
				found = append(found, use)
			}
		}
	}
	shard := u.shard(id)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	for _, t := range shard.tallies.ofKey(id) {
		found = append(found, shard.use(t))
	}
	return found
}

// latest returns the key with its last use, which may not be written yet, and its status.
func (p *Porter) latest(key Key) Key {
	for _, use := range p.uses.ofKey(key.ID, true) {
		if use.Admitted > 0 && use.Last.At.After(key.LastUsed) {
			key.LastUsed, key.LastAddress, key.LastAgent = use.Last.At, use.Last.Address, use.Last.Agent
		}
	}
	if key.Kind == IntegrationKey {
		key.Status = key.status(NewTimestamp(p.now()))
	}
	return key
}

// putBack adds the uses of a batch that could not be written.
func (u uses) putBack(all []Use) {
	for i := range all {
		u.putBackOne(&all[i])
	}
}

func (u uses) putBackOne(use *Use) {
	shard := u.shard(use.KeyID)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	t := shard.tally(useKey{use.KeyID, uint32(use.Hour.Unix() / 3600), use.Deleted, use.Feedback}, use.SubscriptionID)
	if t == nil {
		return
	}
	t.admitted, t.refused = t.admitted+uint32(use.Admitted), t.refused+uint32(use.Refused)
	if at := use.Last.At.UnixMilli(); use.Admitted > 0 && at > t.lastAt {
		t.lastAt, t.lastFrom = at, shard.from(use.Last)
	}
	if at := use.LastRefused.At.UnixMilli(); use.Refused > 0 && at > t.refusedAt {
		t.refusedAt, t.refusedFrom = at, shard.from(use.LastRefused)
	}
}

func (s *useShard) from(seen Seen) clientIndex {
	return clientIndex{s.textIndex(seen.Address, 0), s.textIndex(seen.Agent, 0)}
}
