package keyporter

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"time"
)

// A Limit counts the tries of one kind, such as to sign in to one account, or from one network.
type Limit struct {
	Tries   int
	NextAt  time.Time // no try is allowed before
	Expires time.Time
}

type limitRows interface {
	// Limit returns the zero Limit where there is none.
	Limit(key []byte) (Limit, error)
	PutLimit(key []byte, l Limit) error
	DeleteLimit(key []byte) error
	// DeleteInvalidLimits deletes those that end at now or before, or later than latest.
	DeleteInvalidLimits(now, latest time.Time) error
	CountLimits() (int, error)
	// DeleteFewestTries deletes the n limits with the fewest tries, of those the first to expire.
	DeleteFewestTries(n int) error
}

// A backoff slows down tries with one key: some are free, then each has to wait twice as long as the one before, up to
// a limit; after a time without tries it starts again. Nobody is locked out for good.
type backoff struct {
	free    int
	maxWait time.Duration
	forget  time.Duration
}

var (
	accountBackoff = backoff{free: 5, maxWait: time.Minute, forget: time.Hour}
	// Many people may be behind one address, so a network has more free tries, and then longer waits.
	networkBackoff = backoff{free: 30, maxWait: 15 * time.Minute, forget: time.Hour}
)

const maxLimits = 20_000 // rows; beyond it, those with the fewest tries are deleted

// valid reports whether the limit counts at now. One that ends later than the backoff sets was stored while the clock
// was ahead.
func (b backoff) valid(l Limit, now time.Time) bool {
	wait := now.Add(b.maxWait + clockSkew)
	return now.Before(l.Expires) && !l.NextAt.After(wait) && !l.Expires.After(wait.Add(b.forget))
}

// latestLimit is the latest end of a limit that is stored at now.
func latestLimit(now time.Time) time.Time {
	account, network := accountBackoff, networkBackoff
	return now.Add(max(account.maxWait+account.forget, network.maxWait+network.forget) + clockSkew)
}

// after returns the limit after one more try at now.
func (b backoff) after(l Limit, now time.Time) Limit {
	if !b.valid(l, now) {
		l = Limit{}
	}
	l.Tries++
	l.NextAt = now
	if over := l.Tries - b.free; over >= 0 {
		l.NextAt = now.Add(min(time.Second<<min(over, 20), b.maxWait))
	}
	l.Expires = l.NextAt.Add(b.forget)
	return l
}

// wait returns how long the next try has to wait at now. A free try does not wait, even if the clocks of two nodes
// differ.
func (b backoff) wait(l Limit, now time.Time) time.Duration {
	if l.Tries < b.free || !b.valid(l, now) {
		return 0
	}
	return l.NextAt.Sub(now)
}

func accountLimitKey(email string) []byte { return limitKey("account " + foldEmail(email)) }

// networkLimitKey treats an IPv6 /64 as one address: one customer of a provider has that.
func networkLimitKey(address string) []byte {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return limitKey("network " + address)
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		prefix, _ := ip.Prefix(64)
		ip = prefix.Addr()
	}
	return limitKey("network " + ip.String())
}

// limitKey returns the key under which the store keeps the limit of a kind of tries, such as "rename" of one user. It
// is a hash, so that no address is stored.
func limitKey(kind string) []byte {
	sum := sha256.Sum256([]byte(kind))
	return sum[:]
}

// countSignInTry counts a try before the password is verified, so that concurrent tries cannot exceed the limit. A try
// from a browser that is known for the account counts for that [Device] alone, which is returned; others count for the
// account and for the network. It fails with [TooManyTries], and then counts nothing.
func (p *Porter) countSignInTry(ctx context.Context, email string, o ClientInfo) (*Device, error) {
	now := p.now()
	var device *Device
	err := p.store.Write(ctx, func(tx Tx) (err error) {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		if device, err = p.countDeviceTry(tx, email, o.Device); err != nil || device != nil {
			return err
		}
		account, network := accountLimitKey(email), networkLimitKey(o.Address)
		onAccount, err := tx.Limit(account)
		if err != nil {
			return err
		}
		onNetwork, err := tx.Limit(network)
		if err != nil {
			return err
		}
		if wait := max(accountBackoff.wait(onAccount, now), networkBackoff.wait(onNetwork, now)); wait > 0 {
			return &TooManyTries{After: wait}
		}
		if err := p.evictFewestTries(tx, now); err != nil {
			return err
		}
		if err := tx.PutLimit(account, accountBackoff.after(onAccount, now)); err != nil {
			return err
		}
		return tx.PutLimit(network, networkBackoff.after(onNetwork, now))
	})
	return device, err
}

func (p *Porter) evictFewestTries(tx Tx, now time.Time) error {
	n, err := tx.CountLimits()
	if err != nil || n < maxLimits {
		return err
	}
	if err := tx.DeleteInvalidLimits(now, latestLimit(now)); err != nil {
		return err
	}
	if n, err = tx.CountLimits(); err != nil || n < maxLimits {
		return err
	}
	return tx.DeleteFewestTries(n - maxLimits + maxLimits/20)
}

// refundTry undoes countSignInTry after a right password: it resets the device's tries, or else the account's, and
// takes one from the network's.
func (p *Porter) refundTry(tx Tx, device *Device, email, address string) error {
	if device != nil {
		return tx.UpdateDevice(Device{Hash: device.Hash, Used: p.now()})
	}
	if err := tx.DeleteLimit(accountLimitKey(email)); err != nil {
		return err
	}
	key := networkLimitKey(address)
	l, err := tx.Limit(key)
	if err != nil || l.Tries == 0 {
		return err
	}
	l.Tries--
	l.NextAt = p.now()
	return tx.PutLimit(key, l)
}

// countTry counts a try of the kind before it is answered. It fails with [TooManyTries] after so many tries within the
// window, which the first of them begins.
func (p *Porter) countTry(ctx context.Context, kind string, tries int, window time.Duration) error {
	now, key := p.now(), limitKey(kind)
	return p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		l, err := tx.Limit(key)
		if err != nil {
			return err
		}
		left := l.Expires.Sub(now)
		if left <= 0 || left > window+clockSkew { // over, or from a clock that was ahead
			l, left = Limit{NextAt: now, Expires: now.Add(window)}, window
		}
		if l.Tries >= tries {
			return &TooManyTries{After: left}
		}
		if err := p.evictFewestTries(tx, now); err != nil {
			return err
		}
		l.Tries++
		return tx.PutLimit(key, l)
	})
}
