package server

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// A lazyListener hands out connections whose time limits cost nothing while they are kept. net/http moves a connection's
// limits several times a request, and each move sets a timer of the system: together they took a tenth of what the gate
// could answer.
type lazyListener struct{ net.Listener }

func (l lazyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &lazyConn{Conn: conn}
	c.read.set, c.write.set = conn.SetReadDeadline, conn.SetWriteDeadline
	return c, nil
}

// A lazyConn keeps the limits that net.Conn promises: what is asked for is noted, and the system's timer is left alone
// while it goes off earlier. Then the wait is taken up again until the limit that was asked for.
type lazyConn struct {
	net.Conn
	read, write limit
}

func (c *lazyConn) SetReadDeadline(t time.Time) error  { return c.read.ask(t) }
func (c *lazyConn) SetWriteDeadline(t time.Time) error { return c.write.ask(t) }

func (c *lazyConn) SetDeadline(t time.Time) error {
	return errors.Join(c.read.ask(t), c.write.ask(t))
}

func (c *lazyConn) Read(b []byte) (n int, err error) {
	for {
		n, err = c.Conn.Read(b)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) || !c.read.early() {
			return n, err
		}
	}
}

func (c *lazyConn) Write(b []byte) (n int, err error) {
	for {
		var more int
		more, err = c.Conn.Write(b[n:])
		n += more
		if !errors.Is(err, os.ErrDeadlineExceeded) || !c.write.early() {
			return n, err
		}
	}
}

// A limit is one direction's: when to give up, and when the timer goes off, which is not later. Zero is never.
type limit struct {
	mu           sync.Mutex
	asked, timer time.Time
	set          func(time.Time) error
}

// ask notes a limit. The timer is set only where it would go off too late.
func (l *limit) ask(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = t
	if t.IsZero() || !l.timer.IsZero() && !t.Before(l.timer) {
		return nil
	}
	l.timer = t
	return l.set(t)
}

// early reports whether the timer went off before the limit that is asked for now, to which it is set then.
func (l *limit) early() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.asked.IsZero() && !time.Now().Before(l.asked) {
		return false
	}
	l.timer = l.asked
	return l.set(l.asked) == nil
}
