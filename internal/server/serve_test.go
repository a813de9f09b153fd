package server

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestAnswerWhileTheClientSends: a client that is still sending gets the whole answer.
func TestAnswerWhileTheClientSends(t *testing.T) {
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
	// net/http calls CloseWrite and closes the connection half a second later. Without that, unread data resets the
	// connection.
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 431") {
		t.Errorf("%q, %v", answer, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestSlowSenderIsCutOff: a request that is begun and not ended times out, with the server's own time limits.
func TestSlowSenderIsCutOff(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{handler: http.NotFoundHandler(), readTimeout: time.Second, log: slog.New(slog.DiscardHandler)}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, listener) }()
	begin := time.Now() // the server's time begins when it accepts the connection, which is before Dial returns
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write([]byte("GET / HTTP/1.1\r\nHost: keyporter\r\n"))
	conn.SetReadDeadline(begin.Add(30 * time.Second))
	if _, err := io.ReadAll(conn); err != nil || time.Since(begin) < time.Second {
		t.Errorf("after %s: %v", time.Since(begin), err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
