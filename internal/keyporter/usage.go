package keyporter

import (
	"context"
	"time"

	"keyporter/internal/token"
)

// A Count is how many requests came with a key in one hour or day (UTC).
type Count struct {
	At                time.Time // the beginning
	Admitted, Refused int64
}

// A Usage holds the counts of a key's requests for the last 48 hours, up to the running one, and the last 90 days, up
// to today. Hours and days without a request have counts of 0.
type Usage struct {
	Hours, Days []Count
	LastDay     int64 // admitted in the running hour and the 23 before
}

const (
	usageHours = 48
	usageDays  = 90
)

type useRows interface {
	KeyHours(id token.KeyID, since time.Time) ([]Count, error)
	KeyDays(id token.KeyID, since time.Time) ([]Count, error)
	// AdmittedSince adds up a subscription's admitted requests from the hour that begins at since.
	AdmittedSince(subscription string, since time.Time) (int64, error)
	// AddUpHours adds hours before the given day up to days: about rows rows, of the keys whose IDs come after the
	// given one in the database's order. It returns the last of these IDs, or "" if no more follow.
	AddUpHours(before time.Time, after string, rows int) (last string, err error)
	// DeleteUsage deletes subscriptions' hours and keys' days before the given days, at most rows rows of each. It
	// reports whether more may remain.
	DeleteUsage(hours, days time.Time, rows int) (more bool, err error)
	DeletedKeys(subscription string, pos Position, n int) ([]DeletedKey, error)
	DeletedKey(subscription string, id token.KeyID) (DeletedKey, error)
}

func startOfDay(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// KeyUsage returns a key like [Porter.Key], with its usage and who disabled it. The usage of Feedback API keys is not
// counted.
func (p *Porter) KeyUsage(ctx context.Context, a Actor, subscription string, kind KeyKind, id string) (Key, Usage,
	error) {
	var key Key
	var usage Usage
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		if err := p.checkManage(tx, m, kind); err != nil {
			return err
		}
		if key, err = p.findKey(tx, keysOf(m, kind), id); err != nil || kind == FeedbackKey {
			return err
		}
		if key.Disabler, err = userName(tx, key.DisabledBy); err != nil {
			return err
		}
		usage, err = p.usage(tx, key.ID)
		return err
	})
	return key, usage, err
}

// userName returns the name of a user; of one that does not exist any more the ID alone, and nothing for "".
func userName(tx Tx, id string) (UserName, error) {
	if id == "" {
		return UserName{}, nil
	}
	user, err := tx.User(id)
	if isNotFound(err) {
		return UserName{ID: id}, nil
	}
	return UserName{ID: id, Name: user.Name, Email: user.Email}, err
}

func (p *Porter) usage(tx Tx, id token.KeyID) (Usage, error) {
	now := p.now()
	firstHour := now.Truncate(time.Hour).Add(-(usageHours - 1) * time.Hour)
	firstDay := startOfDay(now).AddDate(0, 0, -(usageDays - 1))
	// Hours are kept for longer than they are shown, because they are added up by whole days.
	hours, err := tx.KeyHours(id, firstDay)
	if err != nil {
		return Usage{}, err
	}
	days, err := tx.KeyDays(id, firstDay)
	if err != nil {
		return Usage{}, err
	}
	usage := Usage{Hours: emptyCounts(firstHour, usageHours, time.Hour),
		Days: emptyCounts(firstDay, usageDays, 24*time.Hour)}
	for _, c := range days {
		addCount(usage.Days, firstDay, 24*time.Hour, c)
	}
	for _, use := range p.uses.ofKey(id, false) { // not written yet
		if !use.Deleted {
			hours = append(hours, Count{At: use.Hour, Admitted: use.Admitted, Refused: use.Refused})
		}
	}
	for _, c := range hours {
		addCount(usage.Days, firstDay, 24*time.Hour, c)
		addCount(usage.Hours, firstHour, time.Hour, c)
	}
	for _, c := range usage.Hours[usageHours-24:] {
		usage.LastDay += c.Admitted
	}
	return usage, nil
}

func emptyCounts(from time.Time, n int, step time.Duration) []Count {
	counts := make([]Count, n)
	for i := range counts {
		counts[i].At = from.Add(time.Duration(i) * step)
	}
	return counts
}

// addCount adds c to the count of its hour or day, if counts has it.
func addCount(counts []Count, from time.Time, step time.Duration, c Count) {
	if at := c.At.Sub(from); at >= 0 && int(at/step) < len(counts) {
		counts[at/step].Admitted += c.Admitted
		counts[at/step].Refused += c.Refused
	}
}
