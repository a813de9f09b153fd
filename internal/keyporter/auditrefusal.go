package keyporter

import (
	"context"
	"errors"
	"strings"
	"time"
)

const (
	// attemptWindow is the time within which equal refused attempts are counted in one audit event.
	attemptWindow = time.Hour
	// maxRefusedEvents is how many audit events about refused attempts one user can cause in one log within
	// attemptWindow. Further attempts are counted in one more event.
	maxRefusedEvents = 60
)

// recordRefusal appends the audit event of a refused attempt, or counts the attempt in an equal event. An empty
// subscription means the log of the actor's account.
func (p *Porter) recordRefusal(ctx context.Context, a Actor, subscription string, action Action, object string,
	refusal error) error {
	e := p.auditEvent(a, subscription, action, forbiddenWhy(refusal))
	e.Object, e.Refused = object, true
	if action.aboutKey() {
		e.KeyID = object
	}
	return p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockUser(a.UserID); err != nil { // so that two nodes count one after the other
			return err
		}
		return countAttempt(tx, e)
	})
}

// countAttempt counts a refused attempt in the event of equal attempts, in a new event, or, beyond maxRefusedEvents, in
// the event for all others. The caller holds the user's lock.
func countAttempt(tx Tx, e AuditEvent) error {
	after, until := e.At.Add(-attemptWindow), e.At.Add(clockSkew)
	if merged, err := mergeAttempt(tx, e, after, until); err != nil || merged {
		return err
	}
	n, err := tx.CountRefusedAttempts(e.SubscriptionID, e.UserID, after, until)
	if err != nil {
		return err
	}
	if n < maxRefusedEvents {
		return tx.AppendAudit(e)
	}
	e.Action, e.Object, e.KeyID = ActionMoreAttempts, "", ""
	e.Detail = "Too many different attempts within an hour. These were refused too, and only counted."
	if merged, err := mergeAttempt(tx, e, after, until); err != nil || merged {
		return err
	}
	return tx.AppendAudit(e)
}

func mergeAttempt(tx Tx, e AuditEvent, after, until time.Time) (bool, error) {
	first, err := tx.RefusedAttempt(e, after, until)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	last := e.At
	for _, earlier := range []time.Time{first.At, first.Last} {
		if earlier.After(last) {
			last = earlier
		}
	}
	return true, tx.AddAttempt(first.ID, last, e.Address)
}

// aboutKey reports whether the object of the action is a key.
func (a Action) aboutKey() bool {
	return strings.HasPrefix(string(a), "key.") || strings.HasPrefix(string(a), "feedback_key.")
}

// forbiddenWhy returns the sentence of a refusal.
func forbiddenWhy(err error) string {
	var f *Forbidden
	if errors.As(err, &f) {
		return f.Why
	}
	return ""
}
