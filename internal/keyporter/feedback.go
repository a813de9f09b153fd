package keyporter

import (
	"context"
	"time"

	"keyporter/internal/token"
)

type feedbackRows interface {
	// InsertFeedbackKey inserts a key of the user k.CreatedBy, who has to be a member.
	InsertFeedbackKey(k Key, searchText, hashName string, hash [32]byte) error
	FeedbackKey(subscription, userID string, id token.KeyID) (Key, error)
	// FeedbackKeys lists a user's keys in a subscription, newest first.
	FeedbackKeys(subscription, userID string, f KeyFilter, pos Position, n int) ([]Key, error)
	// CountFeedbackKeys counts up to most.
	CountFeedbackKeys(subscription, userID string, f KeyFilter, most int) (int, error)
	DeleteFeedbackKey(id token.KeyID) error
	// PresentedFeedbackKey finds a key by its ID alone, and the hash of its token.
	PresentedFeedbackKey(id token.KeyID) (Key, [32]byte, error)
}

// How many Feedback API keys a member may make in a subscription within an hour: each key leaves events in the audit
// log, where a Viewer must not bury those of others.
const (
	feedbackTries  = 60
	feedbackWindow = time.Hour
)

// CreateFeedbackKey makes a Feedback API key for the member whom the session speaks for, and returns its token, which
// nobody can return again. Every member may, whatever the feature's state. The key ends with the membership. It fails
// with [Invalid] for "description" and "nonce", with [ErrConflict] for a nonce that was used, and with [TooManyTries]
// after 60 tries of a user in a subscription within an hour.
func (p *Porter) CreateFeedbackKey(ctx context.Context, s Session, o Origin, subscription string, form KeyForm) (Key, token.Token, error) {
	everybody := func(Tx, Member) error { return nil }
	if err := p.view(ctx, s.Actor(o), subscription, everybody); err != nil { // before anything is stored for others
		return Key{}, token.Token{}, err
	}
	scope := "feedback key " + s.User.ID + " " + subscription
	if err := p.countTry(ctx, scope, feedbackTries, feedbackWindow); err != nil {
		return Key{}, token.Token{}, err
	}
	form.Write = false
	return p.createKey(ctx, feedbackKeys, s, o, subscription, form)
}

// FeedbackKeys lists the actor's own Feedback API keys in the subscription like [Porter.Keys].
func (p *Porter) FeedbackKeys(ctx context.Context, a Actor, subscription string, f KeyFilter, pos Position) (KeyList, error) {
	return p.listKeys(ctx, feedbackKeys, a, subscription, f, pos)
}

// FeedbackKey returns one of the actor's own Feedback API keys with its latest use. Another's is [ErrNotFound].
func (p *Porter) FeedbackKey(ctx context.Context, a Actor, subscription, id string) (Key, error) {
	return p.readKey(ctx, feedbackKeys, a, subscription, id)
}

// DeleteFeedbackKey deletes one of the actor's own Feedback API keys for good, on the terms of [Porter.DeleteKey].
func (p *Porter) DeleteFeedbackKey(ctx context.Context, a Actor, subscription, id, confirm string) error {
	return p.deleteKey(ctx, feedbackKeys, a, subscription, id, confirm)
}

// VerifyFeedback judges a call that presents a Feedback API key, by what stands in the database when it is asked: once
// the answer to a deletion, or to the removal of its user, has been sent, no process lets the key pass. The feature's
// state makes no difference. An admitted call is the key's last use.
func (p *Porter) VerifyFeedback(ctx context.Context, c Call) Verified {
	text, id, refused := c.token(token.Feedback)
	if refused.Code != "" {
		return Verified{Verdict: refused}
	}
	var key Key
	var g Grant
	var owner Subscription
	err := p.store.Read(ctx, func(tx Tx) (err error) {
		if key, g.Hash, err = tx.PresentedFeedbackKey(id); err != nil {
			return err
		}
		owner, err = tx.Subscription(key.SubscriptionID)
		return err
	})
	switch {
	case err != nil && !isNotFound(err):
		return Verified{Verdict: unavailable()}
	case !opens(text, g, err == nil):
		return Verified{Verdict: invalidKey(token.Feedback)}
	}
	g.SubscriptionID, g.Feedback = owner.ID, true
	v := Verified{
		Verdict:     Verdict{KeyID: id, SubscriptionID: owner.ID},
		Description: key.Description, Subscription: owner, UserID: key.CreatedBy, UserName: key.Creator,
	}
	p.note(v.Verdict, known{id, g, true}, &c)
	return v
}
