package token

import "testing"

// TestRandomTextIsFair counts each character: a bias such as that of a plain remainder would give the first eight a
// quarter more than the others.
func TestRandomTextIsFair(t *testing.T) {
	const each = 4000
	counts := map[rune]int{}
	for _, r := range RandomText(62 * each) {
		counts[r]++
	}
	if len(counts) != 62 {
		t.Fatalf("%d characters occur, want 62", len(counts))
	}
	for r, n := range counts {
		if n < each*88/100 || n > each*112/100 { // seven standard deviations
			t.Errorf("%q occurs %d times, about %d were to be expected", r, n, each)
		}
	}
}

func TestIDs(t *testing.T) {
	for text, want := range map[string]bool{
		"4fT9aQ0bZ7Lm": true, "000000000000": true, NewID(): true, NewKeyID().String(): true,
		"": false, "4fT9aQ0bZ7L": false, "4fT9aQ0bZ7Lmm": false, "4fT9aQ0bZ7L-": false,
		"4fT9aQ0bZ7é": false, "4fT9aQ0bZ7L\x00": false,
	} {
		if got := IsID(text); got != want {
			t.Errorf("IsID(%q) = %v", text, got)
		}
		if id, got := ParseKeyID(text); got != want || got && id.String() != text {
			t.Errorf("ParseKeyID(%q) = %q, %v", text, id, got)
		}
	}
}
