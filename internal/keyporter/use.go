package keyporter

import (
	"context"
	"errors"
	"hash/maphash"
	"strings"
	"sync"
	"time"
)

// A Use is what was gathered of one key within one hour and is not written yet. The last use is that of admitted
// requests alone; refused ones are kept apart.
type Use struct {
	KeyID          KeyID
	SubscriptionID string
	Deleted        bool      // the key was deleted before
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

func (s Seen) later(other Seen) Seen {
	if other.At.After(s.At) {
		return other
	}
	return s
}

// add joins what was gathered of the same key and hour.
func (u *Use) add(other *Use) {
	u.Admitted += other.Admitted
	u.Refused += other.Refused
	u.Last, u.LastRefused = u.Last.later(other.Last), u.LastRefused.later(other.LastRefused)
}

// uses gathers requests between two writes. It holds one entry for each key and hour that was asked for since, and only
// for IDs that are or were a key's, so a flood of made-up tokens adds nothing. While nothing can be written it stops
// growing at maxUses.
type uses struct {
	seed   maphash.Seed
	shards *[useShards]useShard
	flush  *sync.Mutex // one write at a time, so that who waits for it finds every earlier request written
}

const (
	useShards = 64
	maxUses   = 2_000_000 // entries: some 250 bytes each
)

type useKey struct {
	id      KeyID
	hour    int64 // since 1970
	deleted bool
}

type useShard struct {
	mu  sync.Mutex
	all map[useKey]*Use
	_   [40]byte // keeps neighbours off one another's cache line
}

func newUses() uses {
	u := uses{seed: maphash.MakeSeed(), shards: new([useShards]useShard), flush: new(sync.Mutex)}
	for i := range u.shards {
		u.shards[i].all = map[useKey]*Use{}
	}
	return u
}

func (u uses) shard(id KeyID) *useShard {
	return &u.shards[maphash.Bytes(u.seed, id[:])%useShards]
}

// note counts one request for a key that is or was there.
func (u uses) note(id KeyID, g Grant, admitted bool, c Call, at time.Time) {
	shard := u.shard(id)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	key := useKey{id, at.Unix() / 3600, g.Deleted}
	use := shard.all[key]
	if use == nil {
		if len(shard.all) >= maxUses/useShards {
			return
		}
		use = &Use{KeyID: id, SubscriptionID: g.SubscriptionID, Deleted: g.Deleted, Hour: time.Unix(key.hour*3600, 0).UTC()}
		shard.all[key] = use
	}
	if admitted {
		use.Admitted++
		use.Last.set(c, at)
	} else {
		use.Refused++
		use.LastRefused.set(c, at)
	}
}

// set notes a request. Its texts are copied, and only when they differ: a header's string holds on to all the headers
// of its request.
func (s *Seen) set(c Call, at time.Time) {
	s.At = at
	if s.Address != c.Address {
		s.Address = strings.Clone(c.Address)
	}
	if agent := cut(c.Agent, maxAgent); s.Agent != agent {
		s.Agent = strings.Clone(agent)
	}
}

const maxAgent = 200 // characters

// take takes up to most entries out, from the shard on that next names, and moves next to where to go on. It is done
// when next is useShards.
func (u uses) take(most int, next *int) []Use {
	var taken []Use
	for ; *next < useShards; *next++ {
		shard := &u.shards[*next]
		shard.mu.Lock()
		for key, use := range shard.all {
			if len(taken) == most {
				shard.mu.Unlock()
				return taken
			}
			taken = append(taken, *use)
			delete(shard.all, key)
		}
		shard.mu.Unlock()
	}
	return taken
}

// takeKey takes out what was gathered of one key.
func (u uses) takeKey(id KeyID) []Use {
	shard := u.shard(id)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	var taken []Use
	for key, use := range shard.all {
		if key.id == id {
			taken = append(taken, *use)
			delete(shard.all, key)
		}
	}
	return taken
}

// putBack returns what could not be written.
func (u uses) putBack(all []Use) {
	for i := range all {
		use := &all[i]
		shard := u.shard(use.KeyID)
		shard.mu.Lock()
		key := useKey{use.KeyID, use.Hour.Unix() / 3600, use.Deleted}
		if later := shard.all[key]; later != nil {
			later.add(use)
		} else if len(shard.all) < maxUses/useShards {
			shard.all[key] = use
		}
		shard.mu.Unlock()
	}
}

const usesPerWrite = 1000 // so that other writers wait for tens of milliseconds at most

// FlushUses writes everything gathered so far. What cannot be written is kept for the next time.
func (p *Porter) FlushUses(ctx context.Context) error {
	return p.flushUses(ctx, func(time.Duration) error { return nil })
}

// flushUses calls pause after each write with the time that it took.
func (p *Porter) flushUses(ctx context.Context, pause func(took time.Duration) error) error {
	for next := 0; next < useShards; {
		begin := time.Now()
		if err := p.writeUses(ctx, func() []Use { return p.uses.take(usesPerWrite, &next) }); err != nil {
			return err
		}
		if err := pause(time.Since(begin)); err != nil {
			return err
		}
	}
	return nil
}

// flushShare is the part of the time that writing uses may take: one in so many. Where very many keys are in use, the
// gate comes first, and what waits in memory is written later.
const flushShare = 5

// flushGently is flushUses for while the gate works.
func (p *Porter) flushGently(ctx context.Context) error {
	return p.flushUses(ctx, func(took time.Duration) error {
		if took < time.Millisecond {
			return nil
		}
		select {
		case <-time.After(took * (flushShare - 1)):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// flushKey writes what was gathered of one key, so that a page or a deed knows its latest use.
func (p *Porter) flushKey(ctx context.Context, id string) error {
	keyID, ok := ParseKeyID(id)
	if !ok {
		return nil
	}
	return p.writeUses(ctx, func() []Use { return p.uses.takeKey(keyID) })
}

// writeUses writes what take takes, one caller at a time: who waits finds everything that was taken earlier written.
func (p *Porter) writeUses(ctx context.Context, take func() []Use) error {
	p.uses.flush.Lock()
	defer p.uses.flush.Unlock()
	all := take()
	if len(all) == 0 {
		return nil
	}
	if err := p.store.Write(ctx, func(tx Tx) error { return tx.AddUses(all) }); err != nil {
		p.uses.putBack(all)
		return err
	}
	return nil
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
