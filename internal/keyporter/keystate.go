package keyporter

import (
	"context"
	"time"

	"keyporter/internal/token"
)

// A Timestamp is a time in Unix milliseconds, as the database has it; 0 is no time. Unlike a [time.Time] it has no
// pointer, so that the gate can hold a million.
type Timestamp int64

// NewTimestamp returns t as a Timestamp; the zero time is 0.
func NewTimestamp(t time.Time) Timestamp {
	if t.IsZero() {
		return 0
	}
	return Timestamp(t.UnixMilli())
}

// Time returns the time in UTC; the zero time for 0.
func (t Timestamp) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(t)).UTC()
}

// A KeyState is the state of a key that exists.
type KeyState string

// The states. An expired key that is also disabled is Disabled.
const (
	StateActive   KeyState = "active"
	StateDisabled KeyState = "disabled"
	StateExpired  KeyState = "expired"
)

// State returns the state of a key with these facts at a time.
func (f KeyFacts) State(at Timestamp) KeyState {
	switch {
	case f.Disabled != 0:
		return StateDisabled
	case f.Ends != 0 && at >= f.Ends:
		return StateExpired
	}
	return StateActive
}

// A KeyStatus chooses keys of a list by their state, and active ones by their use or their end.
type KeyStatus string

// The choices of the list's filter.
const (
	AnyStatus         KeyStatus = ""
	StatusActive      KeyStatus = "active"
	StatusUsed        KeyStatus = "used"
	StatusNeverUsed   KeyStatus = "never"
	StatusUnused      KeyStatus = "unused"  // used, but not for 90 days
	StatusExpiresSoon KeyStatus = "expires" // within 14 days
	StatusExpired     KeyStatus = "expired"
	StatusDisabled    KeyStatus = "disabled"
)

const (
	// UnusedAfter is after how long without use a key is Unused for 90 days.
	UnusedAfter = 90 * 24 * time.Hour
	// ExpiresSoonWithin is how long before its end a key Expires soon.
	ExpiresSoonWithin = 14 * 24 * time.Hour
)

// status returns what is exceptional about a key at a time: its state if it is not active, and otherwise
// StatusExpiresSoon, StatusNeverUsed or StatusUnused, or StatusActive if nothing is.
func (k Key) status(at Timestamp) KeyStatus {
	switch state := k.State(at); {
	case state == StateDisabled:
		return StatusDisabled
	case state == StateExpired:
		return StatusExpired
	case k.Ends != 0 && k.Ends-at <= Timestamp(ExpiresSoonWithin.Milliseconds()):
		return StatusExpiresSoon
	case k.LastUsed.IsZero():
		return StatusNeverUsed
	case at-NewTimestamp(k.LastUsed) >= Timestamp(UnusedAfter.Milliseconds()):
		return StatusUnused
	}
	return StatusActive
}

const (
	maxReason  = 200
	maxContact = 200
	maxNote    = 1000
)

// DisableKey disables an integration key, with a reason that may be empty. Every judgement that begins after it
// returned refuses the key. A key that is disabled already stays as it is. It needs integration key access, and fails
// with [Invalid] for "reason".
func (p *Porter) DisableKey(ctx context.Context, a Actor, subscription, id, reason string) error {
	invalid := Invalid{}
	reason = invalid.optionalLine("reason", reason, maxReason)
	return p.changeKey(ctx, a, subscription, id, ActionDisabledKey, func(tx Tx, key Key) error {
		if err := invalid.errorOrNil(); err != nil {
			return err
		}
		if key.Disabled != 0 {
			return nil
		}
		key.Disabled, key.DisabledBy, key.DisabledReason = NewTimestamp(p.now()), a.UserID, reason
		detail := key.Description
		if reason != "" {
			detail += ": " + reason
		}
		return p.updateKey(tx, a, key, ActionDisabledKey, detail)
	})
}

// EnableKey undoes DisableKey, on the same terms.
func (p *Porter) EnableKey(ctx context.Context, a Actor, subscription, id string) error {
	return p.changeKey(ctx, a, subscription, id, ActionEnabledKey, func(tx Tx, key Key) error {
		if key.Disabled == 0 {
			return nil
		}
		key.Disabled, key.DisabledBy, key.DisabledReason = 0, "", ""
		return p.updateKey(tx, a, key, ActionEnabledKey, key.Description)
	})
}

// ChangeEnd gives an integration key another end. It applies to every judgement that begins after it returned. It needs
// integration key access, and fails with [Invalid] for "ends" and "end_date", also by the key policy, and for "" if the
// key expired more than 30 days ago, or if somebody else has changed the end since the form was shown.
func (p *Porter) ChangeEnd(ctx context.Context, a Actor, subscription, id string, form EndForm) error {
	invalid := Invalid{}
	end := form.check(p.now(), invalid)
	return p.changeKey(ctx, a, subscription, id, ActionChangedEnd, func(tx Tx, key Key) error {
		if err := invalid.errorOrNil(); err != nil {
			return err
		}
		if !p.CanChangeEnd(key) {
			return Invalid{"": "This key expired more than 30 days ago and cannot be given another end. " +
				"Create a new key."}
		}
		if changes, err := form.checkChange(key, end); !changes {
			return err
		}
		s, err := tx.Subscription(subscription)
		if err != nil {
			return err
		}
		if err := s.KeyPolicy.checkChangedEnd(key, end, form.Choice); err != nil {
			return err
		}
		key.Ends = end
		return p.updateKey(tx, a, key, ActionChangedEnd, key.Description+", "+endWords(end))
	})
}

// revivable is for how long after its end a key can be given another one.
const revivable = 30 * 24 * time.Hour

// CanChangeEnd reports whether a key can be given another end: not if it expired more than 30 days ago.
func (p *Porter) CanChangeEnd(k Key) bool {
	return k.Ends == 0 || p.now().Sub(k.Ends.Time()) <= revivable
}

// changeKey runs change for an integration key, for an actor with integration key access.
func (p *Porter) changeKey(
	ctx context.Context, a Actor, subscription, id string, action Action, change func(Tx, Key) error,
) error {
	if _, ok := token.ParseKeyID(id); !ok {
		return ErrNotFound
	}
	return p.inWriteTx(ctx, a, subscription, action, id, func(tx Tx, m Member) error {
		if err := p.checkManagesKeys(tx, m); err != nil {
			return err
		}
		key, err := p.findKey(tx, keysOf(m, IntegrationKey), id)
		if err != nil {
			return err
		}
		return change(tx, key)
	})
}

func (p *Porter) updateKey(tx Tx, a Actor, key Key, action Action, detail string) error {
	if err := tx.UpdateKey(key, SearchText(key)); err != nil {
		return err
	}
	return p.appendKeyAudit(tx, a, key, action, detail)
}
