package exclude_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"keyporter/internal/exclude"
)

// TestSequencesAgreeWithLoop draws patterns whose pieces all occur in a long text: in order or not, once or often,
// within each other or overlapping.
func TestSequencesAgreeWithLoop(t *testing.T) {
	outcomes := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		block := rapid.StringMatching(`([ab]|abc|ab{3}|c{1,9}){1,30}`).Draw(t, "block")
		text := strings.Repeat(block, rapid.IntRange(1, 6).Draw(t, "blocks"))
		piece := rapid.Custom(func(t *rapid.T) string {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			return text[at:min(len(text), at+rapid.IntRange(1, 6).Draw(t, "length"))]
		})
		var entries []exclude.Entry
		for range rapid.IntRange(1, 20).Draw(t, "n") {
			form := rapid.SampledFrom([]string{
				"*%s*%s*", "%s*%s", "*%s*%s*%s*", "%s*%s*%s", "*%s*%s*%s*%s*%s*z",
				"%[2]s%[1]s*%[3]s*", "*%[1]s%[1]s*%[2]s%[3]s",
			}).Draw(t, "form")
			var pieces []any
			for range strings.Count(form, "%s") + 3*strings.Count(form, "%[3]") {
				pieces = append(pieces, piece.Draw(t, "piece"))
			}
			pattern := strings.Split(fmt.Sprintf(form, pieces...), "%!")[0]
			entries = append(entries, exclude.Entry{Kind: exclude.Visitor, Pattern: pattern})
		}
		list := exclude.NewList(entries)
		for range 3 { // the memory of an earlier search is reused
			event := exclude.Event{VisitorID: text[rapid.IntRange(0, len(text)-1).Draw(t, "from"):]}
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

// TestFewPiecesPresent has long lists of pieces that can come next, of which the text contains few, so that they are
// looked up instead of compared one by one.
func TestFewPiecesPresent(t *testing.T) {
	const n = 1000
	var entries []exclude.Entry
	for i := range n {
		for _, form := range []string{"a*<%d>", "*<%d>*b*", "c*<%d>*d*e"} {
			entries = append(entries, exclude.Entry{Kind: exclude.Account, Pattern: fmt.Sprintf(form, i)})
		}
	}
	list := exclude.NewList(entries)
	for i := range n + 1 {
		for form, want := range map[string]bool{
			"a.<%d>": i < n, "<%d>b": i < n, "c<%d>de": i < n, "<%d>a": false,
			"b<%d>": false, "c<%d>ed": false, "cd<%d>e": false, "b.<%d>b": i < n, "<%d": false,
		} {
			if text := fmt.Sprintf(form, i); list.Excludes(exclude.Event{AccountID: text}) != want {
				t.Errorf("%s: %v", text, !want)
			}
		}
	}
}
