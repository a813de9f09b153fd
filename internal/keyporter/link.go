package keyporter

import (
	"context"
	"errors"
	"time"

	"keyporter/internal/token"
)

// A Purpose is what a one-time link is for.
type Purpose string

const (
	purposeSetUp       Purpose = "set-up"       // subject: none
	purposeInvitation  Purpose = "invitation"   // subject: a member's ID
	purposeNewPassword Purpose = "new-password" // subject: a user's ID
)

const (
	setUpLife = time.Hour
	linkLife  = 72 * time.Hour
)

// life returns how long a link is valid.
func (why Purpose) life() time.Duration {
	if why == purposeSetUp {
		return setUpLife
	}
	return linkLife
}

// A Link is a one-time link as the store keeps it: without its value.
type Link struct {
	Hash    []byte
	Purpose Purpose
	Subject string
	Created time.Time
	Expires time.Time
}

type linkRows interface {
	InsertLink(l Link) error
	Link(hash []byte, p Purpose) (Link, error)
	DeleteLinks(p Purpose, subject string) error
	// DeleteInvalidLinks deletes those that end at now or before, or later than latest, or were made later than until.
	DeleteInvalidLinks(now, latest, until time.Time) error
}

// valid reports whether the link may be used at now.
func (l Link) valid(now time.Time) bool {
	return now.Before(l.Expires) && !l.Created.After(now.Add(clockSkew)) &&
		!l.Expires.After(now.Add(l.Purpose.life()+clockSkew))
}

// newLink creates a link for the subject, replaces earlier ones, and returns its value.
func (p *Porter) newLink(tx Tx, why Purpose, subject string) (token.Token, time.Time, error) {
	if err := tx.DeleteLinks(why, subject); err != nil {
		return token.Token{}, time.Time{}, err
	}
	value, hash := token.NewSecret()
	now := p.now()
	l := Link{Hash: hash, Purpose: why, Subject: subject, Created: now, Expires: now.Add(why.life())}
	return value, l.Expires, tx.InsertLink(l)
}

// openLink returns the valid link with the value. It fails with [ErrNotFound] for every other value.
func (p *Porter) openLink(tx Tx, why Purpose, value string) (Link, error) {
	l, err := tx.Link(token.HashSecret(value), why)
	if err == nil && !l.valid(p.now()) {
		err = ErrNotFound
	}
	return l, err
}

// NewPasswordLink creates the link with which a user chooses a new password, valid for 72 hours and one use, and
// replaces earlier ones. It fails with [ErrNotFound]. It checks no right: it is for the command line.
func (p *Porter) NewPasswordLink(ctx context.Context, email string) (User, token.Token, error) {
	var user User
	var value token.Token
	err := p.store.Write(ctx, func(tx Tx) (err error) {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		if user, err = userByEmail(tx, email); err != nil {
			return err
		}
		if value, _, err = p.newLink(tx, purposeNewPassword, user.ID); err != nil {
			return err
		}
		return tx.AppendAudit(p.accountEvent(Actor{UserID: user.ID, Name: commandLine}, ActionPasswordLink, ""))
	})
	return user, value, err
}

// NewPasswordFor returns the user whose password a link's value may set. It fails with [ErrNotFound].
func (p *Porter) NewPasswordFor(ctx context.Context, value string) (User, error) {
	var user User
	err := p.store.Read(ctx, func(tx Tx) error {
		l, err := p.openLink(tx, purposeNewPassword, value)
		if err != nil {
			return err
		}
		user, err = tx.User(l.Subject)
		return err
	})
	return user, err
}

// SetNewPassword uses up a link's value, sets the password and ends every session of the user. It fails with
// [ErrNotFound], and with [Invalid] for the field "password", which leaves the link as it was.
func (p *Porter) SetNewPassword(ctx context.Context, value, password string, o ClientInfo) error {
	user, err := p.NewPasswordFor(ctx, value)
	if err != nil {
		return err
	}
	if sentence := checkPassword(password, user.Email); sentence != "" {
		return Invalid{"password": sentence}
	}
	stored, err := p.hashPassword(ctx, nil, password)
	if err != nil {
		return err
	}
	return p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		l, err := p.openLink(tx, purposeNewPassword, value)
		if err != nil {
			return err
		}
		if err := errors.Join(p.setPassword(tx, l.Subject, stored),
			tx.DeleteLimit(accountLimitKey(user.Email))); err != nil {
			return err
		}
		return tx.AppendAudit(p.accountEvent(Actor{UserID: user.ID, Name: user.Name, Email: user.Email, ClientInfo: o},
			ActionSetPassword, ""))
	})
}
