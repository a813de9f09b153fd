package keyporter

import (
	"context"
	"fmt"
	"strings"

	"keyporter/internal/plural"
)

// Added says what became of the lines that were pasted: so many new entries, and so many lines that repeat another
// or an entry that was there.
type Added struct{ New, Known int }

// AddExcludeEntries adds the lines of a text to the Exclude List as entries of a kind; it is for Subscription
// admins and Admins. Blank lines do not count. It adds all or none: it fails with [Invalid] for "type", and for
// "entries", where each bad line is named in a line of the sentence. When it returns, every request that begins
// later knows.
func (p *Porter) AddExcludeEntries(ctx context.Context, a Actor, subscription string, kind ExcludeKind, text string) (Added, error) {
	patterns, invalid := readPatterns(kind, text)
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
		if err := tx.InsertExcludeEntries(entries, func(e ExcludeEntry) string { return ExcludeSearchText(e.Pattern) }); err != nil {
			return err
		}
		return p.excludeChanged(tx, a, subscription, ActionAddedExclusions, entries)
	})
	return added, err
}

// newEntries leaves out what is on the list, and what is there twice. The caller holds the subscription's lock, so
// that the list cannot become longer meanwhile.
func (p *Porter) newEntries(tx Tx, a Actor, subscription string, kind ExcludeKind, patterns []string) ([]ExcludeEntry, error) {
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
	for _, pattern := range patterns {
		if !known[pattern] {
			known[pattern] = true
			entries = append(entries, ExcludeEntry{SubscriptionID: subscription, Kind: kind, Pattern: pattern, Created: now, CreatedBy: a.UserID})
		}
	}
	for i := range entries { // the first line is the newest, so that a list shows lines in their order
		entries[len(entries)-1-i].ID = p.newEventID(now)
	}
	return entries, firstError(checkRoom(len(all), len(entries)), checkSequences(all, entries))
}

// checkSequences fails where the list would have too many entries of two or more texts, or of three or more.
func checkSequences(all, added []ExcludeEntry) error {
	for _, limit := range []struct {
		texts, entries int
		words, example string
	}{{2, MaxExcludePairs, "two", "a*b"}, {3, MaxExcludeSequences, "three", "a*b*c"}} {
		known, more := countSequences(all, limit.texts), countSequences(added, limit.texts)
		if more > 0 && known+more > limit.entries {
			return Invalid{"entries": fmt.Sprintf("The Exclude List takes %s in which * divides %s or more texts, such as %s. "+
				"It has %s, and you sent %s. Nothing was added: write entries with fewer *.",
				plural.Count(limit.entries, "entry", "entries"), limit.words, limit.example,
				plural.Number(int64(known)), plural.Count(more, "new one", "new ones"))}
		}
	}
	return nil
}

// countSequences returns how many entries have at least so many texts, divided by *.
func countSequences(entries []ExcludeEntry, texts int) int {
	n := 0
	for _, e := range entries {
		if len(strings.FieldsFunc(e.Pattern, func(r rune) bool { return r == '*' })) >= texts {
			n++
		}
	}
	return n
}

func checkRoom(there, more int) error {
	if there+more <= MaxExcludeEntries {
		return nil
	}
	return Invalid{"entries": fmt.Sprintf("The Exclude List takes 10,000 entries. It has %s, and you sent %s. Nothing was added: delete entries first, or join some with a wildcard or a CIDR block.",
		plural.Number(int64(there)), plural.Count(more, "new one", "new ones"))}
}

// namedLines is how many bad lines are named at once.
const namedLines = 100

// readPatterns returns the lines that are not blank as patterns of the kind, or what is wrong with them.
func readPatterns(kind ExcludeKind, text string) ([]string, Invalid) {
	invalid := Invalid{}
	if !kind.Known() {
		invalid.add("type", "Choose what the entries are compared with.")
		return nil, invalid
	}
	var patterns, bad []string
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		pattern, sentence := CleanPattern(kind, line)
		if sentence != "" {
			bad = append(bad, fmt.Sprintf("Line %d: %s", i+1, sentence))
		}
		patterns = append(patterns, pattern)
	}
	if more := len(bad) - namedLines; more > 0 {
		bad = append(bad[:namedLines], "and "+plural.Count(more, "more line", "more lines")+".")
	}
	if len(patterns) == 0 {
		bad = append(bad, "Type at least one entry.")
	}
	invalid.add("entries", strings.Join(bad, "\n"))
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
