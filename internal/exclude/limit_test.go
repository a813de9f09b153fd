package exclude_test

import (
	"fmt"
	"strings"
	"testing"

	"keyporter/internal/exclude"
)

// many returns n entries of a form with one number.
func many(n int, form string) []exclude.Entry {
	entries := make([]exclude.Entry, n)
	for i := range entries {
		entries[i] = exclude.Entry{Kind: exclude.Visitor, Pattern: fmt.Sprintf(form, i)}
	}
	return entries
}

func TestCheckLimits(t *testing.T) {
	const pairs, sequences = exclude.MaxPairs, exclude.MaxSequences
	for _, c := range []struct {
		name            string
		existing, added []exclude.Entry
		want            string
	}{
		{"a full list", many(exclude.MaxEntries-1, "a%d"), many(1, "b%d"), ""},
		{"one entry more", many(exclude.MaxEntries-1, "a%d"), many(2, "b%d"), "It has 9,999, and you sent 2 new ones."},
		{"pairs", many(pairs-1, "a%d*b"), many(1, "*c%d*d*"), ""},
		{"one pair more", many(pairs, "*a%d*b*"), many(1, "c%d*d"),
			"such as a*b. It has 5,000, and you sent 1 new one."},
		{"single texts after pairs", many(pairs, "a%d*b"), many(1000, "*c%d*"), ""},
		{"sequences", nil, many(sequences, "a%d*b*c"), ""},
		{"one sequence more", many(sequences, "a%d*b*c"), many(1, "*d%d*e*f*g"),
			"such as a*b*c. It has 250, and you sent 1 new one."},
		{"pairs after sequences", many(sequences, "a%d*b*c"), many(pairs-sequences, "d%d*e"), ""},
		{"sequences count as pairs", many(sequences, "a%d*b*c"), many(pairs-sequences+1, "d%d*e"),
			"such as a*b. It has 250, and you sent 4,751 new ones."},
		{"more than an earlier version allows", many(2*pairs-9, "a%d*b"), many(9, "c%d"), ""},
	} {
		sentence := exclude.CheckLimits(c.existing, c.added)
		if (sentence == "") != (c.want == "") || !strings.Contains(sentence, c.want) {
			t.Errorf("%s: %q", c.name, sentence)
		}
	}
}

// TestManyWildcards checks that a new pattern has few wildcards, and that patterns stored by an earlier version with
// more still match.
func TestManyWildcards(t *testing.T) {
	const most = exclude.MaxWildcards
	for n, want := range map[int]string{most: "", most + 1: "An entry has at most 8 *; this one has 9"} {
		_, sentence := exclude.CleanPattern(exclude.Visitor, strings.Repeat("*x", n))
		if (sentence == "") != (want == "") || !strings.HasPrefix(sentence, want) {
			t.Errorf("%d wildcards: %q", n, sentence)
		}
	}
	list := exclude.NewList([]exclude.Entry{{Kind: exclude.Visitor, Pattern: strings.Repeat("*ab", 80)}})
	for text, want := range map[string]bool{
		strings.Repeat("ab", 80): true, strings.Repeat("xab", 80): true, strings.Repeat("ab", 79): false,
	} {
		if list.Excludes(exclude.Event{VisitorID: text}) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}
