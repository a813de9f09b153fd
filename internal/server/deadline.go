package server

import (
	"errors"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// deadlineTick is how much later than its deadline a connection may time out.
const deadlineTick = time.Second

// A deadlineListener accepts connections whose deadlines it enforces itself, by checking all of them once in a
// deadlineTick. net/http changes a connection's deadlines several times in each request, and changing a timer each time
// is a large part of the cost of an answer of the gate.
type deadlineListener struct {
	net.Listener
	begin time.Time    // with a monotonic clock reading
	now   atomic.Int64 // when deadlines were last checked, in nanoseconds since begin
	mu    sync.Mutex
	conns map[*deadlineConn]struct{}
}

func newDeadlineListener(l net.Listener) *deadlineListener {
	return &deadlineListener{Listener: l, begin: time.Now(), conns: map[*deadlineConn]struct{}{}}
}

// watch enforces the deadlines until stop is closed.
func (l *deadlineListener) watch(stop <-chan struct{}) {
	tick := time.NewTicker(deadlineTick)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.check(time.Now())
		case <-stop:
			return
		}
	}
}

// check times out the connections whose deadline has passed.
func (l *deadlineListener) check(now time.Time) {
	at := int64(now.Sub(l.begin))
	l.now.Store(at)
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		c.read.check(at)
		c.write.check(at)
	}
}

// Accept implements [net.Listener].
func (l *deadlineListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &deadlineConn{
		Conn: conn, listener: l,
		read:  deadline{listener: l, apply: conn.SetReadDeadline},
		write: deadline{listener: l, apply: conn.SetWriteDeadline},
	}
	c.read.at.Store(never)
	c.write.at.Store(never)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[c] = struct{}{}
	return c, nil
}

// A deadlineConn is a [net.Conn] of a deadlineListener.
type deadlineConn struct {
	net.Conn
	listener    *deadlineListener
	read, write deadline
}

func (c *deadlineConn) SetReadDeadline(t time.Time) error  { return c.read.set(t) }
func (c *deadlineConn) SetWriteDeadline(t time.Time) error { return c.write.set(t) }

func (c *deadlineConn) SetDeadline(t time.Time) error {
	return errors.Join(c.read.set(t), c.write.set(t))
}

// CloseWrite is called by net/http before it closes a connection on which the client is still sending. Without it the
// connection would be reset, and the client would not get the answer.
func (c *deadlineConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

func (c *deadlineConn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.conns, c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}

// A deadline is the read deadline or the write deadline of a connection.
type deadline struct {
	listener *deadlineListener
	apply    func(time.Time) error // sets the deadline of the underlying connection
	at       atomic.Int64          // in nanoseconds since the listener's begin, or never
	mu       sync.Mutex            // serialises calls of apply
	expired  atomic.Bool           // the underlying connection has a deadline in the past
}

const never = math.MaxInt64

// set changes the deadline. One that was in the past at the last check takes effect at once, because net/http uses it
// to interrupt a read.
func (d *deadline) set(t time.Time) error {
	at := int64(never)
	if !t.IsZero() {
		at = int64(t.Sub(d.listener.begin))
	}
	d.at.Store(at)
	if at > d.listener.now.Load() && !d.expired.Load() {
		return nil
	}
	return d.update()
}

// check times out the connection if the deadline has passed.
func (d *deadline) check(now int64) {
	if d.at.Load() <= now && !d.expired.Load() {
		d.update()
	}
}

// update makes the underlying connection time out, or stop timing out, according to the deadline that was set last. It
// repeats that until nothing has changed meanwhile, because a concurrent set may have seen an old value of expired and
// rely on this call.
func (d *deadline) update() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		over := d.at.Load() <= d.listener.now.Load()
		if over == d.expired.Load() {
			return nil
		}
		d.expired.Store(over)
		until := time.Time{}
		if over {
			until = time.Unix(1, 0)
		}
		if err := d.apply(until); err != nil {
			return err
		}
	}
}
