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
	l := p.auditEvent(a, subscription, action, forbiddenWhy(refusal))
	l.Object, l.Refused = object, true
	if action.aboutKey() {
		l.KeyID = object
	}
	return p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockUser(a.UserID); err != nil { // so that two nodes count one after the other
			return err
		}
		return countAttempt(tx, l)
	})
}

// countAttempt counts a refused attempt in the event of equal attempts, in a new event, or, beyond maxRefusedEvents, in
// the event for all others. The caller holds the user's lock.
func countAttempt(tx Tx, l AuditEvent) error {
	after, until := l.At.Add(-attemptWindow), l.At.Add(clockSkew)
	if merged, err := mergeAttempt(tx, l, after, until); err != nil || merged {
		return err
	}
	n, err := tx.CountRefusedAttempts(l.SubscriptionID, l.UserID, after, until)
	if err != nil {
		return err
	}
	if n < maxRefusedEvents {
		return tx.AppendAudit(l)
	}
	l.Action, l.Object, l.KeyID = ActionMoreAttempts, "", ""
	l.Detail = "Too many different attempts within an hour. These were refused too, and only counted."
	if merged, err := mergeAttempt(tx, l, after, until); err != nil || merged {
		return err
	}
	return tx.AppendAudit(l)
}

func mergeAttempt(tx Tx, l AuditEvent, after, until time.Time) (bool, error) {
	first, err := tx.RefusedAttempt(l, after, until)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	last := l.At
	for _, earlier := range []time.Time{first.At, first.Last} {
		if earlier.After(last) {
			last = earlier
		}
	}
	return true, tx.AddAttempt(first.ID, last, l.Address)
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
