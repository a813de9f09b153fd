package keyporter

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/netip"
	"time"

	"keyporter/internal/input"
	"keyporter/internal/plural"
	"keyporter/internal/token"
)

// wrongCredentials is the sentence for an unknown user and for a wrong password alike.
const wrongCredentials = "Email or password is wrong. What you typed as the email was kept."

// A Limit counts the tries of one kind, such as to sign in to one account, or from one network.
type Limit struct {
	Tries   int
	NextAt  time.Time // no try is allowed before
	Expires time.Time
}

type limitRows interface {
	// Limit returns the zero Limit where there is none.
	Limit(scope []byte) (Limit, error)
	PutLimit(scope []byte, l Limit) error
	DeleteLimit(scope []byte) error
	// DeleteInvalidLimits deletes those that end at now or before, or later than latest.
	DeleteInvalidLimits(now, latest time.Time) error
	CountLimits() (int, error)
	// DeleteWeakestLimits deletes the n limits with the fewest tries, of those the first to expire.
	DeleteWeakestLimits(n int) error
}

// A backoff slows down tries of one scope: some are free, then each has to wait twice as long as the one before, up to
// a limit; after a time without tries it starts again. Nobody is locked out for good.
type backoff struct {
	free   int
	most   time.Duration
	forget time.Duration
}

var (
	accountPace = backoff{free: 5, most: time.Minute, forget: time.Hour}
	// Many people may be behind one address, so a network has more free tries, and then longer waits.
	networkPace = backoff{free: 30, most: 15 * time.Minute, forget: time.Hour}
)

const maxLimits = 20_000 // rows; beyond it, those with the fewest tries are deleted

// valid reports whether the limit counts at now. One that ends later than the backoff sets was stored while the clock
// was ahead.
func (pa backoff) valid(l Limit, now time.Time) bool {
	wait := now.Add(pa.most + clockSkew)
	return now.Before(l.Expires) && !l.NextAt.After(wait) && !l.Expires.After(wait.Add(pa.forget))
}

// latestLimit is the latest end of a limit that is stored at now.
func latestLimit(now time.Time) time.Time {
	return now.Add(max(accountPace.most+accountPace.forget, networkPace.most+networkPace.forget) + clockSkew)
}

// after returns the limit after one more try at now.
func (pa backoff) after(l Limit, now time.Time) Limit {
	if !pa.valid(l, now) {
		l = Limit{}
	}
	l.Tries++
	l.NextAt = now
	if over := l.Tries - pa.free; over >= 0 {
		l.NextAt = now.Add(min(time.Second<<min(over, 20), pa.most))
	}
	l.Expires = l.NextAt.Add(pa.forget)
	return l
}

// wait returns how long the next try has to wait at now. A free try does not wait, even if the clocks of two nodes
// differ.
func (pa backoff) wait(l Limit, now time.Time) time.Duration {
	if l.Tries < pa.free || !pa.valid(l, now) {
		return 0
	}
	return l.NextAt.Sub(now)
}

func accountScope(email string) []byte { return scopeHash("account " + foldEmail(email)) }

// networkScope treats an IPv6 /64 as one address: one customer of a provider has that.
func networkScope(address string) []byte {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return scopeHash("network " + address)
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		prefix, _ := ip.Prefix(64)
		ip = prefix.Addr()
	}
	return scopeHash("network " + ip.String())
}

func scopeHash(scope string) []byte {
	sum := sha256.Sum256([]byte(scope))
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
		account, network := accountScope(email), networkScope(o.Address)
		onAccount, err := tx.Limit(account)
		if err != nil {
			return err
		}
		onNetwork, err := tx.Limit(network)
		if err != nil {
			return err
		}
		if wait := max(accountPace.wait(onAccount, now), networkPace.wait(onNetwork, now)); wait > 0 {
			return &TooManyTries{After: wait}
		}
		if err := p.evictLimits(tx, now); err != nil {
			return err
		}
		if err := tx.PutLimit(account, accountPace.after(onAccount, now)); err != nil {
			return err
		}
		return tx.PutLimit(network, networkPace.after(onNetwork, now))
	})
	return device, err
}

func (p *Porter) evictLimits(tx Tx, now time.Time) error {
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
	return tx.DeleteWeakestLimits(n - maxLimits + maxLimits/20)
}

// returnTry undoes countSignInTry after a right password: it resets the device's tries, or else the account's, and
// takes one from the network's.
func (p *Porter) returnTry(tx Tx, device *Device, email, address string) error {
	if device != nil {
		return tx.UpdateDevice(Device{Hash: device.Hash, Used: p.now()})
	}
	if err := tx.DeleteLimit(accountScope(email)); err != nil {
		return err
	}
	scope := networkScope(address)
	l, err := tx.Limit(scope)
	if err != nil || l.Tries == 0 {
		return err
	}
	l.Tries--
	l.NextAt = p.now()
	return tx.PutLimit(scope, l)
}

// SignIn verifies an address and a password and begins a session, whose value it returns. With the value of an
// invitation it joins that subscription as well, whose ID it then returns. Call [Porter.RememberDevice] after it. It
// fails with [Invalid] under "" for an unknown user and for a wrong password alike, with [TooManyTries], and with
// [ErrForbidden] for an invitation of another address.
func (p *Porter) SignIn(ctx context.Context, email, password, invitation string, o ClientInfo) (value token.Token,
	joined string, err error) {
	email, sentence := input.CleanEmail(email)
	if sentence != "" || password == "" || len(password) > maxPasswordBytes {
		return token.Token{}, "", Invalid{"": wrongCredentials}
	}
	device, err := p.countSignInTry(ctx, email, o)
	if err != nil {
		return token.Token{}, "", err
	}
	var user User
	err = p.store.Read(ctx, func(tx Tx) (err error) {
		user, err = userByEmail(tx, email)
		return err
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return token.Token{}, "", err
	}
	ok, err := p.verifyPassword(ctx, device, user.passwordHash, password)
	if err != nil {
		return token.Token{}, "", err
	}
	if !ok {
		return token.Token{}, "", firstError(p.countFailed(ctx, email), Invalid{"": wrongCredentials})
	}
	rehashed, err := p.rehashPassword(ctx, device, user.passwordHash, password)
	if err != nil {
		return token.Token{}, "", err
	}
	err = p.store.Write(ctx, func(tx Tx) error {
		value, joined, err = p.signedIn(tx, user, device, rehashed, invitation, o)
		return err
	})
	return value, joined, err
}

// countFailed takes as long for an unknown address as for a known one, so that timing does not tell them apart.
func (p *Porter) countFailed(ctx context.Context, email string) error {
	return p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		user, err := userByEmail(tx, email)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		return tx.CountFailedSignIn(user.ID, p.now())
	})
}

// signedIn begins the session after a right password, in one transaction.
func (p *Porter) signedIn(tx Tx, user User, device *Device, rehashed, invitation string,
	o ClientInfo) (value token.Token, joined string, err error) {
	if err := tx.LockInstallation(); err != nil { // otherwise a session could begin while a new password ends all sessions
		return value, "", err
	}
	current, err := tx.User(user.ID)
	if err != nil {
		return value, "", err
	}
	if current.passwordHash != user.passwordHash { // changed while it was being judged
		return value, "", Invalid{"": wrongCredentials}
	}
	if invitation != "" { // before any row of the user: the order of locks
		if _, err := p.lockInvitation(tx, invitation); err != nil {
			return value, "", err
		}
	}
	if rehashed != "" {
		if err := tx.SetPassword(user.ID, rehashed); err != nil {
			return value, "", err
		}
	}
	if err := p.returnTry(tx, device, user.Email, o.Address); err != nil {
		return value, "", err
	}
	if err := tx.ClearFailedSignIns(user.ID); err != nil {
		return value, "", err
	}
	a := Actor{UserID: user.ID, Name: user.Name, Email: user.Email, Operator: user.Operator, ClientInfo: o}
	detail := ""
	if current.FailedSignIns > 0 {
		detail = "after " + plural.Count(current.FailedSignIns, "failed try", "failed tries")
	}
	if err := tx.AppendAudit(p.accountEvent(a, ActionSignedIn, detail)); err != nil {
		return value, "", err
	}
	if invitation != "" {
		if joined, err = p.join(tx, a, invitation); err != nil {
			return value, "", err
		}
	}
	value, err = p.startSession(tx, user.ID, o)
	return value, joined, err
}
