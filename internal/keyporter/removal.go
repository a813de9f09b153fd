package keyporter

import (
	"context"
	"errors"
)

// A Removal describes what removing a member would do.
type Removal struct {
	Member       Member
	Keys         int    // integration keys that they made, which stay; at most [CountLimit]+1
	FeedbackKeys int    // their Feedback API keys, which end; at most [CountLimit]+1
	Refused      string // a sentence that says why the member cannot be removed; "" if they can
}

// MemberRemoval describes what removing a member would do. Subscription admins may.
func (p *Porter) MemberRemoval(ctx context.Context, a Actor, subscription, id string) (Removal, error) {
	var r Removal
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, actor Member) (err error) {
		if err := p.checkAdministers(tx, actor, "remove users"); err != nil {
			return err
		}
		if r.Member, err = tx.Member(subscription, id); err != nil {
			return err
		}
		var invalid Invalid
		if err := p.checkKeepsAdmin(tx, r.Member, ""); errors.As(err, &invalid) {
			r.Refused = invalid[""]
		} else if err != nil {
			return err
		}
		if r.Member.UserID == "" {
			return nil
		}
		if r.Keys, err = tx.CountKeysMadeBy(subscription, r.Member.UserID, CountLimit+1); err != nil {
			return err
		}
		r.FeedbackKeys, err = tx.CountKeys(keysOf(r.Member, FeedbackKey), KeyFilter{}, CountLimit+1)
		return err
	})
	return r, err
}
