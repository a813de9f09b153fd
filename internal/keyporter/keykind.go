package keyporter

import (
	"context"
	"time"

	"keyporter/internal/token"
)

// A KeyKind is a kind of key that members create.
type KeyKind int

// The kinds. An integration key belongs to the subscription; a Feedback API key belongs to the member who created it,
// and ends with the membership.
const (
	IntegrationKey KeyKind = iota
	FeedbackKey
)

// A KeyOwner says whose keys are meant: a subscription's integration keys, or one user's Feedback API keys in it.
type KeyOwner struct {
	Kind           KeyKind
	SubscriptionID string
	UserID         string // of Feedback API keys alone
}

// keysOf returns the owner of the keys of a kind that a member works with.
func keysOf(m Member, k KeyKind) KeyOwner {
	owner := KeyOwner{Kind: k, SubscriptionID: m.SubscriptionID}
	if k == FeedbackKey {
		owner.UserID = m.UserID
	}
	return owner
}

func (k KeyKind) tokenKind() token.Kind {
	if k == FeedbackKey {
		return token.Feedback
	}
	return token.Integration
}

func (k KeyKind) createdAction() Action {
	if k == FeedbackKey {
		return ActionCreatedFeedbackKey
	}
	return ActionCreatedKey
}

func (k KeyKind) deletedAction() Action {
	if k == FeedbackKey {
		return ActionDeletedFeedbackKey
	}
	return ActionDeletedKey
}

// checkManage fails with [ErrForbidden] if the member may not list and delete keys of the kind. Every member may do so
// with their own Feedback API keys.
func (p *Porter) checkManage(tx Tx, m Member, k KeyKind) error {
	if k == FeedbackKey {
		return nil
	}
	return p.checkManagesKeys(tx, m)
}

// checkCreate fails with [ErrForbidden] if the member may not create a key of the kind now. Every member may create
// Feedback API keys, whatever the state of the feature.
func (p *Porter) checkCreate(tx Tx, m Member, k KeyKind) error {
	if k == FeedbackKey {
		return nil
	}
	if err := p.checkManagesKeys(tx, m); err != nil {
		return err
	}
	s, err := tx.Subscription(m.SubscriptionID)
	if err != nil {
		return err
	}
	switch s.Feature() {
	case FeatureUnavailable:
		return p.unavailable()
	case FeatureOff:
		names, err := adminsToAsk(tx, s.ID)
		return firstError(err, &Forbidden{
			Why: "Integration Keys are switched off for this subscription. A Subscription admin can switch them on.",
			Ask: names,
		})
	}
	return nil
}

// How many Feedback API keys a member may try to create in a subscription within an hour. Every key leaves events in
// the audit log, and a Viewer must not bury those of others.
const (
	feedbackTries  = 60
	feedbackWindow = time.Hour
)

// countFeedbackTry fails with [TooManyTries] after feedbackTries. For somebody who is not a member it fails with
// [ErrNotFound], and stores nothing.
func (p *Porter) countFeedbackTry(ctx context.Context, a Actor, subscription string) error {
	isMember := func(Tx, Member) error { return nil }
	if err := p.inReadTx(ctx, a, subscription, isMember); err != nil {
		return err
	}
	return p.countTry(ctx, "feedback key "+a.UserID+" "+subscription, feedbackTries, feedbackWindow)
}
