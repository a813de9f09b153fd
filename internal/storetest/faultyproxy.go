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

// A FaultyProxy forwards connections to a PostgreSQL server, and fails as networks do.
type FaultyProxy struct {
	listener net.Listener
	socket   string // the server's
	database string // its name, with a slash before it

	mu     sync.Mutex
	frozen chan struct{} // closed when the connections that are open now are to stop

	lose atomic.Pointer[string] // the statement of LoseCommit, until its commit was lost
}

// NewFaultyProxy starts a proxy to the PostgreSQL database at an address. It is closed when the test ends.
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
	p := &FaultyProxy{
		listener: l, socket: filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432"), database: u.Path,
		frozen: make(chan struct{}),
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.forward(client)
		}
	}()
	return p
}

// Address returns the address of the database, through the proxy.
func (p *FaultyProxy) Address() string {
	return "postgres://postgres@" + p.listener.Addr().String() + p.database + "?sslmode=disable"
}

// Freeze stops forwarding on the open connections and tells neither end, as a network does that drops packets. New
// connections are forwarded.
func (p *FaultyProxy) Freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.frozen)
	p.frozen = make(chan struct{})
}

// LoseCommit makes the next commit of a connection that has sent the statement reach the server, but not the answer to
// it: the connection is closed instead. It applies to one commit.
func (p *FaultyProxy) LoseCommit(statement string) { p.lose.Store(&statement) }

func (p *FaultyProxy) forward(client net.Conn) {
	server, err := net.Dial("unix", p.socket)
	if err != nil {
		client.Close()
		return
	}
	p.mu.Lock()
	frozen := p.frozen
	p.mu.Unlock()
	var losing atomic.Bool // the next bytes of the server are the answer to lose
	sentStatement := false
	copyBytes := func(to, from net.Conn, loses func([]byte) bool) {
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
	go copyBytes(client, server, func([]byte) bool { return losing.Load() })
	copyBytes(server, client, func(sent []byte) bool {
		statement := p.lose.Load()
		sentStatement = sentStatement || statement != nil && bytes.Contains(sent, []byte(*statement))
		if sentStatement && bytes.Contains(sent, []byte("commit\x00")) && p.lose.CompareAndSwap(statement, nil) {
			losing.Store(true)
		}
		return false
	})
}
