package keyporter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"keyporter/internal/keyporter"
)

// TestSequencesAgreeWithLoop: patterns whose pieces all stand in a long text, in order or not, once or often, within each
// other or overlapping.
func TestSequencesAgreeWithLoop(t *testing.T) {
	outcomes := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Repeat(rapid.StringMatching(`([ab]|abc|ab{3}|c{1,9}){1,30}`).Draw(t, "block"), rapid.IntRange(1, 6).Draw(t, "blocks"))
		piece := rapid.Custom(func(t *rapid.T) string {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			return text[at:min(len(text), at+rapid.IntRange(1, 6).Draw(t, "length"))]
		})
		var entries []keyporter.ExcludeEntry
		for range rapid.IntRange(1, 20).Draw(t, "n") {
			form := rapid.SampledFrom([]string{"*%s*%s*", "%s*%s", "*%s*%s*%s*", "%s*%s*%s", "*%s*%s*%s*%s*%s*z", "%[2]s%[1]s*%[3]s*", "*%[1]s%[1]s*%[2]s%[3]s"}).Draw(t, "form")
			var pieces []any
			for range strings.Count(form, "%s") + 3*strings.Count(form, "%[3]") {
				pieces = append(pieces, piece.Draw(t, "piece"))
			}
			pattern := strings.Split(fmt.Sprintf(form, pieces...), "%!")[0]
			entries = append(entries, keyporter.ExcludeEntry{Kind: keyporter.ExcludeVisitor, Pattern: pattern})
		}
		list := keyporter.NewExcludeList(entries)
		for range 3 { // memory of an earlier text is used again
			event := keyporter.Event{VisitorID: text[rapid.IntRange(0, len(text)-1).Draw(t, "from"):]}
			matching := slices.Collect(list.Matching(event))
			if list.Excludes(event) != (len(matching) > 0) {
				t.Fatalf("%v: the index says %v, the loop finds %v", event, len(matching) == 0, matching)
			}
			outcomes[len(matching) > 0]++
		}
	})
	if outcomes[true] == 0 || outcomes[false] == 0 {
		t.Errorf("the outcomes are all alike: %v", outcomes)
	}
}

// TestManyWildcards: what is stored from now on bounds the work; what was stored before goes on matching.
func TestManyWildcards(t *testing.T) {
	f := newFixture(t)
	pattern := func(i, wildcards int) string { return fmt.Sprintf("%d%s", i, strings.Repeat("*x", wildcards)) }
	for wildcards, says := range map[int]string{keyporter.MaxExcludeWildcards: "", keyporter.MaxExcludeWildcards + 1: "An entry has at most 8 *; this one has 9"} {
		if _, sentence := keyporter.CleanPattern(keyporter.ExcludeVisitor, pattern(0, wildcards)); !strings.HasPrefix(sentence, says) || (says == "") != (sentence == "") {
			t.Errorf("%d wildcards: %q", wildcards, sentence)
		}
	}
	var many []string
	for i := range keyporter.MaxExcludeSequences {
		many = append(many, pattern(i, 2))
	}
	f.add(keyporter.ExcludeVisitor, many...)
	_, err := f.AddExcludeEntries(f.ctx, f.actor(ada), f.acme, keyporter.ExcludeServer, pattern(0, 2))
	f.want("invalid input: entries", err)
	if invalid, _ := err.(keyporter.Invalid); !strings.Contains(invalid["entries"], "such as a*b*c. It has 250, and you sent 1 new one.") {
		t.Errorf("the sentence is %q", invalid["entries"])
	}
	f.add(keyporter.ExcludeServer, pattern(0, 1), "*a*b*", "a*b*", "*a*b", "*a*")
	var pairs []string
	for i := range keyporter.MaxExcludePairs - keyporter.MaxExcludeSequences - 4 {
		pairs = append(pairs, pattern(i+1, 1))
	}
	f.add(keyporter.ExcludeServer, pairs...)
	_, err = f.AddExcludeEntries(f.ctx, f.actor(ada), f.acme, keyporter.ExcludeServer, "*b*c*")
	f.want("invalid input: entries", err)
	if invalid, _ := err.(keyporter.Invalid); !strings.Contains(invalid["entries"], "such as a*b. It has 5,000, and you sent 1 new one.") {
		t.Errorf("the sentence is %q", invalid["entries"])
	}
	f.add(keyporter.ExcludeServer, "*b*", "c*", "*d")
	earlier := keyporter.NewExcludeList([]keyporter.ExcludeEntry{{Kind: keyporter.ExcludeVisitor, Pattern: strings.Repeat("*ab", 80)}})
	for text, want := range map[string]bool{strings.Repeat("ab", 80): true, strings.Repeat("xab", 80): true, strings.Repeat("ab", 79): false} {
		if earlier.Excludes(keyporter.Event{VisitorID: text}) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}
