package keyporter

import (
	"context"
	"sync"
	"time"
)

// A ClockSetBack is that somebody set this machine's clock back. Keys that had expired may be valid again for as long.
type ClockSetBack struct {
	At time.Time // by the clock that was set back; the zero time if it was not
	By time.Duration
}

// A clockWatch compares the wall clock with the time that has passed since this process began. A wall clock that is
// set forward, or goes on while the machine sleeps, is not reported.
type clockWatch struct {
	mu       sync.Mutex
	began    time.Time     // when this process began, by the wall clock as it was at the first look
	reported time.Duration // how far the clock is back since then: as of the last report, or less
	last     ClockSetBack
}

// look returns by how much the wall clock was set back, if by more than clockSkew since the last report; otherwise 0.
func (w *clockWatch) look(wall time.Time, uptime time.Duration) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	began := wall.Add(-uptime)
	if w.began.IsZero() {
		w.began = began
	}
	back := w.began.Sub(began) // negative if the clock was set forward
	by := back - w.reported
	if by <= clockSkew {
		w.reported = min(w.reported, back)
		return 0
	}
	w.reported, w.last = back, ClockSetBack{At: wall, By: by}
	return by
}

// CheckClock logs that the clock was set back by more than 5 minutes since it was called before. [Porter.Run] calls it
// all the time. It does nothing unless [Options.OwnClock].
func (p *Porter) CheckClock(context.Context) error {
	if p.options.OwnClock {
		if by := p.clock.look(p.now(), p.options.Uptime()); by > 0 {
			p.options.Log.Warn("the clock of this machine was set back: keys that had expired may be valid again",
				"by", by.Round(time.Second))
		}
	}
	return nil
}

// ClockSetBack returns the last time that the clock was set back by more than 5 minutes since this process began.
func (p *Porter) ClockSetBack() ClockSetBack {
	p.clock.mu.Lock()
	defer p.clock.mu.Unlock()
	return p.clock.last
}
