package keyporter

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A Use is the last use of a key that is not written yet.
type Use struct {
	KeyID   KeyID
	At      time.Time
	Address string
}

// uses gathers last uses between two writes. It holds one entry for each key that was admitted since, so it is
// bounded by the number of keys; refused tokens never enter it.
type uses struct {
	shards *[useShards]useShard
	flush  *sync.Mutex // one write at a time, so that a caller who waits for it finds every earlier use written
}

const useShards = 16 // a power of two

type useShard struct {
	mu   sync.Mutex
	last map[KeyID]Use
	_    [40]byte // keeps neighbours off one another's cache line
}

func newUses() uses {
	u := uses{shards: new([useShards]useShard), flush: new(sync.Mutex)}
	for i := range u.shards {
		u.shards[i].last = map[KeyID]Use{}
	}
	return u
}

func (u uses) shard(id KeyID) *useShard { return &u.shards[(id[0]^id[1]<<2)%useShards] }

func (u uses) admit(id KeyID, at time.Time, address string) {
	shard := u.shard(id)
	shard.mu.Lock()
	shard.last[id] = Use{KeyID: id, At: at, Address: address}
	shard.mu.Unlock()
}

// take empties the gathered uses into one slice.
func (u uses) take() []Use {
	var all []Use
	for i := range u.shards {
		shard := &u.shards[i]
		shard.mu.Lock()
		for _, use := range shard.last {
			all = append(all, use)
		}
		clear(shard.last)
		shard.mu.Unlock()
	}
	return all
}

// putBack returns uses that could not be written, except where a later one has come.
func (u uses) putBack(all []Use) {
	for _, use := range all {
		shard := u.shard(use.KeyID)
		shard.mu.Lock()
		if later, ok := shard.last[use.KeyID]; !ok || later.At.Before(use.At) {
			shard.last[use.KeyID] = use
		}
		shard.mu.Unlock()
	}
}

const usesPerWrite = 2000 // so that other writers wait for tens of milliseconds at most

// FlushUses writes the last uses gathered so far. What cannot be written is kept for the next time.
func (p *Porter) FlushUses(ctx context.Context) error {
	p.uses.flush.Lock()
	defer p.uses.flush.Unlock()
	all := p.uses.take()
	for len(all) > 0 {
		batch := all[:min(len(all), usesPerWrite)]
		if err := p.store.Write(ctx, func(tx Tx) error { return tx.SetLastUse(batch) }); err != nil {
			p.uses.putBack(all)
			return err
		}
		all = all[len(batch):]
	}
	return nil
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
