package keyporter

import (
	"context"
	"time"
)

// PageSize is how many rows a page of a list has.
const PageSize = 50

func mustOperate(tx Tx, a Actor) error {
	user, err := tx.User(a.UserID)
	if err != nil {
		return err
	}
	if !user.Operator {
		return ErrNotFound // the operator's pages do not exist for others
	}
	return nil
}

// Subscriptions lists all subscriptions, newest first: for operators. It fails with [ErrNotFound] for others.
func (p *Porter) Subscriptions(ctx context.Context, a Actor, pos Position) (Page[Subscription], error) {
	var page Page[Subscription]
	err := p.store.Read(ctx, func(tx Tx) error {
		if err := mustOperate(tx, a); err != nil {
			return err
		}
		var err error
		page, err = readPage(pos, func(pos Position) ([]Subscription, error) {
			return tx.Subscriptions(pos, PageSize+1)
		}, func(s Subscription) Position { return Position{At: s.Created, ID: s.ID} })
		return err
	})
	return page, err
}

// An Invited is what a new one-time link is handed over with.
type Invited struct {
	Member       Member
	Subscription string // its name
	Value        Token
	Expires      time.Time
}

// CreateSubscription makes a subscription, with the feature unavailable, and invites its first Subscription admin:
// it is an operator's. It fails with [Invalid] for "subscription", "name" and "email".
func (p *Porter) CreateSubscription(ctx context.Context, a Actor, subscription, name, email string) (Invited, error) {
	invalid := Invalid{}
	subscription = invalid.line("subscription", subscription, maxName)
	name = invalid.line("name", name, maxName)
	email = invalid.email("email", email)
	var invited Invited
	err := p.store.Write(ctx, func(tx Tx) error {
		if err := mustOperate(tx, a); err != nil {
			return err
		}
		if err := invalid.or(); err != nil {
			return err
		}
		s := Subscription{ID: newID(), Name: subscription, Created: p.now()}
		if err := tx.InsertSubscription(s); err != nil {
			return err
		}
		if err := tx.InsertLine(p.line(a, s.ID, ActionCreatedSubscription, s.Name)); err != nil {
			return err
		}
		m := Member{ID: newID(), SubscriptionID: s.ID, Name: name, Email: email, Role: SubscriptionAdmin, Invited: s.Created}
		var err error
		invited, err = p.invite(tx, a, s, m)
		return err
	})
	return invited, err
}

// GrantFeature makes the feature available to a subscription, where it then is off, or withdraws it: it is an
// operator's. When it returns, every judgement that begins later knows.
func (p *Porter) GrantFeature(ctx context.Context, a Actor, subscription string, available bool) error {
	return p.store.Write(ctx, func(tx Tx) error {
		if err := mustOperate(tx, a); err != nil {
			return err
		}
		if err := tx.LockSubscription(subscription); err != nil {
			return err
		}
		s, err := tx.Subscription(subscription)
		if err != nil || s.Available == available {
			return err
		}
		if err := tx.SetFeature(subscription, available, false); err != nil {
			return err
		}
		action := ActionWithdrew
		if available {
			action = ActionMadeAvailable
		}
		return tx.InsertLine(p.line(a, subscription, action, ""))
	})
}
