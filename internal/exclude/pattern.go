package exclude

import (
	"fmt"
	"strings"

	"keyporter/internal/input"
)

// maxPattern is how long an entry may be, in characters.
const maxPattern = 255

// CleanPattern returns an entry of a kind in the form in which it is stored, so that entries with the same meaning are
// equal: a host in lower case, an address or a CIDR block as netip writes it, a block reduced to its network. If the
// text cannot be an entry, the sentence says why.
//
// A * matches any run of characters, including dots, colons and none. A literal * cannot be written.
func CleanPattern(kind Kind, text string) (pattern, sentence string) {
	text, sentence = input.CleanLine(text, maxPattern)
	switch {
	case sentence != "":
		return text, sentence
	case strings.Contains(text, "**"):
		return text, "Two * in a row mean no more than one. Write one."
	case text == "*":
		return text, matchesEverything
	}
	if n := strings.Count(text, "*"); n > MaxWildcards {
		return text, fmt.Sprintf("An entry has at most %d *; this one has %d. "+
			"Leave some out, together with the text between them.", MaxWildcards, n)
	}
	switch kind {
	case Server:
		return cleanHost(text)
	case Address:
		return cleanAddress(text)
	}
	return text, ""
}

const matchesEverything = "This would exclude every event. Say which ones."

// matchPattern reports whether a pattern with any number of * matches a text.
func matchPattern(pattern, text string) bool {
	before, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	if !strings.HasPrefix(text, before) {
		return false
	}
	text = text[len(before):]
	for {
		piece, more, wild := strings.Cut(rest, "*")
		if !wild {
			return strings.HasSuffix(text, piece)
		}
		i := strings.Index(text, piece)
		if i < 0 {
			return false
		}
		text, rest = text[i+len(piece):], more
	}
}
