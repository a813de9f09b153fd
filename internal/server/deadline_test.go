package server

import (
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// connected returns a listener, a connection that it has accepted, and the client's end of it.
func connected(t *testing.T) (*deadlineListener, net.Conn, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newDeadlineListener(listener)
	defer l.Close()
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	near, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return l, near, far
}

// reading reads one byte and returns a channel for the error.
func reading(conn net.Conn) <-chan error {
	ended := make(chan error, 1)
	go func() {
		_, err := conn.Read(make([]byte, 1))
		ended <- err
	}()
	return ended
}

// TestReadDeadline: a read times out at the deadline that was set last, and not at one that was changed or removed.
func TestReadDeadline(t *testing.T) {
	limit := time.Now().Add(time.Hour)
	for name, each := range map[string]struct {
		set  []time.Time
		ends bool // after the limit
	}{
		"once":                {[]time.Time{limit}, true},
		"moved later":         {[]time.Time{limit, limit.Add(time.Minute)}, false},
		"moved earlier":       {[]time.Time{limit.Add(time.Minute), limit}, true},
		"taken away":          {[]time.Time{limit, {}}, false},
		"taken away and back": {[]time.Time{limit, {}, limit}, true},
		"passed, then moved":  {[]time.Time{time.Unix(1, 0), limit.Add(time.Minute)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			l, conn, far := connected(t)
			for _, at := range each.set {
				if err := conn.SetReadDeadline(at); err != nil {
					t.Fatal(err)
				}
			}
			ended := reading(conn)
			l.check(limit.Add(-time.Second))
			select {
			case err := <-ended:
				t.Fatal("before the limit:", err)
			default:
			}
			l.check(limit.Add(time.Second))
			if !each.ends {
				far.Write([]byte("x"))
			}
			if err := <-ended; errors.Is(err, os.ErrDeadlineExceeded) != each.ends {
				t.Error(err)
			}
		})
	}
}

// TestReadIsEnded: a deadline in the past interrupts a read at once, and the connection can be used afterwards.
func TestReadIsEnded(t *testing.T) {
	_, conn, far := connected(t)
	ended := reading(conn)
	conn.SetReadDeadline(time.Unix(1, 0))
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	conn.SetReadDeadline(time.Time{})
	far.Write([]byte("x"))
	if err := <-reading(conn); err != nil {
		t.Error(err)
	}
}

// TestDeadlinesSetAtOnce: after concurrent calls, and a check at the same time, the connection has the deadline that
// was set last.
func TestDeadlinesSetAtOnce(t *testing.T) {
	begin := time.Now()
	const rounds = 20_000
	for round := range rounds {
		l := &deadlineListener{begin: begin}
		timedOut := false // the connection has a deadline in the past
		d := deadline{listener: l, apply: func(t time.Time) error {
			timedOut = !t.IsZero()
			return nil
		}}
		d.at.Store(never)
		var all sync.WaitGroup
		all.Go(func() { d.set(begin.Add(time.Second)) })
		all.Go(func() { d.set(time.Time{}) })
		all.Go(func() {
			l.now.Store(int64(2 * time.Second))
			d.check(int64(2 * time.Second))
		})
		all.Wait()
		if over := d.at.Load() <= l.now.Load(); timedOut != over || d.expired.Load() != over {
			t.Fatalf("round %d: over is %v, the connection times out: %v", round, over, timedOut)
		}
	}
}

// TestWriteDeadline: writing to a client that does not read times out.
func TestWriteDeadline(t *testing.T) {
	l, conn, _ := connected(t)
	limit := time.Now().Add(time.Hour)
	conn.SetWriteDeadline(limit)
	ended := make(chan error)
	go func() {
		for {
			if _, err := conn.Write(make([]byte, 1<<20)); err != nil {
				ended <- err
				return
			}
		}
	}()
	l.check(limit.Add(time.Second))
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}

// TestClosedConnectionsAreForgotten: a connection that was closed is not checked any more.
func TestClosedConnectionsAreForgotten(t *testing.T) {
	l, conn, _ := connected(t)
	conn.Close()
	if len(l.conns) != 0 {
		t.Errorf("%d connections are kept", len(l.conns))
	}
}
