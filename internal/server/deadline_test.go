package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// connected returns a connection, the listener that it is from, and its other end.
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

// reading reads one byte and tells how that ended.
func reading(conn net.Conn) <-chan error {
	ended := make(chan error, 1)
	go func() {
		_, err := conn.Read(make([]byte, 1))
		ended <- err
	}()
	return ended
}

// A read ends at the limit that was asked for last, and neither at one that was moved nor at one that was taken away.
func TestReadDeadline(t *testing.T) {
	limit := time.Now().Add(time.Hour)
	for name, each := range map[string]struct {
		asked []time.Time
		ends  bool // beyond the limit
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
			for _, at := range each.asked {
				if err := conn.SetReadDeadline(at); err != nil {
					t.Fatal(err)
				}
			}
			ended := reading(conn)
			l.keep(limit.Add(-time.Second))
			select {
			case err := <-ended:
				t.Fatal("before the limit:", err)
			default:
			}
			l.keep(limit.Add(time.Second))
			if !each.ends {
				far.Write([]byte("x"))
			}
			if err := <-ended; errors.Is(err, os.ErrDeadlineExceeded) != each.ends {
				t.Error(err)
			}
		})
	}
}

// A read that waits is ended at once by a limit that has passed, and the connection can be read after it.
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

// Whoever asks at the same moment, and while the time passes: the connection then does what the last of them asked for.
func TestDeadlinesAskedForAtOnce(t *testing.T) {
	begin := time.Now()
	const rounds = 20_000
	for round := range rounds {
		l := &deadlineListener{begin: begin}
		told := false // as the connection has it
		d := deadline{of: l, set: func(t time.Time) error {
			told = !t.IsZero()
			return nil
		}}
		d.at.Store(never)
		var all sync.WaitGroup
		all.Go(func() { d.ask(begin.Add(time.Second)) })
		all.Go(func() { d.ask(time.Time{}) })
		all.Go(func() {
			l.now.Store(int64(2 * time.Second))
			d.keep(int64(2 * time.Second))
		})
		all.Wait()
		if over := d.at.Load() <= l.now.Load(); told != over || d.ended.Load() != over {
			t.Fatalf("round %d: over is %v, the connection was told %v", round, over, told)
		}
	}
}

// Writing to somebody who does not read ends at the limit.
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
	l.keep(limit.Add(time.Second))
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}

// What is closed is not looked at any more.
func TestClosedConnectionsAreForgotten(t *testing.T) {
	l, conn, _ := connected(t)
	conn.Close()
	if len(l.conns) != 0 {
		t.Errorf("%d connections are kept", len(l.conns))
	}
}

// An answer to somebody who is still sending is ended in order, and not cut off.
func TestAnswerToWhoStillSends(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{handler: http.NotFoundHandler(), log: slog.New(slog.DiscardHandler)}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, listener) }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: keyporter\r\nX: " +
		strings.Repeat("x", 70<<10))); err != nil {
		t.Fatal(err)
	}
	// net/http closes the connection half a second after it has ended its own direction; without that, what was not
	// read resets the connection.
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 431") {
		t.Errorf("%q, %v", answer, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Who begins a request and does not end it is cut off, with the time limits that the server has.
func TestSlowSenderIsCutOff(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{handler: http.NotFoundHandler(), log: slog.New(slog.DiscardHandler)}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, listener) }()
	begin := time.Now() // the server counts from when it takes the connection, which is before Dial says so
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write([]byte("GET / HTTP/1.1\r\nHost: keyporter\r\n"))
	conn.SetReadDeadline(begin.Add(30 * time.Second))
	if _, err := io.ReadAll(conn); err != nil || time.Since(begin) < 10*time.Second {
		t.Errorf("after %s: %v", time.Since(begin), err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
