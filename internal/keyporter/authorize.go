package keyporter

import (
	"context"
	"errors"
)

// inReadTx runs fn in a transaction that reads, with the actor's membership. For somebody who is not a member it fails
// with [ErrNotFound].
func (p *Porter) inReadTx(ctx context.Context, a Actor, subscription string, fn func(Tx, Member) error) error {
	return p.store.Read(ctx, func(tx Tx) error {
		m, err := tx.MemberOf(subscription, a.UserID)
		if err != nil {
			return err
		}
		return fn(tx, m)
	})
}

// inWriteTx is inReadTx for an operation that changes something. It holds the subscription's lock, so operations on one
// subscription run one after the other. If fn fails with [ErrForbidden], the attempt is recorded in the audit log with
// the action and the ID of its object, which may be empty.
func (p *Porter) inWriteTx(ctx context.Context, a Actor, subscription string, action Action, object string,
	fn func(Tx, Member) error) error {
	err := p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockSubscription(subscription); err != nil {
			return err
		}
		m, err := tx.MemberOf(subscription, a.UserID)
		if err != nil {
			return err
		}
		return fn(tx, m)
	})
	if errors.Is(err, ErrForbidden) {
		return firstError(p.recordRefusal(ctx, a, subscription, action, object, err), err)
	}
	return err
}

const maxAdminsToAsk = 5

// adminsToAsk returns the Subscription admins who can help, each by name and email address.
func adminsToAsk(tx Tx, subscription string) ([]string, error) {
	admins, err := tx.SubscriptionAdmins(subscription, maxAdminsToAsk)
	names := make([]string, len(admins))
	for i, a := range admins {
		names[i] = a.Name + " (" + a.Email + ")"
	}
	return names, err
}

func (p *Porter) checkAdministers(tx Tx, m Member, what string) error {
	if m.Administers() {
		return nil
	}
	names, err := adminsToAsk(tx, m.SubscriptionID)
	return firstError(err, &Forbidden{Why: "Only a Subscription admin can " + what + ".", Ask: names})
}

func (p *Porter) checkManagesKeys(tx Tx, m Member) error {
	if m.MayManageKeys() {
		return nil
	}
	why := "You need the permission integration key access for this. A Subscription admin can give it to you."
	if m.Role == Viewer {
		why = "Viewers have no access to integration keys. A Subscription admin can make you an Admin with " +
			"integration key access."
	}
	names, err := adminsToAsk(tx, m.SubscriptionID)
	return firstError(err, &Forbidden{Why: why, Ask: names})
}
