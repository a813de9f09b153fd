package keyporter

import (
	"context"
	"time"

	"keyporter/internal/input"
)

// A Subscription is a customer's account: it has members and integration keys.
type Subscription struct {
	ID        string
	Name      string
	Created   time.Time
	Available bool // an operator has made the feature available
	On        bool // a Subscription admin has switched it on; never true while it is not available
	Members   int  // people who have joined; filled by Subscriptions alone
	KeyPolicy KeyPolicy
}

// A FeatureState is the state of a subscription's feature Integration Keys.
type FeatureState string

// The states. A feature that is withdrawn and made available again is off.
const (
	FeatureUnavailable FeatureState = "unavailable"
	FeatureOff         FeatureState = "off"
	FeatureOn          FeatureState = "on"
)

// Feature returns the feature's state.
func (s Subscription) Feature() FeatureState {
	switch {
	case !s.Available:
		return FeatureUnavailable
	case !s.On:
		return FeatureOff
	}
	return FeatureOn
}

type subscriptionRows interface {
	Subscription(id string) (Subscription, error)
	InsertSubscription(s Subscription) error
	// LockSubscription makes every other transaction that calls it for the same subscription wait for this one.
	LockSubscription(id string) error
	RenameSubscription(id, name string) error
	SetFeature(id string, available, on bool) error
	SetKeyPolicy(id string, policy KeyPolicy) error
	// Subscriptions lists all subscriptions, newest first.
	Subscriptions(pos Position, n int) ([]Subscription, error)
	// SubscriptionsOf lists the subscriptions that the user has joined, by name.
	SubscriptionsOf(userID string) ([]Subscription, error)
}

// A MemberView is what a member sees of a subscription on each page.
type MemberView struct {
	Subscription Subscription
	Member       Member
	All          []Subscription // every subscription that the member belongs to, by name
}

// MemberView returns the actor's view of a subscription. It fails with [ErrNotFound] for a subscription that is missing
// or that the actor is no member of.
func (p *Porter) MemberView(ctx context.Context, a Actor, subscription string) (MemberView, error) {
	var v MemberView
	err := p.store.Read(ctx, func(tx Tx) (err error) {
		if v.Member, err = tx.MemberOf(subscription, a.UserID); err != nil {
			return err
		}
		if v.Subscription, err = tx.Subscription(subscription); err != nil {
			return err
		}
		v.All, err = tx.SubscriptionsOf(a.UserID)
		return err
	})
	return v, err
}

// RememberSubscription stores which subscription the actor opened last.
func (p *Porter) RememberSubscription(ctx context.Context, a Actor, subscription string) error {
	return p.store.Write(ctx, func(tx Tx) error { return tx.SetLastSubscription(a.UserID, subscription) })
}

// FirstSubscription returns the ID of the subscription to show after signing in: the one that the actor opened last, or
// any other; "" if the actor belongs to none.
func (p *Porter) FirstSubscription(ctx context.Context, a Actor) (string, error) {
	first := ""
	err := p.store.Read(ctx, func(tx Tx) error {
		user, err := tx.User(a.UserID)
		if err != nil {
			return err
		}
		all, err := tx.SubscriptionsOf(a.UserID)
		for i, s := range all {
			if i == 0 || s.ID == user.Last {
				first = s.ID
			}
		}
		return err
	})
	return first, err
}

// RenameSubscription renames a subscription. Subscription admins may. It fails with [Invalid] for "name".
func (p *Porter) RenameSubscription(ctx context.Context, a Actor, subscription, name string) error {
	return p.inWriteTx(ctx, a, subscription, ActionRenamedSubscription, "", func(tx Tx, m Member) error {
		if err := p.checkAdministers(tx, m, "rename the subscription"); err != nil {
			return err
		}
		name, sentence := input.CleanLine(name, maxName)
		if sentence != "" {
			return Invalid{"name": sentence}
		}
		s, err := tx.Subscription(subscription)
		if err != nil || s.Name == name {
			return err
		}
		if err := tx.RenameSubscription(subscription, name); err != nil {
			return err
		}
		return tx.AppendAudit(p.auditEvent(a, subscription, ActionRenamedSubscription, s.Name+" → "+name))
	})
}

// SwitchFeature switches the feature on or off. Subscription admins may. It applies to every judgement that begins
// after it returned. It fails with [ErrForbidden] also while the feature is unavailable.
func (p *Porter) SwitchFeature(ctx context.Context, a Actor, subscription string, on bool) error {
	action := ActionSwitchedOff
	if on {
		action = ActionSwitchedOn
	}
	return p.inWriteTx(ctx, a, subscription, action, "", func(tx Tx, m Member) error {
		if err := p.checkAdministers(tx, m, "switch Integration Keys on or off"); err != nil {
			return err
		}
		s, err := tx.Subscription(subscription)
		if err != nil {
			return err
		}
		if !s.Available && on {
			return p.unavailable()
		}
		if s.On == on {
			return nil
		}
		if err := tx.SetFeature(subscription, s.Available, on); err != nil {
			return err
		}
		return tx.AppendAudit(p.auditEvent(a, subscription, action, ""))
	})
}

func (p *Porter) unavailable() error {
	contact := p.options.OperatorContact
	if contact == "" {
		contact = "the operator of this installation"
	}
	return &Forbidden{Why: "Integration Keys are not available to this subscription.", Contact: contact}
}

// A Consequence describes what switching the feature off would stop.
type Consequence struct {
	Keys        int   // at most [CountLimit]+1
	UsedLastDay int   // of them, in the last 24 hours; at most [CountLimit]+1
	Requests    int64 // admitted in the running hour and the 23 before
}

// SwitchOffConsequence describes what switching the feature off would stop. Subscription admins may.
func (p *Porter) SwitchOffConsequence(ctx context.Context, a Actor, subscription string) (Consequence, error) {
	var c Consequence
	if err := p.CheckAdministers(ctx, a, subscription, "switch Integration Keys on or off"); err != nil {
		return c, err
	}
	p.flushBriefly(ctx)
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		if err := p.checkAdministers(tx, m, "switch Integration Keys on or off"); err != nil {
			return err
		}
		if c.Keys, err = tx.CountKeys(keysOf(m, IntegrationKey), KeyFilter{}, CountLimit+1); err != nil {
			return err
		}
		now := p.now()
		if c.UsedLastDay, err = tx.CountKeysUsedSince(subscription, now.Add(-24*time.Hour), CountLimit+1); err != nil {
			return err
		}
		c.Requests, err = tx.AdmittedSince(subscription, now.Truncate(time.Hour).Add(-23*time.Hour))
		return err
	})
	return c, err
}
