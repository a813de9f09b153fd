package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// RandomText returns n random characters of base62, from crypto/rand. Bytes from 248 on are discarded, because 256 is
// no multiple of 62 and taking the remainder would favour the first eight characters.
func RandomText(n int) string {
	const fair = 256 - 256%len(base62)
	text := make([]byte, 0, n)
	var buffer [64]byte
	for len(text) < n {
		rand.Read(buffer[:])
		for _, b := range buffer {
			if int(b) < fair && len(text) < n {
				text = append(text, base62[int(b)%len(base62)])
			}
		}
	}
	return string(text)
}

// NewSecret returns a random value of 256 bits for a cookie or a one-time link, and its [HashSecret], which is what is
// to be stored of it.
func NewSecret() (Token, []byte) {
	var raw [32]byte
	rand.Read(raw[:])
	text := base64.RawURLEncoding.EncodeToString(raw[:])
	return New(text), HashSecret(text)
}

// HashSecret returns the SHA-256 of the value of a cookie or of a one-time link: 256 random bits need no slow hash.
func HashSecret(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// IsBase62 reports whether text consists of 0-9A-Za-z. It looks each character up instead of comparing it, because a
// processor cannot predict comparisons of random text: they took a third of the time of parsing a token.
func IsBase62(text string) bool {
	other := byte(0)
	for i := range len(text) {
		other |= notBase62[text[i]]
	}
	return other == 0
}

// notBase62 is 1 for each byte that is not a character of base62.
var notBase62 = func() (table [256]byte) {
	for c := range table {
		if strings.IndexByte(base62, byte(c)) < 0 {
			table[c] = 1
		}
	}
	return table
}()
