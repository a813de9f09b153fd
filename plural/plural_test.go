package plural_test

import (
	"testing"

	"keyporter/plural"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]string{
		0: "0 entries", 1: "1 entry", 2: "2 entries", 11: "11 entries", 999: "999 entries", 1000: "1,000 entries",
		1234567: "1,234,567 entries", -1: "-1 entries", -100: "-100 entries", -1000: "-1,000 entries",
	} {
		if got := plural.Count(n, "entry", "entries"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
