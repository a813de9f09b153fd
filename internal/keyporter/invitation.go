package keyporter

import (
	"context"
	"errors"
	"time"

	"keyporter/internal/token"
)

// An Invitation is what a one-time link to join a subscription shows.
type Invitation struct {
	Member       Member
	Subscription string // its name
	HasAccount   bool   // the address has an account: sign in to join
}

// An Invited is a new one-time link to join, with what it is for.
type Invited struct {
	Member       Member
	Subscription string // its name
	Value        token.Token
	Expires      time.Time
}

// IsInvited reports whether an address is invited to any subscription, and has not joined it yet.
func (p *Porter) IsInvited(ctx context.Context, email string) (bool, error) {
	invited := false
	err := p.store.Read(ctx, func(tx Tx) (err error) {
		for _, form := range emailForms(email) {
			if invited, err = tx.IsInvited(form); err != nil || invited {
				return err
			}
		}
		return nil
	})
	return invited, err
}

// Invitation returns what an invitation's value is for. It fails with [ErrNotFound].
func (p *Porter) Invitation(ctx context.Context, value string) (Invitation, error) {
	var i Invitation
	err := p.store.Read(ctx, func(tx Tx) (err error) {
		i, err = p.invitation(tx, value)
		return err
	})
	return i, err
}

func (p *Porter) invitation(tx Tx, value string) (i Invitation, err error) {
	l, err := p.openLink(tx, purposeInvitation, value)
	if err != nil {
		return i, err
	}
	if i.Member, err = tx.MemberByID(l.Subject); err != nil {
		return i, err
	}
	s, err := tx.Subscription(i.Member.SubscriptionID)
	if err != nil {
		return i, err
	}
	i.Subscription = s.Name
	_, err = userByEmail(tx, i.Member.Email)
	i.HasAccount = err == nil
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return i, err
}

// AcceptInvitation uses up an invitation for an address without an account: it creates the account, joins the
// subscription and begins a session, whose value it returns with the subscription's ID. It fails with [ErrNotFound],
// with [Invalid] for "name" and "password", and with [ErrConflict] if the address has an account: an invitation never
// changes a password.
func (p *Porter) AcceptInvitation(ctx context.Context, value, name, password string, o ClientInfo) (token.Token, string,
	error) {
	i, err := p.Invitation(ctx, value)
	if err != nil {
		return token.Token{}, "", err
	}
	invalid := Invalid{}
	name = invalid.cleanLine("name", name, maxName)
	invalid.add("password", checkPassword(password, i.Member.Email))
	if err := invalid.errorOrNil(); err != nil && !i.HasAccount {
		return token.Token{}, "", err
	}
	stored, err := p.hashPassword(ctx, nil, password)
	if err != nil {
		return token.Token{}, "", err
	}
	var session token.Token
	err = p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		if i, err = p.invitation(tx, value); err != nil {
			return err
		}
		if sentence := checkNewEmail(i.Member.Email); sentence != "" { // invited before addresses were checked
			return &Conflict{"This address can have no account", sentence + " Ask for another invitation."}
		}
		if i.HasAccount {
			return &Conflict{"This address has an account", "Open the link again and sign in to join."}
		}
		user := p.newUser(name, i.Member.Email, stored, false)
		user.InvitedBy, user.InvitedTo, user.Invited = i.Member.InvitedBy, i.Member.SubscriptionID, i.Member.Invited
		if err := tx.InsertUser(user, foldEmail(user.Email)); err != nil {
			return err
		}
		a := Actor{UserID: user.ID, Name: user.Name, Email: user.Email, ClientInfo: o}
		if _, err := p.join(tx, a, value); err != nil {
			return err
		}
		session, err = p.startSession(tx, user.ID, o)
		return err
	})
	return session, i.Member.SubscriptionID, err
}

// JoinSubscription uses up an invitation for the actor, who is signed in, and returns the subscription's ID. It fails
// with [ErrNotFound], and with [ErrForbidden] when the invitation is for another address.
func (p *Porter) JoinSubscription(ctx context.Context, a Actor, value string) (string, error) {
	var joined string
	err := p.store.Write(ctx, func(tx Tx) (err error) {
		joined, err = p.join(tx, a, value)
		return err
	})
	if errors.Is(err, ErrForbidden) {
		return "", firstError(p.recordRefusal(ctx, a, "", ActionJoined, "", err), err)
	}
	return joined, err
}

// lockInvitation locks the subscription that an invitation is for, and returns the invitation as it is then. The order
// of locks is installation, subscription, user.
func (p *Porter) lockInvitation(tx Tx, value string) (Invitation, error) {
	i, err := p.invitation(tx, value)
	if err != nil {
		return i, err
	}
	if err := tx.LockSubscription(i.Member.SubscriptionID); err != nil {
		return i, err
	}
	return p.invitation(tx, value)
}

func (p *Porter) join(tx Tx, a Actor, value string) (string, error) {
	i, err := p.lockInvitation(tx, value)
	if err != nil {
		return "", err
	}
	if err := tx.LockUser(a.UserID); err != nil { // a rename meanwhile is in this subscription's log, or comes before
		return "", err
	}
	invited, err := userByEmail(tx, i.Member.Email)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", err
	}
	if invited.ID != a.UserID { // not a comparison of texts: two accounts may have addresses that count as one
		return "", &Forbidden{Why: "This invitation is for another email address than the one you signed in with."}
	}
	if err := tx.Join(i.Member.ID, a.UserID, p.now()); err != nil {
		return "", err
	}
	if err := tx.DeleteLinks(purposeInvitation, i.Member.ID); err != nil {
		return "", err
	}
	if err := tx.RotateSessions(a.UserID); err != nil {
		return "", err
	}
	return i.Member.SubscriptionID, tx.AppendAudit(p.auditEvent(a, i.Member.SubscriptionID, ActionJoined,
		rights(i.Member.Role, i.Member.KeyAccess)))
}

// invite inserts a member who has not joined and makes their link.
func (p *Porter) invite(tx Tx, a Actor, s Subscription, m Member) (Invited, error) {
	m.KeyAccess = m.KeyAccess && m.Role == Admin
	if err := tx.InsertMember(m, foldEmail(m.Email)); err != nil {
		return Invited{}, err
	}
	value, expires, err := p.newLink(tx, purposeInvitation, m.ID)
	if err != nil {
		return Invited{}, err
	}
	detail := m.Name + " (" + m.Email + ") as " + rights(m.Role, m.KeyAccess)
	return Invited{Member: m, Subscription: s.Name, Value: value, Expires: expires},
		tx.AppendAudit(p.auditEvent(a, s.ID, ActionInvited, detail))
}

// RenewInvitation replaces the link of an invited person. It fails with [ErrNotFound] for a member who has joined.
func (p *Porter) RenewInvitation(ctx context.Context, a Actor, subscription, id string) (Invited, error) {
	var invited Invited
	err := p.inWriteTx(ctx, a, subscription, ActionNewLink, id, func(tx Tx, actor Member) error {
		if err := p.checkAdministers(tx, actor, "make links for users"); err != nil {
			return err
		}
		m, err := tx.Member(subscription, id)
		if err != nil {
			return err
		}
		if m.UserID != "" {
			return ErrNotFound
		}
		s, err := tx.Subscription(subscription)
		if err != nil {
			return err
		}
		invited, err = p.renew(tx, a, s, m)
		return err
	})
	return invited, err
}

func (p *Porter) renew(tx Tx, a Actor, s Subscription, m Member) (Invited, error) {
	value, expires, err := p.newLink(tx, purposeInvitation, m.ID)
	if err != nil {
		return Invited{}, err
	}
	invited := Invited{Member: m, Subscription: s.Name, Value: value, Expires: expires}
	return invited, tx.AppendAudit(p.auditEvent(a, s.ID, ActionNewLink, m.Name+" ("+m.Email+")"))
}
