package store_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
	"keyporter/internal/storetest"
)

// A hose passes connections on to a socket. Frozen, it passes nothing on for those that it has, and says nothing to
// either end, as a network does that loses packets; new ones it serves.
type hose struct {
	net.Listener
	to     string
	mu     sync.Mutex
	frozen chan struct{}
	cut    atomic.Bool // the next answer is swallowed, and its connection ends
}

func newHose(t *testing.T, to string) *hose {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &hose{Listener: l, to: to, frozen: make(chan struct{})}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go h.pass(near)
		}
	}()
	return h
}

func (h *hose) pass(near net.Conn) {
	far, err := net.Dial("unix", h.to)
	if err != nil {
		near.Close()
		return
	}
	h.mu.Lock()
	frozen := h.frozen
	h.mu.Unlock()
	move := func(to, from net.Conn, cut func() bool) {
		buffer := make([]byte, 4096)
		for {
			n, err := from.Read(buffer)
			select {
			case <-frozen:
				return
			default:
			}
			if cut() {
				to.Close()
				return
			}
			if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
				to.Close()
				return
			}
		}
	}
	go move(near, far, func() bool { return h.cut.CompareAndSwap(true, false) })
	move(far, near, func() bool { return false })
	if errors.Is(err, io.EOF) {
		near.Close()
	}
}

// freeze leaves every connection that is there without a word.
func (h *hose) freeze() {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.frozen)
	h.frozen = make(chan struct{})
}

// openThroughHose opens an empty database of the test's own.
func openThroughHose(t *testing.T) (*hose, *store.Store) {
	t.Helper()
	address := storetest.OwnServer(t).Address()
	h := newHose(t, address[strings.LastIndex(address, "host=")+len("host="):]+"/.s.PGSQL.5432")
	return h, open(t, "postgres://postgres@"+h.Addr().String()+"/postgres?sslmode=disable")
}

// TestCommitInDoubt: where the connection is lost before the answer to a commit comes, nobody is told that nothing was done.
func TestCommitInDoubt(t *testing.T) {
	h, s := openThroughHose(t)
	if err := furnish(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	err := s.Write(t.Context(), func(tx keyporter.Tx) error {
		defer h.cut.Store(true)
		return insertKey(tx, newKey(0, true))
	})
	if !errors.Is(err, keyporter.ErrInDoubt) || !errors.Is(err, keyporter.ErrUnavailable) {
		t.Errorf("a commit without an answer: %v", err)
	}
	if _, found, err := s.Grant(t.Context(), keyID(0)); !found || err != nil {
		t.Errorf("which was done: %v, %v", found, err)
	}
	err = s.Write(t.Context(), func(tx keyporter.Tx) error {
		h.cut.Store(true)
		return insertKey(tx, newKey(1, true))
	})
	if errors.Is(err, keyporter.ErrInDoubt) || !errors.Is(err, keyporter.ErrUnavailable) {
		t.Errorf("a connection lost before the commit: %v", err)
	}
	if _, found, err := s.Grant(t.Context(), keyID(1)); found || err != nil {
		t.Errorf("which was not done: %v, %v", found, err)
	}
}

// TestSilentConnections: where connections were lost without a word and new ones work, the gate says yes again after one
// try, pages do not wait for ever, and neither waits for each lost connection in turn.
func TestSilentConnections(t *testing.T) {
	h, s := openThroughHose(t)
	if err := furnish(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	write(t, s, func(tx keyporter.Tx) error { return insertKey(tx, newKey(0, true)) })
	var all sync.WaitGroup
	for range 40 { // fills the pools
		all.Go(func() {
			for range 5 {
				s.Grant(t.Context(), keyID(0))
				s.Read(t.Context(), func(tx keyporter.Tx) error { _, err := tx.Subscription(subID); return err })
			}
		})
	}
	all.Wait()

	h.freeze()
	begin := time.Now()
	for range 20 {
		if _, found, err := s.Grant(t.Context(), keyID(0)); !found || err != nil {
			t.Errorf("a judgement: %v, %v", found, err)
		}
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("20 judgements took %s", took)
	}
	read(t, s, func(tx keyporter.Tx) error { _, err := tx.Subscription(subID); return err })

	h.freeze()
	begin = time.Now()
	for range 20 { // pages are the first to meet the lost connections
		all.Go(func() {
			s.Read(t.Context(), func(tx keyporter.Tx) error { _, err := tx.Subscription(subID); return err })
		})
	}
	all.Wait()
	if took := time.Since(begin); took > 8*time.Second {
		t.Errorf("pages waited for %s", took)
	}
	read(t, s, func(tx keyporter.Tx) error { _, err := tx.Subscription(subID); return err })
}
