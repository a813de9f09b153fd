package keyporter

import (
	"context"
	"slices"
	"strconv"
	"time"

	"keyporter/plural"
)

// A KeyPolicy is what a subscription asks of its integration keys. The zero value asks nothing.
type KeyPolicy struct {
	LongestLife         int  // of new keys, in days: one of [LongestLives]
	WriteNeedsAddresses bool // a new key that may write has to have allowed addresses
}

// LongestLives are the choices for how long a new key may live, in days; 0 for no limit.
var LongestLives = []int{0, 30, 90, 180, 365}

// A KeyPolicyForm is what a Subscription admin fills in for the key policy.
type KeyPolicyForm struct {
	KeyPolicy
	Shown string // the [KeyPolicy.Version] that the form showed; "" if it does not matter
}

// Version changes with the policy. A form hands it on, so that it does not undo a change that it did not show.
func (k KeyPolicy) Version() string {
	return strconv.Itoa(k.LongestLife) + " " + strconv.FormatBool(k.WriteNeedsAddresses)
}

// words says what the policy asks, for the audit log and for pages.
func (k KeyPolicy) words() string {
	words := "longest life: no limit"
	if k.LongestLife > 0 {
		words = "longest life: " + plural.Count(k.LongestLife, "day", "days")
	}
	if k.WriteNeedsAddresses {
		words += ", write access needs allowed addresses"
	}
	return words
}

// checkAddresses adds to invalid that a key that may write lacks allowed addresses.
func (k KeyPolicy) checkAddresses(key Key, invalid Invalid) {
	if k.WriteNeedsAddresses && key.Write && key.Addresses == nil && invalid["allowed_addresses"] == "" {
		invalid.add("allowed_addresses", "By the key policy a key that may write needs allowed addresses.")
	}
}

// SetKeyPolicy changes the key policy of a subscription. Subscription admins may. Keys that exist stay as they are. It
// fails with [Invalid] for "longest_life", and for "" if somebody else has changed the policy since the form was shown.
func (p *Porter) SetKeyPolicy(ctx context.Context, a Actor, subscription string, form KeyPolicyForm) error {
	return p.inWriteTx(ctx, a, subscription, ActionChangedKeyPolicy, "", func(tx Tx, m Member) error {
		if err := p.checkAdministers(tx, m, "change the key policy"); err != nil {
			return err
		}
		if !slices.Contains(LongestLives, form.LongestLife) {
			return Invalid{"longest_life": "Choose one of the offered lives."}
		}
		s, err := tx.Subscription(subscription)
		if err != nil || s.KeyPolicy == form.KeyPolicy {
			return err
		}
		if form.Shown != "" && form.Shown != s.KeyPolicy.Version() {
			return Invalid{"": "Somebody else changed the policy while the form was open. It now has " +
				s.KeyPolicy.words() + ". Save again to replace that."}
		}
		if err := tx.SetKeyPolicy(subscription, form.KeyPolicy); err != nil {
			return err
		}
		return tx.AppendAudit(p.auditEvent(a, subscription, ActionChangedKeyPolicy, form.KeyPolicy.words()))
	})
}

// checkEnd adds to invalid that a key may not live until end. It may live for the longest life and the rest of its last
// day, because a date is chosen as a whole day in any time zone.
func (k KeyPolicy) checkEnd(created time.Time, end Timestamp, choice EndChoice, invalid Invalid) {
	latest := created.AddDate(0, 0, k.LongestLife)
	if k.LongestLife == 0 || end != 0 && !end.Time().After(latest.AddDate(0, 0, 1)) {
		return
	}
	field := "ends"
	if choice == EndOnDate {
		field = "end_date"
	}
	invalid.add(field, "The key policy limits the life of a key to "+plural.Count(k.LongestLife, "day", "days")+
		". Choose an end until "+latest.Format("2 Jan 2006")+".")
}

// checkChangedEnd is checkEnd for a key that exists: an earlier end is always allowed.
func (k KeyPolicy) checkChangedEnd(key Key, end Timestamp, choice EndChoice) error {
	if end != 0 && key.Ends != 0 && end < key.Ends {
		return nil
	}
	invalid := Invalid{}
	k.checkEnd(key.Created, end, choice, invalid)
	return invalid.errorOrNil()
}
