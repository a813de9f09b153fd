package input

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
)

// Visible returns the form in which texts that look the same are equal: in NFC, with every run of white space as one
// space and none at the ends, and without zero-width characters, which cannot be typed from sight.
func Visible(text string) string {
	text = strings.Map(func(r rune) rune {
		if hasNoWidth(r) {
			return -1
		}
		return r
	}, text)
	return Normal(strings.Join(strings.Fields(text), " "))
}

// LooksSame reports whether two texts have the same [Visible] form and it is not empty. The case of letters counts.
func LooksSame(a, b string) bool {
	visible := Visible(a)
	return visible != "" && visible == Visible(b)
}

// Fold returns the form in which a search compares texts: [Visible] and without regard to case. Unicode's case folding
// makes ß and ss equal; mapping to upper case and back before it also makes the dotted and the dotless i equal.
func Fold(text string) string {
	text = strings.ToLower(strings.ToUpper(Visible(text)))
	return Normal(cases.Fold().String(text))
}

// isInvisible reports whether nothing of text can be seen: only spaces, format characters, marks without a letter,
// what Unicode calls ignorable or no character, and two blanks that it calls a symbol and a musical note.
func isInvisible(text string) bool {
	for _, r := range text {
		nothing := unicode.In(r, unicode.Z, unicode.Cf, unicode.M, unicode.Variation_Selector,
			unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point)
		if !nothing && r != '\u2800' && r != '\U0001d159' {
			return false
		}
	}
	return true
}

// hasNoWidth reports whether r only says how its neighbours are joined, shown or directed. The signs that precede
// numbers in Arabic and related scripts are format characters too, but are visible.
func hasNoWidth(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}
