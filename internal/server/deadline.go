package server

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// limitTick is how late a connection's time limit may be kept.
const limitTick = time.Second

// A limiter hands out connections whose time limits it keeps itself, by looking at all of them once in a limitTick.
// net/http moves a connection's limits several times a request, and each move would set a timer of the system, which is
// a good part of what an answer of the gate costs.
type limiter struct {
	net.Listener
	now   atomic.Int64 // Unix nanoseconds at the last look
	mu    sync.Mutex
	conns map[*limitedConn]struct{}
}

func newLimiter(l net.Listener) *limiter {
	limited := &limiter{Listener: l, conns: map[*limitedConn]struct{}{}}
	limited.now.Store(time.Now().UnixNano())
	return limited
}

// watch keeps the limits until stop is closed.
func (l *limiter) watch(stop <-chan struct{}) {
	tick := time.NewTicker(limitTick)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			l.keep(now)
		case <-stop:
			return
		}
	}
}

// keep ends what is beyond its limit.
func (l *limiter) keep(now time.Time) {
	l.now.Store(now.UnixNano())
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		c.read.keep(now)
		c.write.keep(now)
	}
}

func (l *limiter) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &limitedConn{Conn: conn, owner: l}
	c.read.now, c.write.now = &l.now, &l.now
	c.read.set, c.write.set = conn.SetReadDeadline, conn.SetWriteDeadline
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[c] = struct{}{}
	return c, nil
}

type limitedConn struct {
	net.Conn
	owner       *limiter
	read, write limit
}

func (c *limitedConn) SetReadDeadline(t time.Time) error  { return c.read.ask(t) }
func (c *limitedConn) SetWriteDeadline(t time.Time) error { return c.write.ask(t) }

func (c *limitedConn) SetDeadline(t time.Time) error {
	return errors.Join(c.read.ask(t), c.write.ask(t))
}

func (c *limitedConn) Close() error {
	c.owner.mu.Lock()
	delete(c.owner.conns, c)
	c.owner.mu.Unlock()
	return c.Conn.Close()
}

// A limit is when one direction of a connection gives up; zero is never.
type limit struct {
	mu    sync.Mutex
	at    time.Time
	ended bool // the connection was told, so that what waits for it gives up
	now   *atomic.Int64
	set   func(time.Time) error
}

// ask moves the limit. One that had passed at the last look counts at once: so net/http ends a read of its own.
func (l *limit) ask(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = t
	if !t.IsZero() && t.UnixNano() <= l.now.Load() {
		return l.end()
	}
	if !l.ended {
		return nil
	}
	l.ended = false
	return l.set(time.Time{})
}

func (l *limit) keep(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended && !l.at.IsZero() && now.After(l.at) {
		l.end()
	}
}

func (l *limit) end() error {
	l.ended = true
	return l.set(time.Unix(1, 0))
}
