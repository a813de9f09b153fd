package keyporter

import (
	"context"
	"errors"
	"time"

	"keyporter/internal/input"
	"keyporter/internal/token"
)

// An Identified says what a key ID names in a subscription. At most one of the three is there: none where no key of the
// subscription has the ID.
type Identified struct {
	ID       token.KeyID
	Active   *Key        // an integration key
	Deleted  *DeletedKey // an integration key
	Feedback *Key        // a Feedback API key of the user who asks
}

const (
	identifyTries  = 30
	identifyWindow = 10 * time.Minute
	maxIdentified  = 1000 // bytes of what is pasted
)

// searchedText returns what a search looks for. Of a part of a key ID, such as 4fT9… or kpint_4fT9, that is the part.
func (p *Porter) searchedText(text string) string {
	if part, found := token.PartOfKeyID(p.options.TokenPrefix, text); found {
		text = part
	}
	return input.Fold(text)
}

// CheckManagesKeys fails with [ErrForbidden] for a member without integration key access: for forms.
func (p *Porter) CheckManagesKeys(ctx context.Context, a Actor, subscription string) error {
	return p.inReadTx(ctx, a, subscription, p.checkManagesKeys)
}

// IdentifyKey says which key of the subscription a token or a key ID names. It needs integration key access. It does
// not look at a token's secret, so it does not say whether that is right. It fails with [Invalid] for "key" where the
// text holds no key ID, and with [TooManyTries] after 30 tries of a user in 10 minutes.
func (p *Porter) IdentifyKey(ctx context.Context, a Actor, subscription, text string) (Identified, error) {
	if err := p.CheckManagesKeys(ctx, a, subscription); err != nil {
		return Identified{}, err
	}
	if err := p.countTry(ctx, "identify "+a.UserID, identifyTries, identifyWindow); err != nil {
		return Identified{}, err
	}
	id, ok := token.PastedKeyID(text)
	if !ok || len(text) > maxIdentified {
		return Identified{},
			Invalid{"key": "This is no token and no key ID. A key ID has 12 letters and digits; a token holds it " +
				"between its two underscores."}
	}
	p.flushBriefly(ctx) // so that attempts on a deleted key are counted
	found := Identified{ID: id}
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) error {
		if err := p.checkManagesKeys(tx, m); err != nil {
			return err
		}
		return p.identify(tx, m, &found)
	})
	return found, err
}

func (p *Porter) identify(tx Tx, m Member, found *Identified) error {
	key, err := tx.Key(keysOf(m, IntegrationKey), found.ID)
	if err == nil {
		key = p.latest(key)
		found.Active = &key
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	deleted, err := tx.DeletedKey(m.SubscriptionID, found.ID)
	if err == nil {
		found.Deleted = &deleted
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	feedback, err := tx.Key(keysOf(m, FeedbackKey), found.ID)
	if err == nil {
		found.Feedback = &feedback
	}
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
