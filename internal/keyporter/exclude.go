package keyporter

import (
	"context"
	"errors"
	"slices"
	"time"

	"keyporter/internal/exclude"
	"keyporter/internal/input"
	"keyporter/internal/token"
	"keyporter/plural"
)

// An ExcludeEntry is an entry of a subscription's Exclude List, with who added it and when.
type ExcludeEntry struct {
	ID             string // sorts by time
	SubscriptionID string
	exclude.Entry
	Created      time.Time
	CreatedBy    string // the user's ID
	Creator      string // the user's name, filled when read
	CreatorEmail string // filled when read
}

type excludeRows interface {
	// ExcludeEntries lists the entries of a kind whose pattern holds the folded text, newest first.
	ExcludeEntries(subscription string, kind exclude.Kind, text string, pos Position, n int) ([]ExcludeEntry, error)
	CountExcludeEntries(subscription string, kind exclude.Kind, text string) (int, error)
	ExcludeEntry(subscription, id string) (ExcludeEntry, error)
	// AllExcludeEntries reads a whole list.
	AllExcludeEntries(subscription string) ([]exclude.Entry, error)
	InsertExcludeEntries(all []ExcludeEntry, searchText func(ExcludeEntry) string) error
	DeleteExcludeEntry(id string) error
	// ExcludeVersion returns the version of the list; "" for a list that never had an entry.
	ExcludeVersion(subscription string) (string, error)
	SetExcludeVersion(subscription, version string) error
}

// ExcludeSearchText is what the Exclude List's search looks into.
func ExcludeSearchText(pattern string) string { return input.Fold(pattern) }

// MayManageExcludeList reports whether the member may see and change the Exclude List: Subscription admins and Admins.
func (m Member) MayManageExcludeList() bool { return m.Role == SubscriptionAdmin || m.Role == Admin }

func (p *Porter) checkManagesExcludeList(tx Tx, m Member) error {
	if m.MayManageExcludeList() {
		return nil
	}
	names, err := adminsToAsk(tx, m.SubscriptionID)
	return firstError(err,
		&Forbidden{Why: "Viewers cannot open the Exclude List. A Subscription admin can make you an Admin.",
			Ask: names})
}

// CheckManagesExcludeList fails with [ErrForbidden] unless the actor is a Subscription admin or an Admin. Forms call it
// before they are shown.
func (p *Porter) CheckManagesExcludeList(ctx context.Context, a Actor, subscription string) error {
	return p.inReadTx(ctx, a, subscription, p.checkManagesExcludeList)
}

// An ExcludePage is one page of a list's entries of one kind. Found is how many entries the search finds, and All
// how many the subscription has of all kinds.
type ExcludePage struct {
	Page[ExcludeEntry]
	Found, All int
}

// ExcludeEntries lists the entries of a kind whose pattern holds text, newest first; "" finds all. It is for
// Subscription admins and Admins.
func (p *Porter) ExcludeEntries(ctx context.Context, a Actor, subscription string, kind exclude.Kind, text string,
	pos Position) (ExcludePage, error) {
	var list ExcludePage
	text = input.Fold(text)
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		if err := p.checkManagesExcludeList(tx, m); err != nil {
			return err
		}
		if list.All, err = tx.CountExcludeEntries(subscription, "", ""); err != nil || len(text) > maxSearch {
			return err
		}
		if list.Found, err = tx.CountExcludeEntries(subscription, kind, text); err != nil {
			return err
		}
		list.Page, err = readPage(pos, func(pos Position) ([]ExcludeEntry, error) {
			return tx.ExcludeEntries(subscription, kind, text, pos, PageSize+1)
		}, func(e ExcludeEntry) Position { return Position{At: e.Created, ID: e.ID} })
		return err
	})
	return list, err
}

// SelectedExcludeEntries returns the entries with these IDs, to ask before they are deleted: to Subscription admins
// and Admins. Those that are gone are passed over; it fails with [ErrNotFound] when no other is left, and with
// [Invalid] for "entry" when none is named, or more than a page of the list has.
func (p *Porter) SelectedExcludeEntries(ctx context.Context, a Actor, subscription string,
	ids []string) ([]ExcludeEntry, error) {
	var selected []ExcludeEntry
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		if err := p.checkManagesExcludeList(tx, m); err != nil {
			return err
		}
		if err := checkSelection(ids); err != nil {
			return err
		}
		selected, err = findEntries(tx, subscription, ids)
		return err
	})
	return selected, err
}

// checkSelection bounds the work of one request: a page of the list has [PageSize] entries.
func checkSelection(ids []string) error {
	switch {
	case len(ids) == 0:
		return Invalid{"entry": "Nothing is selected. Select the entries to delete."}
	case len(ids) > PageSize:
		return Invalid{"entry": "Select at most " + plural.Count(PageSize, "entry", "entries") + "."}
	}
	return nil
}

// findEntries returns the entries that exist, each once. It fails with [ErrNotFound] if none does.
func findEntries(tx Tx, subscription string, ids []string) ([]ExcludeEntry, error) {
	var found []ExcludeEntry
	seen := map[string]bool{}
	for _, id := range ids {
		if !token.IsBase62(id) || seen[id] {
			continue
		}
		seen[id] = true
		e, err := tx.ExcludeEntry(subscription, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	if len(found) == 0 {
		return nil, ErrNotFound
	}
	return found, nil
}

// DeleteExcludeEntries deletes entries by their IDs, and returns how many: it is for Subscription admins and Admins.
// Those that are gone already, or another subscription's, are passed over; it fails with [ErrNotFound] when no other is
// left, and with [Invalid] for "entry" when none is named, or more than a page of the list has. It applies to every
// request that begins after it returned.
func (p *Porter) DeleteExcludeEntries(ctx context.Context, a Actor, subscription string, ids []string) (int, error) {
	var deleted []ExcludeEntry
	err := p.inWriteTx(ctx, a, subscription, ActionDeletedExclusions, "", func(tx Tx, m Member) (err error) {
		if err := p.checkManagesExcludeList(tx, m); err != nil {
			return err
		}
		if err := checkSelection(ids); err != nil {
			return err
		}
		if deleted, err = deleteEntries(tx, subscription, ids); err != nil {
			return err
		}
		return p.excludeChanged(tx, a, subscription, ActionDeletedExclusions, deleted)
	})
	return len(deleted), err
}

// deleteEntries returns the entries that it deleted.
func deleteEntries(tx Tx, subscription string, ids []string) ([]ExcludeEntry, error) {
	found, err := findEntries(tx, subscription, ids)
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		if err := tx.DeleteExcludeEntry(e.ID); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// excludeChanged gives the list another version and appends the audit event.
func (p *Porter) excludeChanged(tx Tx, a Actor, subscription string, action Action, entries []ExcludeEntry) error {
	if err := tx.SetExcludeVersion(subscription, token.NewID()); err != nil {
		return err
	}
	return tx.AppendAudit(p.auditEvent(a, subscription, action, entriesInWords(entries)))
}

// TryExcludeList returns the entries of a kind that exclude an event with the given text in that field: to
// Subscription admins and Admins. It fails with [Invalid] for "try", if the text is empty or no address.
func (p *Porter) TryExcludeList(ctx context.Context, a Actor, subscription string, kind exclude.Kind,
	text string) ([]exclude.Entry, error) {
	var event exclude.Event
	var entries []exclude.Entry
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		if err := p.checkManagesExcludeList(tx, m); err != nil {
			return err
		}
		var sentence string
		if event, sentence = exclude.ParseEvent(kind, text); sentence != "" {
			return Invalid{"try": sentence}
		}
		entries, err = tx.AllExcludeEntries(subscription)
		return err
	})
	if err != nil {
		return nil, err
	}
	// outside of the transaction, which others wait for
	return slices.Collect(exclude.NewList(entries).Matching(event)), nil
}

// ExcludeListOf judges like [Porter.Judge] and returns the Exclude List of the key's subscription as it is at this
// moment: it includes every change that returned before.
func (p *Porter) ExcludeListOf(ctx context.Context, c Call) (*exclude.List, Verdict) {
	var list *exclude.List
	v := p.judgeAndRead(ctx, c, func(tx Tx, yes Verdict) (err error) {
		list, err = p.readExcludeList(tx, yes.SubscriptionID)
		return err
	})
	return list, v
}

// ExcludeListFor returns the Exclude List of the subscription of an admitted call as it is at this moment, for work
// that is begun some time after the judgement. The verdict returned refuses the call if the list cannot be read.
func (p *Porter) ExcludeListFor(ctx context.Context, admitted Verdict) (*exclude.List, Verdict) {
	if !admitted.OK() {
		return nil, admitted
	}
	var list *exclude.List
	err := p.store.Read(ctx, func(tx Tx) (err error) {
		list, err = p.readExcludeList(tx, admitted.SubscriptionID)
		return err
	})
	if err != nil {
		return nil, unavailable()
	}
	return list, admitted
}

// readExcludeList returns the cached list if it has the version that is in the database; otherwise it reads the list
// and caches it.
func (p *Porter) readExcludeList(tx Tx, subscription string) (*exclude.List, error) {
	version, err := tx.ExcludeVersion(subscription)
	if err != nil {
		return nil, err
	}
	if list := p.lists.Find(subscription, version); list != nil {
		return list, nil
	}
	entries, err := tx.AllExcludeEntries(subscription)
	if err != nil {
		return nil, err
	}
	list := exclude.NewList(entries)
	p.lists.Add(subscription, version, list)
	return list, nil
}
