package server

import (
	"errors"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// deadlineTick is how late a connection's deadline may be kept.
const deadlineTick = time.Second

// A deadlineListener hands out connections whose deadlines it keeps itself, by looking at all of them once in a
// deadlineTick. net/http moves a connection's deadlines several times a request, and moving a timer with each is a good
// part of what an answer of the gate costs.
type deadlineListener struct {
	net.Listener
	begin time.Time
	now   atomic.Int64 // of the last look, in nanoseconds since begin; by the clock that is never set
	mu    sync.Mutex
	conns map[*deadlineConn]struct{}
}

func newDeadlineListener(l net.Listener) *deadlineListener {
	return &deadlineListener{Listener: l, begin: time.Now(), conns: map[*deadlineConn]struct{}{}}
}

// watch keeps the deadlines until stop is closed.
func (l *deadlineListener) watch(stop <-chan struct{}) {
	tick := time.NewTicker(deadlineTick)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.keep(time.Now())
		case <-stop:
			return
		}
	}
}

// keep ends what is beyond its deadline.
func (l *deadlineListener) keep(now time.Time) {
	at := int64(now.Sub(l.begin))
	l.now.Store(at)
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		c.read.keep(at)
		c.write.keep(at)
	}
}

func (l *deadlineListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &deadlineConn{Conn: conn, owner: l, read: deadline{of: l, set: conn.SetReadDeadline},
		write: deadline{of: l, set: conn.SetWriteDeadline}}
	c.read.at.Store(never)
	c.write.at.Store(never)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[c] = struct{}{}
	return c, nil
}

type deadlineConn struct {
	net.Conn
	owner       *deadlineListener
	read, write deadline
}

func (c *deadlineConn) SetReadDeadline(t time.Time) error  { return c.read.ask(t) }
func (c *deadlineConn) SetWriteDeadline(t time.Time) error { return c.write.ask(t) }

func (c *deadlineConn) SetDeadline(t time.Time) error {
	return errors.Join(c.read.ask(t), c.write.ask(t))
}

// CloseWrite is what net/http looks for to end an answer to somebody who is still sending, so that the answer arrives.
func (c *deadlineConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

func (c *deadlineConn) Close() error {
	c.owner.mu.Lock()
	delete(c.owner.conns, c)
	c.owner.mu.Unlock()
	return c.Conn.Close()
}

// A deadline is when one direction of a connection gives up.
type deadline struct {
	of    *deadlineListener
	set   func(time.Time) error
	at    atomic.Int64 // in nanoseconds since the listener's begin; never is far off
	mu    sync.Mutex   // held while the connection is told
	ended atomic.Bool  // the connection was told, so that what waits for it gives up
}

const never = math.MaxInt64

// ask moves the deadline. One that had passed at the last look counts at once: so net/http ends a read of its own.
func (d *deadline) ask(t time.Time) error {
	at := int64(never)
	if !t.IsZero() {
		at = int64(t.Sub(d.of.begin))
	}
	d.at.Store(at)
	if at > d.of.now.Load() && !d.ended.Load() {
		return nil
	}
	return d.settle()
}

// keep ends what is beyond its deadline.
func (d *deadline) keep(now int64) {
	if d.at.Load() <= now && !d.ended.Load() {
		d.settle()
	}
}

// settle makes the connection give up, or go on, as the deadline that was asked for last will have it. Who moves it
// meanwhile may not have seen that it ended, and leaves it to this.
func (d *deadline) settle() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		over := d.at.Load() <= d.of.now.Load()
		if over == d.ended.Load() {
			return nil
		}
		d.ended.Store(over)
		until := time.Time{}
		if over {
			until = time.Unix(1, 0)
		}
		if err := d.set(until); err != nil {
			return err
		}
	}
}
