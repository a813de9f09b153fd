package keyporter

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"keyporter/internal/token"
)

// A Client is an address and a program that requests with a key came from.
type Client struct {
	Address     netip.Addr // zero if it is not known
	Agent       string     // the program's User-Agent, cut at 200 characters; may be empty
	First, Last time.Time
	Requests    int64 // from the first to the last
}

// KeyClients are the clients of an integration key, those that were seen last first.
type KeyClients struct {
	Admitted []Client // of the last 14 days, each address once for each program
	Refused  []Client // with [AddressNotAllowed] in the last 48 hours, each address once, with its last program
}

// MaxClients is how many admitted and how many refused clients of a key are kept: those that were seen last.
const MaxClients = 100

const (
	admittedClientLife = 14 * 24 * time.Hour
	refusedClientLife  = 48 * time.Hour
	clientsPerWrite    = 1000
)

type clientRows interface {
	// AddClients adds recorded clients. Of each key it keeps the [MaxClients] admitted and the MaxClients refused ones
	// that were seen last. Clients of a key that was deleted are left out.
	AddClients(all []ClientUse) error
	// KeyClients returns the clients that were seen since then, the last one first.
	KeyClients(id token.KeyID, refused bool, since time.Time) ([]Client, error)
	// DeleteClients deletes, at most rows rows of each, admitted and refused clients that were seen last before the
	// given times, and those that were seen after until. It reports whether more may remain.
	DeleteClients(admitted, refused, until time.Time, rows int) (more bool, err error)
}

// KeyClients returns who used an integration key, and whose requests were refused because of its allowed addresses. It
// needs integration key access.
func (p *Porter) KeyClients(ctx context.Context, a Actor, subscription, id string) (KeyClients, error) {
	p.flushKeyClients(ctx, id)
	var found KeyClients
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) error {
		if err := p.checkManage(tx, m, IntegrationKey); err != nil {
			return err
		}
		key, err := p.findKey(tx, keysOf(m, IntegrationKey), id)
		if err != nil {
			return err
		}
		now := p.now()
		if found.Admitted, err = tx.KeyClients(key.ID, false, now.Add(-admittedClientLife)); err != nil {
			return err
		}
		found.Refused, err = tx.KeyClients(key.ID, true, now.Add(-refusedClientLife))
		return err
	})
	return found, err
}

// RecentAddresses returns the addresses from which a key was used in the last 7 days, the latest first and each once.
// The zero address stands for clients whose address is not known.
func (p *Porter) RecentAddresses(admitted []Client) []netip.Addr {
	var found []netip.Addr
	for _, client := range admitted {
		if p.now().Sub(client.Last) < recentUse && !slices.Contains(found, client.Address) {
			found = append(found, client.Address)
		}
	}
	return found
}

// flushClients writes all recorded clients, and calls pause after each write with the time that it took. Clients that
// cannot be written are kept for the next call.
func (p *Porter) flushClients(ctx context.Context, pause func(took time.Duration) error) error {
	for next := 0; next < clientShards; {
		begin := time.Now()
		take := func() []ClientUse { return p.clients.some(clientsPerWrite, &next) }
		if err := p.writeClients(ctx, take); err != nil {
			return err
		}
		if err := pause(time.Since(begin)); err != nil {
			return err
		}
	}
	return nil
}

// flushClientsPaced is flushClients with pauses, so that it takes little time from the gate.
func (p *Porter) flushClientsPaced(ctx context.Context) error {
	return p.flushClients(ctx, func(took time.Duration) error { return pauseAfter(ctx, took) })
}

// flushKeyClients writes the recorded clients of one key, for a page that shows them. It gives up soon, as flushBriefly
// does.
func (p *Porter) flushKeyClients(ctx context.Context, id string) {
	parsed, ok := token.ParseKeyID(id)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, briefFlush)
	defer cancel()
	err := p.writeClients(ctx, func() []ClientUse { return p.clients.ofKey(parsed) })
	if err != nil {
		p.options.Log.Debug("clients are not all written yet", "error", err)
	}
}

// writeClients writes the clients that take returns. One write runs at a time, so that none is written twice.
func (p *Porter) writeClients(ctx context.Context, take func() []ClientUse) error {
	select {
	case p.clients.flush <- struct{}{}:
		defer func() { <-p.clients.flush }()
	case <-ctx.Done():
		return ctx.Err()
	}
	all := take()
	if len(all) == 0 {
		return nil
	}
	err := p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil { // other processes write the same rows
			return err
		}
		return tx.AddClients(all)
	})
	if err == nil {
		p.clients.written(all)
	}
	return err
}

// deleteClients deletes some of the clients that are not shown any more, and reports whether more may remain.
func (p *Porter) deleteClients(tx Tx) (bool, error) {
	now := p.now()
	return tx.DeleteClients(now.Add(-admittedClientLife), now.Add(-refusedClientLife), now.Add(clockSkew), sweptRows)
}
