package keyporter

import "context"

// VerifyFeedback judges a call that presents a Feedback API key, by the database's state at the time of the call: once
// the answer to the key's deletion, or to the removal of its user, has been sent, no process admits the key. The
// feature's state makes no difference. An admitted call is the key's last use.
func (p *Porter) VerifyFeedback(ctx context.Context, c Call) Verified {
	text, id, refused := c.token(FeedbackKey)
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
	case !isTokenOf(text, &g, err == nil):
		return Verified{Verdict: invalidKey(FeedbackKey)}
	}
	g.SubscriptionID, g.Feedback = owner.ID, true
	v := Verified{
		Verdict:     Verdict{KeyID: id, SubscriptionID: owner.ID},
		Description: key.Description, Subscription: owner, UserID: key.CreatedBy, UserName: key.Creator,
	}
	p.recordUse(v.Verdict, &presentedKey{id, g, true}, &c)
	return v
}
