// Package token mints, reads, finds and masks tokens and the IDs of their keys.
//
// The token of an integration key or of a Feedback API key is
//
//	prefix kind "_" key ID "_" secret checksum
//
// as in kpint_4fT9aQ0bZ7Lm_ and 38 more characters. The prefix is 2 to 8 of a-z0-9, which an installation chooses; the
// kind is "int" or "fbk"; the key ID is 12 characters of base62, the secret 32. The checksum is the CRC-32 of
// everything before it in 6 characters of base62. An application key, which is public, is prefix "app_" and 32
// characters of base62. The parts, and what of a damaged token still counts as one, are defined in shape.go.
package token

import (
	"fmt"
	"io"
)

// A Token is what a program or a browser presents: a key's token, or the value of a cookie or of a one-time link. It
// prints as "[token]", and as an address inside another struct, so it cannot reach a log by accident; only
// [Token.Reveal] returns its text.
type Token struct{ text *string }

// New returns a Token with a text that a client sent.
func New(text string) Token { return Token{&text} }

// Format implements [fmt.Formatter] for every verb.
func (Token) Format(f fmt.State, _ rune) { io.WriteString(f, "[token]") }

// MarshalText keeps the token out of JSON and structured logs.
func (Token) MarshalText() ([]byte, error) { return []byte("[token]"), nil }

// Reveal returns the token's text, for the one page that shows it or the cookie that carries it. The zero Token has
// the empty text.
func (t Token) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}
