package store

import (
	"crypto/sha256"
	"hash/maphash"
	"maps"
	"math/bits"
	"slices"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// A keyTable finds what the gate judges a key by: a hash table with open addressing, in shards that grow on their own.
// Once readers have it, it is never changed, so they need no lock and never wait. A [keyEdit] makes the next table, for
// which it copies only the shards that change: with a million keys some 150 kB for each.
type keyTable struct {
	seed   maphash.Seed
	shards [keyShards]keyShard
}

const keyShards = 512

type keyShard struct {
	entries []keyEntry // a key stands in the first free slot from its own on, and those behind the last come first
	count   int
	rare    map[token.KeyID]rareFacts // of the keys with isRare
}

// A keyEntry fills one line of the processor's cache, 64 bytes, and has no pointer for the garbage collector to follow.
type keyEntry struct {
	id             token.KeyID // zero in a free slot
	subscription   uint32      // its index, and the flags below
	hash           [sha256.Size]byte
	ends, disabled keyporter.Timestamp
}

// Flags of a keyEntry.
const (
	isWrite   = 1 << 31
	isDeleted = 1 << 30
	isRare    = 1 << 29

	maxSubscription = isRare - 1
)

// rareFacts are those that few keys have. They stand apart from the entries: other keys take no memory for them.
type rareFacts struct {
	addresses *keyporter.Addresses
}

// A memoryKey is a key as the table takes and returns it. Deleted keys stay, so that attempts on them are counted,
// unlike those with an ID that never existed.
type memoryKey struct {
	hash         [sha256.Size]byte
	facts        keyporter.KeyFacts
	subscription int // index in subscriptions
	deleted      bool
}

func newKeyTable() *keyTable { return &keyTable{seed: maphash.MakeSeed()} }

func (t *keyTable) hash(id token.KeyID) uint64 { return maphash.Bytes(t.seed, id[:]) }

// find returns the entry of a key, and the shard that has it.
func (t *keyTable) find(id token.KeyID) (*keyEntry, *keyShard) {
	hash := t.hash(id)
	shard := &t.shards[hash%keyShards]
	if len(shard.entries) == 0 {
		return nil, nil
	}
	if entry := &shard.entries[shard.slot(hash, id)]; entry.id == id && id != (token.KeyID{}) {
		return entry, shard
	}
	return nil, nil
}

// slot returns the index at which the shard has a key, or the free one where it would stand. The shard always has a
// free slot.
func (s *keyShard) slot(hash uint64, id token.KeyID) int {
	high, _ := bits.Mul64(hash, uint64(len(s.entries)))
	i := int(high)
	for s.entries[i].id != id && s.entries[i].id != (token.KeyID{}) {
		if i++; i == len(s.entries) {
			i = 0
		}
	}
	return i
}

// facts returns what an entry holds of [keyporter.KeyFacts].
func (e *keyEntry) facts(s *keyShard) keyporter.KeyFacts {
	facts := keyporter.KeyFacts{Write: e.subscription&isWrite != 0, Ends: e.ends, Disabled: e.disabled}
	if e.subscription&isRare != 0 {
		facts.Addresses = s.rare[e.id].addresses
	}
	return facts
}

// A keyEdit makes a table out of another, which stays as it is.
type keyEdit struct {
	table  *keyTable
	copied [keyShards]bool // the shards that are not those of the other table
}

func (t *keyTable) edit() *keyEdit {
	next := *t
	return &keyEdit{table: &next}
}

// put adds a key, or replaces the one with its ID.
func (e *keyEdit) put(id token.KeyID, key memoryKey) {
	hash := e.table.hash(id)
	shard := &e.table.shards[hash%keyShards]
	if !e.copied[hash%keyShards] {
		e.copied[hash%keyShards] = true
		shard.entries, shard.rare = slices.Clone(shard.entries), maps.Clone(shard.rare)
	}
	entry := keyEntry{
		id: id, subscription: uint32(key.subscription), hash: key.hash, ends: key.facts.Ends,
		disabled: key.facts.Disabled,
	}
	if key.facts.Write {
		entry.subscription |= isWrite
	}
	if key.deleted {
		entry.subscription |= isDeleted
	}
	if rare := (rareFacts{key.facts.Addresses}); shard.setRare(id, rare) {
		entry.subscription |= isRare
	}
	shard.put(e.table, hash, entry)
}

// setRare keeps the rare facts of a key, and reports whether it has any.
func (s *keyShard) setRare(id token.KeyID, rare rareFacts) bool {
	if rare == (rareFacts{}) {
		delete(s.rare, id)
		return false
	}
	if s.rare == nil {
		s.rare = map[token.KeyID]rareFacts{}
	}
	s.rare[id] = rare
	return true
}

func (s *keyShard) put(t *keyTable, hash uint64, entry keyEntry) {
	if s.count*4 >= len(s.entries)*3 {
		s.grow(t)
	}
	slot := &s.entries[s.slot(hash, entry.id)]
	if slot.id != entry.id {
		s.count++
	}
	*slot = entry
}

// grow makes room for half as many entries again, so that between a half and three quarters of the slots are taken.
func (s *keyShard) grow(t *keyTable) {
	old := s.entries
	s.entries = make([]keyEntry, 4+len(old)*3/2)
	for i := range old {
		if old[i].id != (token.KeyID{}) {
			s.entries[s.slot(t.hash(old[i].id), old[i].id)] = old[i]
		}
	}
}
