package keyporter

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// idLength is the length of every ID we mint: 12 of 62 characters are 71 bits, enough not to meet twice.
const idLength = 12

// randomText returns n random characters of base62. Bytes from 248 on are thrown away, because 256 is no multiple of
// 62 and taking the rest of the division would favour the first eight characters.
func randomText(n int) string {
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

// IsID reports whether text can be an ID of anything that we mint: 12 of 0-9A-Za-z.
func IsID(text string) bool { return len(text) == idLength && isBase62(text) }

func newID() string { return randomText(idLength) }

// newLineID returns an ID that sorts by time, and within the same time in the order of the calls; in any collation,
// because it is hexadecimal digits alone.
func (p *Porter) newLineID(at time.Time) string {
	var tail [4]byte
	rand.Read(tail[:])
	return fmt.Sprintf("%016x%08x%x", at.UnixNano(), p.lines.Add(1), tail)
}

// newSecret returns a random value of 256 bits for a cookie or a one-time link, and what is stored of it.
func newSecret() (Token, []byte) {
	var raw [32]byte
	rand.Read(raw[:])
	text := base64.RawURLEncoding.EncodeToString(raw[:])
	return newToken(text), secretHash(text)
}

// secretHash is what is stored of a cookie's or a one-time link's value: 256 random bits need no slow hash.
func secretHash(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
