package keyporter

import (
	"context"

	"keyporter/internal/input"
	"keyporter/internal/token"
)

func checkOperates(tx Tx, a Actor) error {
	user, err := tx.User(a.UserID)
	if err != nil {
		return err
	}
	if !user.Operator {
		return ErrNotFound // others must not learn that the page exists
	}
	return nil
}

// Subscriptions lists all subscriptions, newest first. Operators may. It fails with [ErrNotFound] for others.
func (p *Porter) Subscriptions(ctx context.Context, a Actor, pos Position) (Page[Subscription], error) {
	var page Page[Subscription]
	err := p.store.Read(ctx, func(tx Tx) error {
		if err := checkOperates(tx, a); err != nil {
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

// A SubscriptionForm holds the fields of a new subscription and its first Subscription admin. Once keeps it from being
// created twice.
type SubscriptionForm struct {
	Subscription, Name, Email string
	Once                      Once
}

// CheckOperates fails with [ErrNotFound] unless the actor is an operator. Forms call it before they are shown.
func (p *Porter) CheckOperates(ctx context.Context, a Actor) error {
	return p.store.Read(ctx, func(tx Tx) error { return checkOperates(tx, a) })
}

// CreateSubscription creates a subscription, with the feature unavailable, and invites its first Subscription admin.
// Operators may. It fails with [Invalid] for "subscription", "name" and "email", and with [ErrConflict] for a form that
// was sent before.
func (p *Porter) CreateSubscription(ctx context.Context, a Actor, form SubscriptionForm) (Invited, error) {
	invalid := Invalid{}
	form.Subscription = invalid.cleanLine("subscription", form.Subscription, maxName)
	form.Name = invalid.cleanLine("name", form.Name, maxName)
	form.Email = invalid.cleanEmail("email", form.Email)
	form.Once.check(invalid)
	var invited Invited
	err := p.store.Write(ctx, func(tx Tx) error {
		if err := checkOperates(tx, a); err != nil {
			return err
		}
		if err := invalid.errorOrNil(); err != nil {
			return err
		}
		if fresh, err := form.Once.use(tx, p.now()); err != nil {
			return err
		} else if !fresh {
			return &Conflict{"This subscription was already created",
				"Its link was shown once. Make a new one in the list."}
		}
		s := Subscription{ID: token.NewID(), Name: form.Subscription, Created: p.now()}
		if err := p.insertSubscription(tx, s); err != nil {
			return err
		}
		if err := tx.AppendAudit(p.auditEvent(a, s.ID, ActionCreatedSubscription, s.Name)); err != nil {
			return err
		}
		m := Member{ID: token.NewID(), SubscriptionID: s.ID, Name: form.Name, Email: form.Email,
			Role: SubscriptionAdmin, Invited: s.Created, InvitedBy: a.UserID}
		var err error
		invited, err = p.invite(tx, a, s, m)
		return err
	})
	return invited, err
}

// RenewFirstInvitation replaces the link of the first Subscription admin of a subscription that has none yet. Operators
// may. It fails with [ErrNotFound] for a subscription that has a Subscription admin.
func (p *Porter) RenewFirstInvitation(ctx context.Context, a Actor, subscription string) (Invited, error) {
	var invited Invited
	err := p.store.Write(ctx, func(tx Tx) error {
		if err := checkOperates(tx, a); err != nil {
			return err
		}
		if err := tx.LockSubscription(subscription); err != nil {
			return err
		}
		if n, err := tx.CountSubscriptionAdmins(subscription); err != nil {
			return err
		} else if n > 0 {
			return ErrNotFound
		}
		s, err := tx.Subscription(subscription)
		if err != nil {
			return err
		}
		members, err := tx.Members(subscription)
		if err != nil {
			return err
		}
		for _, m := range members {
			if m.Role == SubscriptionAdmin {
				invited, err = p.renew(tx, a, s, m)
				return err
			}
		}
		return ErrNotFound
	})
	return invited, err
}

// OperatedSubscription returns one subscription. Operators may; for others it fails with [ErrNotFound].
func (p *Porter) OperatedSubscription(ctx context.Context, a Actor, subscription string) (Subscription, error) {
	var s Subscription
	err := p.store.Read(ctx, func(tx Tx) (err error) {
		if err := checkOperates(tx, a); err != nil {
			return err
		}
		s, err = tx.Subscription(subscription)
		return err
	})
	return s, err
}

// WithdrawFeature makes the feature unavailable. It fails with [Invalid] for "confirm", which has to be the
// subscription's name, unless the feature is unavailable already.
func (p *Porter) WithdrawFeature(ctx context.Context, a Actor, subscription, confirm string) error {
	return p.setFeatureAvailable(ctx, a, subscription, false, func(s Subscription) error {
		if !input.LooksSame(confirm, s.Name) {
			return Invalid{"confirm": "This is not the subscription's name."}
		}
		return nil
	})
}

// SetFeatureAvailable makes the feature available to a subscription, which then is off, or unavailable. Operators may.
// It applies to every judgement that begins after it returned.
func (p *Porter) SetFeatureAvailable(ctx context.Context, a Actor, subscription string, available bool) error {
	return p.setFeatureAvailable(ctx, a, subscription, available, func(Subscription) error { return nil })
}

func (p *Porter) setFeatureAvailable(ctx context.Context, a Actor, subscription string, available bool,
	check func(Subscription) error) error {
	return p.store.Write(ctx, func(tx Tx) error {
		if err := checkOperates(tx, a); err != nil {
			return err
		}
		if err := tx.LockSubscription(subscription); err != nil {
			return err
		}
		s, err := tx.Subscription(subscription)
		if err != nil || s.Available == available {
			return err
		}
		if err := check(s); err != nil {
			return err
		}
		if err := tx.SetFeature(subscription, available, false); err != nil {
			return err
		}
		action := ActionWithdrew
		if available {
			action = ActionMadeAvailable
		}
		return tx.AppendAudit(p.auditEvent(a, subscription, action, ""))
	})
}
