package keyporter_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// call asks the gate about a request with a token, from an address and a program.
func (f *fixture) call(token, address, agent string) keyporter.Code {
	c := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: "GET", Path: "/",
		Address: address, Agent: keyporter.NewAgent(agent)}
	c.ClientAddress, _ = netip.ParseAddr(address)
	return f.Judge(f.ctx, c).Code
}

// clients prints a key's clients as its page has them.
func (f *fixture) clients(a keyporter.Actor, id string) (admitted, refused string) {
	f.t.Helper()
	found, err := f.KeyClients(f.ctx, a, f.acme, id)
	f.ok(err)
	return clientList(found.Admitted), clientList(found.Refused)
}

func clientList(all []keyporter.Client) string {
	var lines []string
	for _, c := range all {
		lines = append(lines, fmt.Sprintf("%s %s %dx %s-%s", c.Address, c.Agent, c.Requests,
			c.First.Format("2 15:04"), c.Last.Format("2 15:04")))
	}
	return strings.Join(lines, "\n")
}

// limitTo gives a key allowed addresses.
func (f *fixture) limitTo(a keyporter.Actor, key keyporter.Key, addresses string) {
	f.t.Helper()
	f.ok(f.ChangeAddresses(f.ctx, a, f.acme, key.ID.String(), keyporter.AddressForm{Text: addresses}))
}

// TestKeyClients: each address and program that used a key is listed once, and each address that was refused once; at
// once, before and after they are written, and after a restart.
func TestKeyClients(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	key, token := f.key("a key", false)
	other, otherToken := f.key("another", false)
	id := key.ID.String()
	f.limitTo(a, key, "192.0.2.0/24")
	f.call(token, "192.0.2.7", "export/1")
	f.call(token, "::ffff:192.0.2.7", "export/1")
	f.call(token, "198.51.100.1", "curl/8")
	f.call(otherToken, "", "")
	f.clock.pass(time.Hour)
	f.call(token, "192.0.2.7", "export/2")
	f.call(token, "192.0.2.8", "export/1")
	f.call(token, "198.51.100.1", "curl/9")
	f.call(token, "", "no address")
	f.call(wrongSecret(key), "203.0.113.1", "guess")
	const wantAdmitted = "192.0.2.7 export/2 1x 1 13:00-1 13:00\n192.0.2.8 export/1 1x 1 13:00-1 13:00\n" +
		"192.0.2.7 export/1 2x 1 12:00-1 12:00"
	const wantRefused = "invalid IP no address 1x 1 13:00-1 13:00\n198.51.100.1 curl/9 2x 1 12:00-1 13:00"
	for _, when := range []string{"at once", "again"} {
		if admitted, refused := f.clients(a, id); admitted != wantAdmitted || refused != wantRefused {
			t.Errorf("%s: admitted\n%s\nrefused\n%s", when, admitted, refused)
		}
	}
	f.clock.pass(time.Minute)
	f.call(token, "192.0.2.8", "export/1")
	f.ok(f.FlushUses(f.ctx))
	f.reopen()
	if admitted, _ := f.clients(a, id); !strings.HasPrefix(admitted, "192.0.2.8 export/1 2x 1 13:00-1 13:01\n") {
		t.Errorf("after a restart:\n%s", admitted)
	}
	admitted, refused := f.clients(a, other.ID.String())
	if admitted != "invalid IP  1x 1 12:00-1 12:00" || refused != "" {
		t.Errorf("the other key has\n%s\n%s", admitted, refused)
	}
	f.ok(f.DeleteKey(f.ctx, a, f.acme, keyporter.IntegrationKey, other.ID.String(), "another"))
	f.call(otherToken, "192.0.2.7", "late")
	f.ok(f.FlushUses(f.ctx))
	if n := f.clientRows(other); n != 0 {
		t.Errorf("of a deleted key %d clients stay", n)
	}
}

// clientRows counts the rows of a key's clients.
func (f *fixture) clientRows(key keyporter.Key) (n int) {
	f.t.Helper()
	f.ok(engine.OpenRaw(f.t, f.path).QueryRow(`SELECT count(*) FROM key_clients WHERE key_id = '` + key.ID.String() +
		`'`).Scan(&n))
	return n
}

// TestKeyClientsAreWrittenAtTheEnd checks that a process that is told to stop writes them.
func TestKeyClientsAreWrittenAtTheEnd(t *testing.T) {
	f := newFixture(t)
	key, token := f.key("a key", false)
	f.call(token, "192.0.2.7", "export/1")
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	f.Run(ctx)
	if n := f.clientRows(key); n != 1 {
		t.Errorf("%d clients were written", n)
	}
}

// TestKeyClientsThatCannotBeWritten checks that they are kept.
func TestKeyClientsThatCannotBeWritten(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	key, token := f.key("a key", false)
	f.call(token, "192.0.2.7", "export/1")
	on := engine.FailWrites(t, f.path)
	f.want("unavailable", f.FlushUses(f.ctx))
	on()
	f.call(token, "192.0.2.7", "export/1")
	f.ok(f.FlushUses(f.ctx))
	if admitted, _ := f.clients(a, key.ID.String()); admitted != "192.0.2.7 export/1 2x 1 12:00-1 12:00" {
		t.Errorf("the page has %s", admitted)
	}
}

// TestMostKeyClients: of each kind the 100 that were seen last are kept, and the refused ones displace no admitted one.
func TestMostKeyClients(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	key, token := f.key("a key", false)
	f.limitTo(a, key, "192.0.2.0/24")
	f.call(token, "192.0.2.1", "first")
	for i := range 250 {
		f.clock.pass(time.Second)
		f.call(token, fmt.Sprintf("198.51.100.%d", i), "")
		if i == 99 || i == 199 {
			f.ok(f.FlushUses(f.ctx))
		}
	}
	admitted, refused := f.clients(a, key.ID.String())
	if lines := strings.Split(refused, "\n"); len(lines) != 100 || !strings.HasPrefix(lines[0], "198.51.100.249 ") ||
		!strings.HasPrefix(lines[99], "198.51.100.150 ") {
		t.Errorf("%d refused addresses:\n%s", len(lines), refused)
	}
	if !strings.HasPrefix(admitted, "192.0.2.1 first ") || f.clientRows(key) != 101 {
		t.Errorf("in %d rows, admitted are\n%s", f.clientRows(key), admitted)
	}
	for i := range 101 {
		f.clock.pass(time.Second)
		f.call(token, "192.0.2.1", fmt.Sprint("agent ", i))
		if i == 50 {
			f.ok(f.FlushUses(f.ctx))
		}
	}
	if admitted, _ := f.clients(a, key.ID.String()); strings.Count(admitted, "\n") != 99 ||
		strings.Contains(admitted, "first") || strings.Contains(admitted, "agent 0 ") || f.clientRows(key) != 200 {
		t.Errorf("in %d rows, admitted are then\n%s", f.clientRows(key), admitted)
	}
}

// TestKeyClientsEnd: admitted clients are kept for 14 days after they were seen last, and refused ones for 48 hours.
func TestKeyClientsEnd(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	key, token := f.key("a key", false)
	f.limitTo(a, key, "192.0.2.0/24")
	f.call(token, "192.0.2.1", "a")
	f.call(token, "198.51.100.1", "b")
	shown := 0
	check := func(pass time.Duration, wantShown, wantKept int) {
		t.Helper()
		f.clock.pass(pass)
		admitted, refused := f.clients(a, key.ID.String())
		if shown = strings.Count(admitted+refused, "x"); shown != wantShown {
			t.Errorf("shown are %s, %s", admitted, refused)
		}
		f.ok(f.DeleteExpired(f.ctx))
		if n := f.clientRows(key); n != wantKept {
			t.Errorf("%d rows are kept", n)
		}
	}
	check(0, 2, 2)
	check(48*time.Hour-time.Millisecond, 2, 2)
	check(time.Millisecond, 1, 1)
	check(12*24*time.Hour-time.Millisecond, 1, 1)
	check(time.Millisecond, 0, 0)
	f.call(token, "192.0.2.1", "of the future")
	f.call(token, "198.51.100.1", "likewise")
	f.ok(f.FlushUses(f.ctx))
	check(-5*time.Minute, 2, 2)
	check(-time.Millisecond, 2, 0) // a clock that was set back
}

// TestLeftOut: every address that used the key in the last 7 days and is not allowed now is named once.
func TestLeftOut(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	key, token := f.key("a key", false)
	id := key.ID.String()
	f.call(token, "192.0.2.1", "a")
	f.clock.pass(time.Minute)
	f.call(token, "192.0.2.2", "a")
	f.call(token, "192.0.2.2", "b")
	f.call(token, "", "c")
	f.clock.pass(time.Minute)
	f.call(token, "198.51.100.1", "a")
	check := func(list, want string) {
		t.Helper()
		f.limitTo(a, key, list)
		found, err := f.KeyClients(f.ctx, a, f.acme, id)
		f.ok(err)
		if got := fmt.Sprint(f.read(a, id).Addresses.LeftOut(f.RecentAddresses(found.Admitted))); got != want {
			t.Errorf("with %q left out are %s, want %s", list, got, want)
		}
	}
	check("", "[]")
	check("203.0.113.1", "[198.51.100.1 invalid IP 192.0.2.2 192.0.2.1]")
	check("192.0.2.0/24", "[198.51.100.1 invalid IP]")
	f.call(token, "203.0.113.9", "refused")
	check("192.0.2.0/24 198.51.100.1", "[invalid IP]")
	f.clock.pass(7*24*time.Hour - 2*time.Minute)
	check("198.51.100.1", "[invalid IP 192.0.2.2]")
	f.clock.pass(2 * time.Minute)
	check("203.0.113.1", "[]")
}

// TestClientsOfTwoProcesses: what several processes have recorded of the same clients adds up, also while they write at
// once and keys are deleted.
func TestClientsOfTwoProcesses(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	nodes := []*keyporter.Porter{f.Porter, keyporter.New(f.store, keyporter.Options{Now: f.clock.Now})}
	var keys []keyporter.Key
	var tokens []string
	for i := range 12 {
		key, token := f.key(fmt.Sprint("key ", i), false)
		f.limitTo(a, key, "192.0.2.0/24")
		keys, tokens = append(keys, key), append(tokens, token)
	}
	var work sync.WaitGroup
	for _, node := range nodes {
		work.Go(func() {
			for range 5 {
				for _, token := range tokens {
					for _, address := range []string{"192.0.2.1", "198.51.100.1"} {
						c := keyporter.Call{Method: "GET", Path: "/", ClientAddress: netip.MustParseAddr(address)}
						c.IntegrationKey = []string{token}
						node.Judge(f.ctx, c)
					}
				}
				if err := node.FlushUses(f.ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Go(func() {
		for _, key := range keys[:6] {
			err := f.DeleteKey(f.ctx, a, f.acme, keyporter.IntegrationKey, key.ID.String(), key.Description)
			if err != nil {
				t.Error(err)
			}
		}
	})
	work.Wait()
	for _, key := range keys[6:] {
		found, err := f.KeyClients(f.ctx, a, f.acme, key.ID.String())
		f.ok(err)
		if len(found.Admitted) != 1 || len(found.Refused) != 1 || found.Admitted[0].Requests != 10 ||
			found.Refused[0].Requests != 10 {
			t.Errorf("the clients are %+v", found)
		}
	}
}
