package server

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// connected returns both ends of a connection, the first of them lazy.
func connected(t *testing.T) (*lazyConn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	near, err := lazyListener{l}.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near.(*lazyConn), far
}

// Reading ends at the limit that was asked for last, whether the timer stood earlier or later, and not before.
func TestReadLimit(t *testing.T) {
	for name, ask := range map[string][]time.Duration{
		"once":                {50 * time.Millisecond},
		"moved later":         {20 * time.Millisecond, 80 * time.Millisecond},
		"moved earlier":       {time.Hour, 50 * time.Millisecond},
		"taken away and back": {20 * time.Millisecond, -1, 80 * time.Millisecond},
		"later, then earlier": {20 * time.Millisecond, time.Hour, 60 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			conn, _ := connected(t)
			var limit time.Time
			for _, d := range ask {
				limit = time.Time{}
				if d >= 0 {
					limit = time.Now().Add(d)
				}
				if err := conn.SetReadDeadline(limit); err != nil {
					t.Fatal(err)
				}
			}
			n, err := conn.Read(make([]byte, 1))
			if n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%d, %v", n, err)
			}
			if now := time.Now(); now.Before(limit) {
				t.Errorf("%s too early", limit.Sub(now))
			}
		})
	}
}

// A limit that was taken away does not end a read, although the timer goes off in the middle of it.
func TestNoLimit(t *testing.T) {
	conn, far := connected(t)
	conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	conn.SetReadDeadline(time.Time{})
	fired := make(chan struct{})
	set := conn.read.set
	conn.read.set = func(at time.Time) error { close(fired); return set(at) }
	go func() {
		<-fired // the timer went off, and is taken up again
		far.Write([]byte("x"))
	}()
	if n, err := conn.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// A read that waits is ended by a limit in the past, as net/http ends its own.
func TestReadIsEnded(t *testing.T) {
	conn, _ := connected(t)
	ended := make(chan error)
	go func() {
		_, err := conn.Read(make([]byte, 1))
		ended <- err
	}()
	conn.SetReadDeadline(time.Unix(1, 0))
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)) // later than the timer, which is in the past
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}

// Writing to somebody who does not read ends at the limit, and what did not fit before an early timer is written whole.
func TestWriteLimit(t *testing.T) {
	conn, far := connected(t)
	big := make([]byte, 16<<20)
	conn.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
	limit := time.Now().Add(100 * time.Millisecond)
	conn.SetWriteDeadline(limit)
	if _, err := conn.Write(big); !errors.Is(err, os.ErrDeadlineExceeded) || time.Now().Before(limit) {
		t.Errorf("%v", err)
	}

	conn, far = connected(t)
	conn.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
	conn.SetWriteDeadline(time.Time{})
	fired := make(chan struct{})
	set := conn.write.set
	conn.write.set = func(at time.Time) error { close(fired); return set(at) }
	got := make(chan int64)
	go func() {
		<-fired
		n, _ := io.CopyN(io.Discard, far, int64(len(big)))
		got <- n
	}()
	if n, err := conn.Write(big); n != len(big) || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n := <-got; n != int64(len(big)) {
		t.Errorf("%d came", n)
	}
}
