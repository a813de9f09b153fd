package keyporter

import (
	"context"
	"time"
)

const usesPerWrite = 1000 // so that other writers wait for tens of milliseconds at most

// FlushUses writes all uses and clients that were recorded so far. What cannot be written is kept for the next call.
func (p *Porter) FlushUses(ctx context.Context) error {
	if err := p.flushUses(ctx, noPause); err != nil {
		return err
	}
	return p.flushClients(ctx, noPause)
}

func noPause(time.Duration) error { return nil }

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

// flushPaced is flushUses with pauses, so that it takes little time from the gate.
func (p *Porter) flushPaced(ctx context.Context) error {
	return p.flushUses(ctx, func(took time.Duration) error { return pauseAfter(ctx, took) })
}

// flushAndWarn is flushPaced, and logs how many requests were not counted since its last call.
func (p *Porter) flushAndWarn(ctx context.Context) error {
	err := p.flushPaced(ctx)
	if n := p.uses.dropped.Swap(0); n > 0 {
		p.options.Log.Warn("requests were not counted: more keys are in use than can be written", "requests", n)
	}
	return err
}

// briefFlush is how long a page that shows counts waits for recorded uses to be written. After it, the page shows the
// counts without them.
const briefFlush = 200 * time.Millisecond

func (p *Porter) flushBriefly(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, briefFlush)
	defer cancel()
	if err := p.flushUses(ctx, noPause); err != nil {
		p.options.Log.Debug("uses are not all written yet", "error", err)
	}
}

// writeUses writes the uses that take returns. It serialises flushes: once a caller's turn comes, all earlier batches
// are committed.
func (p *Porter) writeUses(ctx context.Context, take func() []Use) error {
	select {
	case p.uses.flush <- struct{}{}:
		defer func() { <-p.uses.flush }()
	case <-ctx.Done():
		return ctx.Err()
	}
	all := p.uses.begin(take)
	if len(all) == 0 {
		return nil
	}
	err := p.store.Write(ctx, func(tx Tx) error {
		// a sweep would move rows that are written here, and other processes write the same rows
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		return tx.AddUses(all)
	})
	p.uses.end(all, err)
	return err
}

// begin takes a batch out and keeps it where readers find it until it is committed.
func (u uses) begin(take func() []Use) []Use {
	u.batch.mu.Lock()
	defer u.batch.mu.Unlock()
	all := take()
	if len(all) > 0 {
		u.batch.uses, u.batch.written = all, false
	}
	return all
}

func (u uses) end(all []Use, err error) {
	u.batch.mu.Lock()
	defer u.batch.mu.Unlock()
	u.batch.written = err == nil
	if err != nil {
		u.putBack(all)
		u.batch.uses = nil
	}
}
