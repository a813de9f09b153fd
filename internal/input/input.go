// Package input checks and compares text that people type and clients send.
//
// The functions whose names begin with Clean return text as it is stored, and a sentence for the person who typed it if
// it cannot be stored; the sentence is "" if it can.
package input

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"keyporter/internal/token"
)

// maxEmail is RFC 5321's limit on a path less its brackets, in bytes.
const maxEmail = 254

// Normal returns text in Unicode's normal form NFC, in which text is stored: letters that look the same and can be
// written as one character or as two become equal. It does not allocate for text that is in NFC already.
func Normal(text string) string { return norm.NFC.String(text) }

// CleanLine returns a line of text in NFC without space at its ends. The line must be visible, hold no token, and have
// at most so many characters. SQLite would accept NUL and invalid UTF-8, PostgreSQL would not: CleanLine refuses both.
func CleanLine(text string, maxLength int) (line, sentence string) {
	return checkLine(Normal(text), maxLength)
}

// checkLine is CleanLine without NFC.
func checkLine(text string, maxLength int) (line, sentence string) {
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
	case isInvisible(text):
		return text, "This text has no visible character."
	case n > maxLength:
		return text, fmt.Sprintf("Use at most %d characters; you typed %d.", maxLength, n)
	}
	return text, ""
}

// CleanEmail returns an email address without space at its ends, and not in NFC: an account may have been stored with
// another spelling. It checks only what distinguishes an address from other text, not whether mail can be delivered.
func CleanEmail(text string) (email, sentence string) {
	text, sentence = checkLine(text, maxEmail)
	if sentence != "" {
		return text, sentence
	}
	local, domain, _ := strings.Cut(text, "@")
	switch {
	case len(text) > maxEmail,
		local == "" || strings.ContainsRune(local, ' ') || isInvisible(local),
		domain == "" || strings.ContainsAny(domain, "@ ") || isInvisible(domain):
		return text, "Type an email address, such as ada@example.com."
	}
	return text, ""
}

// Truncate returns at most n characters of text, with invalid UTF-8 and NUL replaced. It is for values that a client
// sends and nobody types, such as a User-Agent.
func Truncate(text string, n int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
