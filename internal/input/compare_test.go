package input

import "testing"

func TestLooksSame(t *testing.T) {
	for _, c := range []struct {
		typed, stored string
		same          bool
	}{
		{"Caf\u00e9 sync", "Caf\u00e9 sync", true},
		{"Cafe\u0301 sync", "Caf\u00e9 sync", true},
		{"Caf\u00e9 sync", "Cafe\u0301 sync", true},
		{"\uac01", "\u1100\u1161\u11a8", true}, // Hangul
		{"two spaces", "two  spaces", true},
		{"two  spaces", "two spaces", true},
		{"no break", "no\u00a0break", true},
		{"thin space", "thin\u202fspace", true},
		{"wide space", "wide\u3000space", true},
		{" trimmed\t", "trimmed", true},
		{"trimmed", "\u200b trimmed \u200b", true},
		{"hidden", "hid\u200bden", true},
		{"hidden", "hid\u2060den\ufeff", true},
		{"softhyphen", "soft\u00adhyphen", true},
		{"e\u200b\u0301", "\u00e9", true}, // composes only once the zero-width space is gone
		{"\u0645\u06cc\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", true},
		{"heart \u2764", "heart \u2764\ufe0f", true}, // a variation selector
		{"tag", "\U000e0041tag", true},
		{"formula", "for\u2062mula", true},
		{"sign", "\u180esign\u034f", true},
		{"12", "\u060012", false}, // the Arabic number sign is seen
		{"zapier", "Zapier", false},
		{"Zapier sync 2", "Zapier sync", false},
		{"twowords", "two words", false},
		{"cafe", "caf\u00e9", false},
		{"", "Zapier", false},
		{"", "", false},
		{"\u200b", "\u200b", false},
		{"broken\xff", "broken", false},
	} {
		if got := LooksSame(c.typed, c.stored); got != c.same {
			t.Errorf("LooksSame(%q, %q) = %v", c.typed, c.stored, got)
		}
	}
}

func TestFold(t *testing.T) {
	for _, same := range [][]string{
		{"ada@example.com", "ADA@Example.COM", " ada@example.com\t"},
		{"straße", "STRASSE", "Straße"},
		{"σίσυφος", "ΣΊΣΥΦΟΣ"},
		{"дарья", "ДАРЬЯ"},
		{"kelvin", "\u212aelvin"}, // the sign for kelvin
	} {
		for _, text := range same[1:] {
			if Fold(text) != Fold(same[0]) {
				t.Errorf("%q folds to %q, %q to %q", text, Fold(text), same[0], Fold(same[0]))
			}
		}
	}
	if Fold("ada@example.com") == Fold("bob@example.com") {
		t.Error("everything folds to the same")
	}
}
