package server

import (
	"sync/atomic"
	"time"
)

// A limiter lets one event pass in each period, so that a warning does not flood the log. It is safe for concurrent
// use.
type limiter struct {
	period time.Duration
	now    func() time.Time
	last   atomic.Int64 // when an event passed, in Unix milliseconds; 0 before the first
}

func newLimiter(period time.Duration, now func() time.Time) *limiter {
	return &limiter{period: period, now: now}
}

// allow reports whether an event may pass now. A clock that was set back does not keep events from passing.
func (l *limiter) allow() bool {
	last, ms := l.last.Load(), l.now().UnixMilli()
	over := last == 0 || ms < last || ms-last >= l.period.Milliseconds()
	return over && l.last.CompareAndSwap(last, ms)
}
