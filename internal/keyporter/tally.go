package keyporter

import (
	"hash/maphash"
	"math/bits"

	"keyporter/internal/token"
)

// A tally counts the requests with one key in one hour. It fills one line of the processor's cache, 64 bytes, and has
// no pointers, so that a million of them cost the garbage collector nothing. Times are Unix milliseconds, texts are
// indices in the shard's texts.
type tally struct {
	useKey
	admitted, refused     uint32
	subscription          uint32
	lastAt, refusedAt     int64
	lastFrom, refusedFrom clientIndex
}

type useKey struct {
	id       token.KeyID // zero in a free slot of a tallyTable
	hour     uint32      // since 1970
	deleted  bool
	feedback bool
}

type clientIndex struct{ address, agent uint32 }

// A tallyTable finds tallies by key: a hash table with open addressing. A tally stands in the first free slot from its
// key's own on, and never before it. So the one in the last taken slot can be removed without a look at the others, and
// those of one key stand in one run of taken slots.
type tallyTable struct {
	seed  maphash.Seed
	slots []tally
	own   int // how many slots are some keys' own; those behind them are for tallies that find none free before
	count int
	end   int // the index behind the last taken slot
}

// ownSlot returns the index of the slot that is a key's own.
func (t *tallyTable) ownSlot(id token.KeyID) int {
	own, _ := bits.Mul64(maphash.Bytes(t.seed, id[:]), uint64(t.own))
	return int(own)
}

// slot returns the index of a key's tally in an hour, or of the free slot where it would stand, which may be just
// behind all slots.
func (t *tallyTable) slot(key *useKey) int {
	i := t.ownSlot(key.id)
	for i < len(t.slots) && t.slots[i].useKey != *key && t.slots[i].id != (token.KeyID{}) {
		i++
	}
	return i
}

// add adds a tally that the table does not have.
func (t *tallyTable) add(new tally) *tally {
	if t.count*4 >= t.own*3 {
		t.grow()
	}
	i := t.slot(&new.useKey)
	if i == len(t.slots) {
		t.slots = append(t.slots, tally{})
	}
	t.slots[i] = new
	t.count, t.end = t.count+1, max(t.end, i+1)
	return &t.slots[i]
}

// grow makes room for half as many tallies again, so that between a half and three quarters of the slots are taken.
func (t *tallyTable) grow() {
	old := t.slots
	*t = tallyTable{seed: t.seed, own: 16 + t.own*3/2}
	t.slots = make([]tally, t.own, t.own+16)
	for i := range old {
		if old[i].id != (token.KeyID{}) {
			t.add(old[i])
		}
	}
}

// pop removes the tally in the last taken slot. The table must not be empty.
func (t *tallyTable) pop() tally {
	t.count, t.end = t.count-1, t.end-1
	last := t.slots[t.end]
	t.slots[t.end] = tally{}
	for t.end > 0 && t.slots[t.end-1].id == (token.KeyID{}) {
		t.end--
	}
	return last
}

// ofKey returns the tallies of one key.
func (t *tallyTable) ofKey(id token.KeyID) []tally {
	var found []tally
	for i := t.ownSlot(id); i < t.end && t.slots[i].id != (token.KeyID{}); i++ {
		if t.slots[i].id == id {
			found = append(found, t.slots[i])
		}
	}
	return found
}
