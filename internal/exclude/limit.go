package exclude

import (
	"fmt"
	"strings"

	"keyporter/plural"
)

// MaxEntries is how many entries a list may have, of all kinds together.
const MaxEntries = 10_000

// What bounds the steps for an event: docs/decisions/exclude-list.md says why. Lists that an earlier version stored may
// have more.
const (
	MaxWildcards = 8     // the * of an entry: as many as an IPv6 address has groups
	MaxPairs     = 5_000 // entries of a list in which * divides two or more texts, such as a*b
	MaxSequences = 250   // entries of a list in which * divides three or more texts, such as a*b*c
)

// CheckLimits returns a sentence if a list with the existing entries cannot take those to be added.
func CheckLimits(existing, added []Entry) (sentence string) {
	if len(existing)+len(added) > MaxEntries {
		return fmt.Sprintf("The Exclude List takes 10,000 entries. It has %s, and you sent %s. "+
			"Nothing was added: delete entries first, or join some with a wildcard or a CIDR block.",
			plural.Number(int64(len(existing))), plural.Count(len(added), "new one", "new ones"))
	}
	for _, limit := range []struct {
		texts, entries int
		words, example string
	}{{2, MaxPairs, "two", "a*b"}, {3, MaxSequences, "three", "a*b*c"}} {
		known, more := countSequences(existing, limit.texts), countSequences(added, limit.texts)
		if more > 0 && known+more > limit.entries {
			return fmt.Sprintf("The Exclude List takes %s in which * divides %s or more texts, such as %s. "+
				"It has %s, and you sent %s. Nothing was added: write entries with fewer *.",
				plural.Count(limit.entries, "entry", "entries"), limit.words, limit.example,
				plural.Number(int64(known)), plural.Count(more, "new one", "new ones"))
		}
	}
	return ""
}

// countSequences returns how many entries have at least so many texts, divided by *.
func countSequences(entries []Entry, texts int) int {
	n := 0
	for _, e := range entries {
		if len(strings.FieldsFunc(e.Pattern, func(r rune) bool { return r == '*' })) >= texts {
			n++
		}
	}
	return n
}
