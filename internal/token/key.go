package token

import (
	"crypto/sha256"
	"errors"
	"hash/crc32"
	"strings"
	"unsafe"
)

// A Kind is what a key is for. It follows the prefix in the key's token.
type Kind string

// The kinds.
const (
	Integration Kind = "int"
	Application Kind = "app"
	Feedback    Kind = "fbk"
)

// HashName is the name of the hash that [Mint] and [Hash] return. It is stored with each hash.
const HashName = "sha256"

// ErrMalformed is the error of [Parse].
var ErrMalformed = errors.New("malformed token")

// Mint returns a new token of an integration key or a Feedback API key, and the token's SHA-256, which is all that is
// to be stored of it.
func Mint(prefix string, k Kind, id KeyID) (Token, [sha256.Size]byte) {
	text := prefix + string(k) + "_" + id.String() + "_" + RandomText(secretLength)
	digits := checksum(text)
	text += string(digits[:])
	return New(text), Hash(text)
}

// NewApplicationKey returns a new application key.
func NewApplicationKey(prefix string) string {
	return prefix + string(Application) + "_" + RandomText(secretLength)
}

// Hash returns the SHA-256 of a token's text. It does not allocate for a text that [Parse] accepts.
func Hash(text string) [sha256.Size]byte {
	if len(text) > maxLength {
		return sha256.Sum256([]byte(text))
	}
	var buffer [maxLength]byte
	return sha256.Sum256(buffer[:copy(buffer[:], text)])
}

// Parse returns the kind of a token and, except for an application key, the key ID. It accepts any prefix, because
// keys that were issued under an earlier prefix keep working; the hash covers the prefix. It fails with
// [ErrMalformed].
func Parse(text string) (Kind, KeyID, error) {
	var id KeyID
	beginning, rest, found := strings.Cut(text, "_")
	prefixEnd := len(beginning) - kindLength
	if !found || prefixEnd < minPrefix || prefixEnd > maxPrefix || !isPrefix(beginning[:prefixEnd]) {
		return "", id, ErrMalformed
	}
	k := Kind(beginning[prefixEnd:])
	if k == Application && len(rest) == secretLength && IsBase62(rest) {
		return k, id, nil
	}
	const restLength = idLength + 1 + secretLength + checksumLength
	if k != Integration && k != Feedback || len(rest) != restLength || rest[idLength] != '_' {
		return "", id, ErrMalformed
	}
	if !IsBase62(rest[:idLength]) || !IsBase62(rest[idLength+1:]) || !hasChecksum(text) {
		return "", id, ErrMalformed
	}
	copy(id[:], rest)
	return k, id, nil
}

// checksum returns the CRC-32 (IEEE) of text in base62, padded to six characters. As in GitHub's tokens it detects
// typing errors and lets scanners recognise a token; it proves nothing.
//
// It reads the string's bytes without copying them: a copy would be the only allocation of a judgement.
func checksum(text string) (digits [checksumLength]byte) {
	sum := crc32.ChecksumIEEE(unsafe.Slice(unsafe.StringData(text), len(text)))
	for i := checksumLength - 1; i >= 0; i-- {
		digits[i] = base62[sum%62]
		sum /= 62
	}
	return digits
}

// hasChecksum reports whether text ends in the checksum of what precedes it.
func hasChecksum(text string) bool {
	end := len(text) - checksumLength
	digits := checksum(text[:end])
	return string(digits[:]) == text[end:]
}
