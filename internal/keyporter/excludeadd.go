package keyporter

import (
	"context"
	"fmt"
	"strings"

	"keyporter/internal/exclude"
)

// Added says what became of the lines of a text: how many are new entries, and how many repeat another line or an entry
// that the list had.
type Added struct{ New, Known int }

// AddExcludeEntries adds the lines of a text to the Exclude List as entries of a kind; it is for Subscription admins
// and Admins. Blank lines do not count. It adds all or none: it fails with [Invalid] for "type", and for "entries",
// where each bad line is named in a line of the sentence. It applies to every request that begins after it returned.
func (p *Porter) AddExcludeEntries(ctx context.Context, a Actor, subscription string, kind exclude.Kind,
	text string) (Added, error) {
	patterns, invalid := parsePatterns(kind, text)
	var added Added
	err := p.inWriteTx(ctx, a, subscription, ActionAddedExclusions, "", func(tx Tx, m Member) error {
		if err := p.checkManagesExcludeList(tx, m); err != nil {
			return err
		}
		if err := invalid.errorOrNil(); err != nil {
			return err
		}
		entries, err := p.newEntries(tx, a, subscription, kind, patterns)
		if err != nil {
			return err
		}
		if added = (Added{New: len(entries), Known: len(patterns) - len(entries)}); added.New == 0 {
			return nil
		}
		if err := tx.InsertExcludeEntries(entries,
			func(e ExcludeEntry) string { return ExcludeSearchText(e.Pattern) }); err != nil {
			return err
		}
		return p.excludeChanged(tx, a, subscription, ActionAddedExclusions, entries)
	})
	return added, err
}

// newEntries leaves out patterns that the list has already, and repeated ones. The caller holds the subscription's
// lock, so that the list cannot become longer meanwhile.
func (p *Porter) newEntries(tx Tx, a Actor, subscription string, kind exclude.Kind, patterns []string) ([]ExcludeEntry,
	error) {
	all, err := tx.AllExcludeEntries(subscription)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, e := range all {
		if e.Kind == kind {
			known[e.Pattern] = true
		}
	}
	now := p.now()
	var entries []ExcludeEntry
	var added []exclude.Entry
	for _, pattern := range patterns {
		if !known[pattern] {
			known[pattern] = true
			entry := exclude.Entry{Kind: kind, Pattern: pattern}
			added = append(added, entry)
			entries = append(entries, ExcludeEntry{
				SubscriptionID: subscription, Entry: entry, Created: now, CreatedBy: a.UserID,
			})
		}
	}
	for i := range entries { // the first line is the newest, so that a list shows lines in their order
		entries[len(entries)-1-i].ID = p.newEventID(now)
	}
	invalid := Invalid{}
	invalid.add("entries", exclude.CheckLimits(all, added))
	return entries, invalid.errorOrNil()
}

func parsePatterns(kind exclude.Kind, text string) ([]string, Invalid) {
	invalid := Invalid{}
	if !kind.Known() {
		invalid.add("type", "Choose what the entries are compared with.")
		return nil, invalid
	}
	patterns, sentence := exclude.ParseLines(kind, text)
	invalid.add("entries", sentence)
	return patterns, invalid
}

// entriesInWords names at most a page of entries, which are as many as are deleted at once.
func entriesInWords(entries []ExcludeEntry) string {
	var text strings.Builder
	for i, e := range entries {
		switch {
		case i == PageSize:
			return fmt.Sprintf("%s and %d more", &text, len(entries)-i)
		case i == 0 || entries[i-1].Kind != e.Kind:
			if i > 0 {
				text.WriteString("; ")
			}
			text.WriteString(e.Kind.String() + ": ")
		default:
			text.WriteString(", ")
		}
		text.WriteString(e.Pattern)
	}
	return text.String()
}
