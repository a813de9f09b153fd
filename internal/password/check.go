package password

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The limits of a password's length, in characters.
const (
	MinLength = 12
	MaxLength = 128
)

// TooCommon is the sentence for a password that others would guess.
const TooCommon = "This is one of the first passwords that others try. " +
	"Choose another, such as four words that do not belong together."

// Check returns a sentence that says why a new password is refused, or "". After NIST SP 800-63B only its length
// counts, and that it is none of the most common ones; there are no rules of composition.
func Check(password string) (sentence string) {
	if !utf8.ValidString(password) {
		return "This password is not valid UTF-8. Type it again."
	}
	password = norm.NFC.String(password)
	switch n := utf8.RuneCountInString(password); {
	case n < MinLength:
		return fmt.Sprintf("Use at least %d characters; you typed %d.", MinLength, n)
	case n > MaxLength:
		return fmt.Sprintf("Use at most %d characters; you typed %d.", MaxLength, n)
	}
	if isCommon(password) {
		return TooCommon
	}
	return ""
}

// commonPasswords are passwords of MinLength or more, in lower case, one a line.
//
//go:embed common.txt
var commonPasswords string

// isCommon reports whether a password is in the list, or repeats a text of up to four bytes ("abcabcabcabc").
func isCommon(password string) bool {
	folded := strings.ToLower(password)
	for period := 1; period <= 4; period++ {
		if len(folded) > period && folded[period:] == folded[:len(folded)-period] {
			return true
		}
	}
	for line := range strings.Lines(commonPasswords) {
		if strings.TrimSuffix(line, "\n") == folded {
			return true
		}
	}
	return false
}
