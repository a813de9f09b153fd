package keyporter

import (
	"context"
	"errors"
	"strings"
	"time"

	"keyporter/internal/token"
)

const (
	deviceLife  = 365 * 24 * time.Hour
	maxDevices  = 10 // of one user; a new one takes the place of the one used longest ago
	deviceTries = 10 // since the last right password; then the browser is unknown again
	deviceUsers = 5  // for whom one browser's cookie has a value
)

// A Device is a browser in which a user has signed in before. Its cookie lets it sign in past the limits of the
// account and of the network, which others can use up; it has a limit of its own instead (after OWASP, Slow Down
// Online Guessing Attacks with Device Cookies). The store keeps the hash of the cookie's value for this user.
type Device struct {
	Hash   []byte
	UserID string
	Tries  int // since the last right password
	Used   time.Time
}

type deviceRows interface {
	Device(hash []byte) (Device, error)
	InsertDevice(d Device) error
	// UpdateDevice sets a device's tries and its time of last use. A device that was deleted stays deleted.
	UpdateDevice(d Device) error
	DeleteDevice(hash []byte) error
	DeleteDevices(userID string) error
	// KeepNewestDevices deletes a user's devices but for n: those used last, later than after and no later than until.
	KeepNewestDevices(userID string, after, until time.Time, n int) error
	// DeleteInvalidDevices deletes every user's devices that were used at after or before, or later than until.
	DeleteInvalidDevices(after, until time.Time) error
}

// WithDevice returns o with the value of the browser's device cookie, which may be empty.
func (o ClientInfo) WithDevice(cookie string) ClientInfo {
	if cookie != "" && len(cookie) <= maxDeviceCookie {
		o.Device = token.New(cookie)
	}
	return o
}

// maxDeviceCookie is more than a device cookie of ours has, in bytes.
const maxDeviceCookie = 100 * deviceUsers

// deviceValues are the values in a device cookie, each for another user.
func deviceValues(cookie token.Token) []string {
	if cookie.Reveal() == "" {
		return nil
	}
	values := strings.Split(cookie.Reveal(), ".")
	return values[:min(len(values), deviceUsers)]
}

// knownDevice finds the user's device among the values of a cookie, and which of them it is. It fails with
// [ErrNotFound].
func (p *Porter) knownDevice(tx Tx, userID string, cookie token.Token) (Device, string, error) {
	now := p.now()
	for _, value := range deviceValues(cookie) {
		d, err := tx.Device(token.HashSecret(value))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return d, "", err
		}
		if err == nil && d.UserID == userID && d.Used.After(now.Add(-deviceLife)) && !d.Used.After(now.Add(clockSkew)) {
			return d, value, nil
		}
	}
	return Device{}, "", ErrNotFound
}

// countDeviceTry counts a try of a browser that is known for the account with the address, and returns its device; nil
// where the browser is unknown, or has failed too often. The caller holds the installation's lock.
func (p *Porter) countDeviceTry(tx Tx, email string, cookie token.Token) (*Device, error) {
	if len(deviceValues(cookie)) == 0 {
		return nil, nil
	}
	user, err := userByEmail(tx, email)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	d, _, err := p.knownDevice(tx, user.ID, cookie)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case d.Tries >= deviceTries:
		return nil, tx.DeleteDevice(d.Hash)
	}
	d.Tries++
	return &d, tx.UpdateDevice(d)
}

// RememberDevice makes the browser known for the user of a session that a right password has just begun there. It
// takes the value of the browser's device cookie, which may be empty, and returns the new one. It fails with
// [ErrNotFound] for a session that has ended.
func (p *Porter) RememberDevice(ctx context.Context, session token.Token, cookie token.Token) (token.Token, error) {
	var value string
	err := p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		now := p.now()
		s, err := tx.SessionByHash(token.HashSecret(session.Reveal()), now, now)
		if err != nil {
			return err
		}
		d, known, err := p.knownDevice(tx, s.User.ID, cookie)
		if errors.Is(err, ErrNotFound) {
			value, err = p.addDevice(tx, s.User.ID)
			return err
		}
		if err != nil {
			return err
		}
		value, d.Tries, d.Used = known, 0, now
		return tx.UpdateDevice(d)
	})
	if err != nil {
		return token.Token{}, err
	}
	values := []string{value}
	for _, other := range deviceValues(cookie) {
		if other != value && len(values) < deviceUsers {
			values = append(values, other)
		}
	}
	return token.New(strings.Join(values, ".")), nil
}

// addDevice inserts a device of the user, in place of the one used longest ago if there are [maxDevices], and returns
// its value.
func (p *Porter) addDevice(tx Tx, userID string) (string, error) {
	now := p.now()
	value, hash := token.NewSecret()
	if err := tx.KeepNewestDevices(userID, now.Add(-deviceLife), now.Add(clockSkew), maxDevices-1); err != nil {
		return "", err
	}
	return value.Reveal(), tx.InsertDevice(Device{Hash: hash, UserID: userID, Used: now})
}
