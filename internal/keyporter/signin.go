package keyporter

import (
	"context"
	"errors"

	"keyporter/internal/input"
	"keyporter/internal/token"
	"keyporter/plural"
)

// wrongCredentials is the sentence for an unknown user and for a wrong password alike.
const wrongCredentials = "Email or password is wrong. What you typed as the email was kept."

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
	// otherwise a session could begin while a new password ends all sessions
	if err := tx.LockInstallation(); err != nil {
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
	if err := p.refundTry(tx, device, user.Email, o.Address); err != nil {
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
