package keyporter

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	flushEvery   = 2 * time.Second // so that a page shows a use within 5 seconds
	clientsEvery = 5 * time.Second // less often, because it takes as long as writing the uses
	sweepEvery   = time.Hour
	clockEvery   = 10 * time.Second
)

// Run writes recorded uses and clients, deletes what has expired and watches the clock, until ctx ends; then it writes
// what remains and returns.
func (p *Porter) Run(ctx context.Context) {
	p.logError("look at the clock", p.CheckClock(ctx))
	var work sync.WaitGroup
	work.Go(func() { p.runEvery(ctx, clockEvery, "look at the clock", p.CheckClock) })
	work.Go(func() { p.runEvery(ctx, flushEvery, "write uses", p.flushAndWarn) })
	work.Go(func() { p.runEvery(ctx, clientsEvery, "write clients", p.flushClientsPaced) })
	work.Go(func() { p.runEvery(ctx, sweepEvery, "sweep", p.DeleteExpired) })
	work.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	p.logError("write uses at the end", p.FlushUses(last))
}

func (p *Porter) runEvery(ctx context.Context, pause time.Duration, what string, do func(context.Context) error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			p.logError(what, do(ctx))
		}
	}
}

func (p *Porter) logError(what string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		p.options.Log.Error(what, "error", err)
	}
}

// pauseShare limits background work: it runs for one part in pauseShare of the time, because the gate comes first.
const pauseShare = 5

// pauseAfter pauses after a piece of background work that took so long. It fails if ctx ends.
func pauseAfter(ctx context.Context, took time.Duration) error {
	if took < time.Millisecond {
		return ctx.Err()
	}
	select {
	case <-time.After(took * (pauseShare - 1)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// DeleteExpired deletes sessions, one-time links, known devices and sign-in limits that have expired or are from the
// future, and the used form nonces of ended sessions, and adds up old usage.
func (p *Porter) DeleteExpired(ctx context.Context) error {
	now := p.now()
	expired := p.inSweepTx(ctx, func(tx Tx) error {
		if err := tx.DeleteInvalidSessions(validSessions(now)); err != nil {
			return err
		}
		if err := tx.DeleteInvalidLinks(now, now.Add(linkLife+clockSkew), now.Add(clockSkew)); err != nil {
			return err
		}
		if err := tx.DeleteNonces(now.Add(-2*nonceLife), now.Add(clockSkew)); err != nil {
			return err
		}
		if err := tx.DeleteInvalidDevices(now.Add(-deviceLife), now.Add(clockSkew)); err != nil {
			return err
		}
		return tx.DeleteInvalidLimits(now, latestLimit(now))
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(expired, p.sweepUsage(ctx))
}

// sweptRows is about how many rows of usage one transaction of a sweep reads, so that other writers wait for tens of
// milliseconds.
const sweptRows = 2000

// sweepUsage adds up hours that are older than those that are shown to whole days, and deletes days that are older than
// those that are shown, and clients likewise. With very many keys in use that takes long, once a day, so it runs in
// many transactions.
func (p *Porter) sweepUsage(ctx context.Context) error {
	today := startOfDay(p.now())
	hours, days := today.AddDate(0, 0, -2), today.AddDate(0, 0, -(usageDays-1))
	for after := ""; ; {
		var last string
		err := p.inSweepTx(ctx, func(tx Tx) (err error) {
			last, err = tx.AddUpHours(hours, after, sweptRows)
			return err
		})
		if err != nil {
			return err
		}
		if last == "" {
			break
		}
		after = last
	}
	for more := true; more; {
		err := p.inSweepTx(ctx, func(tx Tx) (err error) {
			if more, err = tx.DeleteUsage(hours, days, sweptRows); err != nil {
				return err
			}
			moreClients, err := p.deleteClients(tx)
			more = more || moreClients
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// inSweepTx runs one transaction of a sweep and pauses after it. One process at a time does, so that hours are added
// up once.
func (p *Porter) inSweepTx(ctx context.Context, piece func(Tx) error) error {
	begin := time.Now()
	err := p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		return piece(tx)
	})
	if err != nil {
		return err
	}
	return pauseAfter(ctx, time.Since(begin))
}
