package storetest

import (
	"bytes"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// A FaultyProxy forwards connections to a PostgreSQL, and fails as networks do.
type FaultyProxy struct {
	listener net.Listener
	socket   string
	database string
	mu       sync.Mutex
	frozen   chan struct{}
	lose     atomic.Pointer[string]
}

// NewFaultyProxy starts a proxy to the PostgreSQL database at an address. It ends with the test.
func NewFaultyProxy(t testing.TB, address string) *FaultyProxy {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &FaultyProxy{listener: l, socket: filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432"), database: u.Path, frozen: make(chan struct{})}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(near)
		}
	}()
	return p
}

// Address is that of the database, through the proxy.
func (p *FaultyProxy) Address() string {
	return "postgres://postgres@" + p.listener.Addr().String() + p.database + "?sslmode=disable"
}

// Freeze leaves every connection that is there without a word to either end, as a network does that loses packets. New ones
// are served.
func (p *FaultyProxy) Freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.frozen)
	p.frozen = make(chan struct{})
}

// LoseCommit passes the next COMMIT of a connection that sent a statement on, swallows the answer, and ends the connection.
func (p *FaultyProxy) LoseCommit(statement string) { p.lose.Store(&statement) }

func (p *FaultyProxy) pass(near net.Conn) {
	far, err := net.Dial("unix", p.socket)
	if err != nil {
		near.Close()
		return
	}
	p.mu.Lock()
	frozen := p.frozen
	p.mu.Unlock()
	var losing atomic.Bool
	sentIt := false
	move := func(to, from net.Conn, loses func([]byte) bool) {
		buffer := make([]byte, 4096)
		for {
			n, err := from.Read(buffer)
			select {
			case <-frozen:
				return
			default:
			}
			if loses(buffer[:n]) {
				to.Close()
				return
			}
			if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
				to.Close()
				return
			}
		}
	}
	go move(near, far, func([]byte) bool { return losing.Load() })
	move(far, near, func(sent []byte) bool {
		statement := p.lose.Load()
		sentIt = sentIt || statement != nil && bytes.Contains(sent, []byte(*statement))
		if sentIt && bytes.Contains(sent, []byte("commit\x00")) && p.lose.CompareAndSwap(statement, nil) {
			losing.Store(true)
		}
		return false
	})
}
