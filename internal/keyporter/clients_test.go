package keyporter

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"keyporter/internal/token"
)

// numbered returns the address with a number, in 2001:db8::/32.
func numbered(n int) netip.Addr {
	return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 12: byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// see records a request with a key.
func (c clients) see(id token.KeyID, code Code, address netip.Addr, agent string, at time.Time) {
	c.record(id, &Grant{}, code, &Call{ClientAddress: address, Agent: agent}, at)
}

// clientIDs returns n key IDs of one shard.
func clientIDs(c clients, n int) []token.KeyID {
	var all []token.KeyID
	for i := 0; len(all) < n; i++ {
		id := token.KeyID([]byte(fmt.Sprintf("%012d", i)))
		if c.shard(id) == &c.shards[0] {
			all = append(all, id)
		}
	}
	return all
}

// flushed returns all clients that are not written, and has them written.
func (c clients) flushed() []ClientUse {
	var all []ClientUse
	for next := 0; next < clientShards; {
		all = append(all, c.some(1000, &next)...)
	}
	c.written(all)
	return all
}

// requestsOf adds up the requests of a client.
func requestsOf(all []ClientUse, id token.KeyID, refused bool, address netip.Addr) (n int64) {
	for _, use := range all {
		if use.KeyID == id && use.Refused == refused && use.Address == address {
			n += use.Requests
		}
	}
	return n
}

// TestFloodOfClients checks that a million addresses or programs take no more memory than a hundred, that refused ones
// displace no admitted one, and that a client that goes on using the key is not displaced either.
func TestFloodOfClients(t *testing.T) {
	const requests = 1_000_000
	c := newClients()
	ids := clientIDs(c, 2)
	victim, other, steady := ids[0], ids[1], netip.MustParseAddr("192.0.2.1")
	shard := c.shard(victim)
	for range 2 {
		c.see(victim, "", steady, "steady", noon)
		c.flushed()
	}
	for i := range requests {
		c.see(victim, AddressNotAllowed, numbered(i), fmt.Sprint("agent ", i), noon)
		c.see(victim, "", numbered(0), fmt.Sprint("agent ", i), noon)
		if i%(requests/10) != requests/10-1 {
			continue
		}
		c.see(victim, "", steady, "steady", noon)
		c.see(other, AddressNotAllowed, steady, "refused", noon)
		if shard.sizes != [2]int{MaxClients, MaxClients + 1} || len(shard.keys) != 2 {
			t.Fatalf("after %d requests of %d keys the shard holds %v", i+1, len(shard.keys), shard.sizes)
		}
		all := c.flushed()
		if n := requestsOf(all, victim, false, steady); n != 1 || len(all) != 2*MaxClients+1 {
			t.Errorf("of %d clients, the steady one has %d requests", len(all), n)
		}
		if n := requestsOf(all, other, true, steady); n != 1 {
			t.Errorf("the refused client of another key has %d requests", n)
		}
	}
	for range 2 {
		c.flushed()
	}
	if len(shard.keys) != 0 || shard.sizes != [2]int{} {
		t.Errorf("without requests the shard still holds %v", shard.sizes)
	}
}

// TestFullShardOfClients checks that a shard has a limit for all keys together, for refused clients apart, and that
// each key gets its turn.
func TestFullShardOfClients(t *testing.T) {
	c := newClients()
	ids := clientIDs(c, maxShardAdmitted+maxShardRefused)
	shard, address := c.shard(ids[0]), netip.MustParseAddr("192.0.2.1")
	turns := map[token.KeyID]bool{}
	for range 4 {
		for _, id := range ids {
			c.see(id, AddressNotAllowed, address, "", noon)
		}
		for _, id := range ids {
			c.see(id, "", address, "", noon)
		}
		if shard.sizes != [2]int{maxShardAdmitted, maxShardRefused} {
			t.Errorf("the shard holds %v", shard.sizes)
		}
		for _, use := range c.flushed() {
			if !use.Refused {
				turns[use.KeyID] = true
			}
		}
		if shard.sizes != [2]int{} || len(shard.keys) != 0 {
			t.Errorf("of a full shard %v stay", shard.sizes)
		}
		ids = append(ids[maxShardAdmitted:], ids[:maxShardAdmitted]...) // others come first
	}
	if len(turns) != len(ids) {
		t.Errorf("%d of %d keys were recorded", len(turns), len(ids))
	}
}

// TestClientsAreCountedOnce checks that requests during a write are kept, and all of them after a write that failed.
func TestClientsAreCountedOnce(t *testing.T) {
	c := newClients()
	id, address := clientIDs(c, 1)[0], netip.MustParseAddr("192.0.2.1")
	later := noon.Add(time.Minute)
	c.see(id, "", address, "a", noon)
	c.see(id, "", netip.MustParseAddr("::ffff:192.0.2.1"), "a", later)
	c.see(id, AddressNotAllowed, address, "a", noon)
	c.see(id, AddressNotAllowed, address, "b", later)
	for range 2 { // the first write fails
		for _, use := range c.ofKey(id) {
			if want := map[bool]string{false: "a", true: "b"}[use.Refused]; use.Requests != 2 ||
				use.First != noon || use.Last != later || use.Agent != want {
				t.Errorf("the client is %+v", use)
			}
		}
	}
	writing := c.ofKey(id)
	c.see(id, "", address, "a", later)
	c.see(id, AddressNotAllowed, address, "c", later)
	c.written(writing)
	next := c.ofKey(id)
	if len(writing) != 2 || requestsOf(next, id, false, address) != 1 || requestsOf(next, id, true, address) != 1 {
		t.Errorf("after %+v, %+v is left", writing, next)
	}
	for _, use := range next {
		if use.Refused && use.Agent != "c" {
			t.Errorf("the last program is %q", use.Agent)
		}
	}
}

// TestOtherRequestsHaveNoClients: Feedback API keys have none, and no refusal but that of the address is recorded.
func TestOtherRequestsHaveNoClients(t *testing.T) {
	c := newClients()
	id := clientIDs(c, 1)[0]
	for _, code := range []Code{KeyInvalid, KeyDisabled, FeatureDisabled, WriteAccessRequired, ApplicationUnknown} {
		c.see(id, code, numbered(1), "", noon)
	}
	c.record(id, &Grant{Feedback: true}, "", &Call{ClientAddress: numbered(1)}, noon)
	if all := c.flushed(); len(all) != 0 {
		t.Errorf("recorded are %+v", all)
	}
}

// TestClientsAtOnce records from many goroutines while others write.
func TestClientsAtOnce(t *testing.T) {
	c := newClients()
	ids := clientIDs(c, 3)
	var recording sync.WaitGroup
	for worker := range 4 {
		recording.Go(func() {
			for i := range 3000 {
				c.see(ids[i%3], "", numbered((i+worker)%20), "a", noon)
			}
		})
	}
	done := make(chan struct{})
	go func() { recording.Wait(); close(done) }()
	var n int64
	add := func() {
		for _, use := range c.flushed() {
			n += use.Requests
		}
	}
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		add()
	}
	if n != 4*3000 {
		t.Errorf("%d of 12000 requests were counted", n)
	}
}

// TestRecordingClientsAllocatesNothing: for a client that sent a request before, also if that was written meanwhile.
func TestRecordingClientsAllocatesNothing(t *testing.T) {
	c := newClients()
	id := clientIDs(c, 1)[0]
	calls := []*Call{{ClientAddress: numbered(1), Agent: "a"}, {ClientAddress: numbered(2), Agent: "b"}}
	grant := &Grant{}
	use := func() {
		for _, call := range calls {
			c.record(id, grant, "", call, noon)
			c.record(id, grant, AddressNotAllowed, call, noon)
		}
	}
	use()
	if n := testing.AllocsPerRun(100, use); n > 0 {
		t.Errorf("four requests allocate %v times", n)
	}
	c.flushed()
	if n := testing.AllocsPerRun(100, use); n > 0 {
		t.Errorf("four requests allocate %v times after a write", n)
	}
}

// A deafStore takes every transaction and runs none.
type deafStore struct {
	Store
	writes atomic.Int32
}

func (s *deafStore) Read(context.Context, func(Tx) error) error { return nil }

func (s *deafStore) Write(context.Context, func(Tx) error) error {
	s.writes.Add(1)
	return nil
}

// TestRunWritesClients checks that clients do not wait for the end of the process.
func TestRunWritesClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &deafStore{}
		p := New(s, Options{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { p.Run(ctx); close(done) }()
		time.Sleep(time.Minute) // of the bubble's clock
		before := s.writes.Load()
		p.clients.see(clientIDs(p.clients, 1)[0], "", numbered(1), "a", noon)
		time.Sleep(clientsEvery)
		synctest.Wait()
		if n := s.writes.Load() - before; n != 1 {
			t.Errorf("a client was written %d times", n)
		}
		cancel()
		<-done
	})
}
