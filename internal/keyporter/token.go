package keyporter

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"unsafe"
)

// A Token is what a program or a browser presents: a key's ID and its secret, or the value of a cookie or of a
// one-time link. It prints as "[token]", and as an address inside another struct, so it cannot reach a log by
// accident; only [Token.Reveal] gives it away.
type Token struct{ text *string }

func newToken(text string) Token { return Token{&text} }

// Format implements [fmt.Formatter] for every verb.
func (Token) Format(f fmt.State, _ rune) { io.WriteString(f, "[token]") }

// MarshalText keeps the token out of JSON and structured logs.
func (Token) MarshalText() ([]byte, error) { return []byte("[token]"), nil }

// Reveal returns the token's text: for the one page that shows it, or the cookie that carries it.
func (t Token) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// A KeyID names an integration key or a Feedback API key in public: 12 of 0-9A-Za-z.
type KeyID [idLength]byte

func (id KeyID) String() string { return string(id[:]) }

// ParseKeyID reports whether text is a key ID.
func ParseKeyID(text string) (KeyID, bool) {
	var id KeyID
	if len(text) != idLength || !isBase62(text) {
		return id, false
	}
	copy(id[:], text)
	return id, true
}

// A kind is what a token is for; it stands in the token's prefix behind the installation's brand.
type kind string

const (
	kindIntegration kind = "int"
	kindApplication kind = "app"
	kindFeedback    kind = "fbk"
)

const (
	secretLength = 32 // of base62: 190 bits
	checkLength  = 6  // base62 of 32 bits
	minBrand     = 2
	maxBrand     = 8
	kindLength   = 3
	maxToken     = maxBrand + kindLength + 1 + idLength + 1 + secretLength + checkLength
)

// HashName is the name of the hash that new tokens are stored as; it stands beside each stored hash.
const HashName = "sha256"

// mintToken returns a new token of the kind for the key, and its SHA-256.
func mintToken(brand string, k kind, id KeyID) (Token, [sha256.Size]byte) {
	text := brand + string(k) + "_" + id.String() + "_" + randomText(secretLength)
	digits := check(text)
	text += string(digits[:])
	return newToken(text), sha256.Sum256([]byte(text))
}

// MintToken returns a new token for an integration key and its SHA-256, which is all that is to be stored of it.
func MintToken(brand string, id KeyID) (Token, [sha256.Size]byte) {
	return mintToken(brand, kindIntegration, id)
}

// check is the CRC-32 (IEEE) of text in base62, padded to six characters: for typing errors and scanners, as in
// GitHub's tokens, never for authority.
//
// It looks at the string's own bytes, because a copy of them was the one piece of garbage of a judgement.
func check(text string) (digits [checkLength]byte) {
	sum := crc32.ChecksumIEEE(unsafe.Slice(unsafe.StringData(text), len(text)))
	for i := checkLength - 1; i >= 0; i-- {
		digits[i] = base62[sum%62]
		sum /= 62
	}
	return digits
}

// checked reports whether a text ends in the check of what stands before.
func checked(text string) bool {
	before := len(text) - checkLength
	digits := check(text[:before])
	return string(digits[:]) == text[before:]
}

var errMalformed = errors.New("malformed token")

// parseToken reads the kind and, but for an application key, the key ID. Any brand of 2 to 8 of a-z0-9 is
// accepted, because keys issued under an earlier brand keep working; the hash covers it.
func parseToken(text string) (kind, KeyID, error) {
	var id KeyID
	prefix, rest, found := strings.Cut(text, "_")
	brand := len(prefix) - kindLength
	if !found || brand < minBrand || brand > maxBrand || !isBrand(prefix[:brand]) {
		return "", id, errMalformed
	}
	k := kind(prefix[brand:])
	if k == kindApplication && len(rest) == secretLength && isBase62(rest) {
		return k, id, nil
	}
	if k != kindIntegration && k != kindFeedback || len(rest) != idLength+1+secretLength+checkLength || rest[idLength] != '_' {
		return "", id, errMalformed
	}
	if !isBase62(rest[:idLength]) || !isBase62(rest[idLength+1:]) || !checked(text) {
		return "", id, errMalformed
	}
	copy(id[:], rest)
	return k, id, nil
}

// KeyIDIn returns the key ID of something in a text that looks like a token, so that a page can drop the rest of what was
// pasted into the wrong field.
func KeyIDIn(text string) (id string, looksLikeToken bool) {
	found := tokenBeginning.FindStringSubmatch(text)
	if found == nil {
		return "", false
	}
	return found[1], true
}

// isBrand reports whether text is a-z0-9 alone.
func isBrand(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// isBase62 looks each character up instead of comparing it, because a processor cannot guess the outcome of comparisons of
// random text: that took a third of reading a token.
func isBase62(text string) bool {
	other := byte(0)
	for i := range len(text) {
		other |= notBase62[text[i]]
	}
	return other == 0
}

// notBase62 is 1 for each byte that is no character of base62.
var notBase62 = func() (table [256]byte) {
	for c := range table {
		if strings.IndexByte(base62, byte(c)) < 0 {
			table[c] = 1
		}
	}
	return table
}()
