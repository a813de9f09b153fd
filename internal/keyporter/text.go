package keyporter

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"keyporter/internal/token"
)

const (
	maxDescription = 200 // characters
	maxName        = 100 // characters
	maxEmail       = 254 // bytes, RFC 5321's limit on a path less its brackets
)

// NormalText returns text in Unicode's normal form NFC, in which text is stored: letters that look the same and are
// written as one character or as two become equal. Text that is in it already is returned as it is.
func NormalText(text string) string { return norm.NFC.String(text) }

// cleanLine trims a line of text that people will read, in NFC, and returns the sentence that says what is wrong with
// it, if anything is. It is called before text reaches a database: SQLite would take NUL and broken UTF-8, PostgreSQL
// not.
func cleanLine(text string, most int) (string, string) { return checkLine(NormalText(text), most) }

// checkLine is cleanLine for a text whose normal form stays as it is.
func checkLine(text string, most int) (string, string) {
	if !utf8.ValidString(text) {
		return "", "This text is not valid UTF-8. Type it again."
	}
	text = strings.TrimSpace(text)
	for _, r := range text {
		switch {
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return text, "Control characters and line breaks cannot be used here."
		case r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
			return text, "Characters that override the direction of text cannot be used here."
		}
	}
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return text, "Fill this in."
	case token.Contains(text):
		return text, "This holds something that looks like a key, which others would see. Leave it out."
	case invisible(text):
		return text, "This text has no visible character."
	case n > most:
		return text, fmt.Sprintf("Use at most %d characters; you typed %d.", most, n)
	}
	return text, ""
}

// invisible reports whether nothing of text can be seen: nothing but spaces, format characters, marks without a letter,
// what Unicode says may be ignored or is no character, and the two blanks that it calls a symbol and a note.
func invisible(text string) bool {
	for _, r := range text {
		nothing := unicode.In(r, unicode.Z, unicode.Cf, unicode.M, unicode.Variation_Selector,
			unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point)
		if !nothing && r != '\u2800' && r != '\U0001d159' {
			return false
		}
	}
	return true
}

// cleanEmail trims an address and says what is wrong with it. It asks for no more than what tells an address from
// something else; whether mail arrives there is not its business.
func cleanEmail(text string) (string, string) {
	text, sentence := checkLine(text, maxEmail)
	if sentence != "" {
		return text, sentence
	}
	local, domain, found := strings.Cut(text, "@")
	if !found || local == "" || domain == "" || len(text) > maxEmail || strings.ContainsAny(domain, "@ ") || strings.ContainsRune(local, ' ') || invisible(local) || invisible(domain) {
		return text, "Type an email address, such as ada@example.com."
	}
	return text, ""
}

// sameText reports whether typed is what stored says, for a text that has to be typed to confirm. Both are compared
// in NFC, with every run of white space (no-break spaces are white space) as one space, without leading and trailing
// space, and without zero-width characters, which cannot be typed from sight. The case of letters counts. The empty
// text is the same as none.
func sameText(typed, stored string) bool {
	want := VisibleText(stored)
	return want != "" && VisibleText(typed) == want
}

// VisibleText returns the form in which texts that people cannot tell apart are equal: NFC, every run of white space as
// one space, none at the ends, and no zero-width characters.
func VisibleText(text string) string {
	text = strings.Map(func(r rune) rune {
		if zeroWidth(r) {
			return -1
		}
		return r
	}, text)
	return NormalText(strings.Join(strings.Fields(text), " "))
}

// zeroWidth reports whether r takes no space and only says how its neighbours join, in which form they are shown or in
// which direction they run. The signs that stand before numbers in Arabic and its like are format characters too, and are seen.
func zeroWidth(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// fold makes spellings that people take for the same equal, for search: the text as [VisibleText] returns it, whatever
// the case of its letters. Unicode's case folding joins ß and ss; mapping to capitals and back before also joins the
// dotted and the dotless i.
func fold(text string) string {
	text = strings.ToLower(strings.ToUpper(VisibleText(text)))
	return NormalText(cases.Fold().String(text))
}

// cut returns at most n characters of text, with what is no UTF-8 or NUL replaced, for values that a client sends
// and nobody types: a User-Agent, say.
func cut(text string, n int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
