package keyporter

import (
	"regexp"
	"strings"
)

// decodeRounds is how often percent-encoding is taken off a text.
const decodeRounds = 8

// decodeAll takes percent-encoding off until nothing changes. It reports false for a text that still changes after
// [decodeRounds]. What is no valid encoding stays, so that it does not shield what is one.
func decodeAll(text string) (string, bool) {
	for range decodeRounds {
		plain := decodeOnce(text)
		if plain == text {
			return text, true
		}
		text = plain
	}
	return text, decodeOnce(text) == text
}

func decodeOnce(text string) string {
	at := strings.IndexByte(text, '%')
	if at < 0 {
		return text
	}
	plain := []byte(text[:at])
	for ; at < len(text); at++ {
		if text[at] == '%' && at+2 < len(text) && isHex(text[at+1]) && isHex(text[at+2]) {
			plain = append(plain, hexValue(text[at+1])<<4|hexValue(text[at+2]))
			at += 2
			continue
		}
		plain = append(plain, text[at])
	}
	return string(plain)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// hidden stands for what is masked.
const hidden = "…"

var (
	// tokenPrefix is the prefix of any token, with its key ID if that is whole, and what follows, however damaged.
	tokenPrefix = regexp.MustCompile(`(?i)([a-z0-9]{2,8}(?:int|fbk)_[0-9a-z]{12}_|[a-z0-9]{2,8}(?:int|fbk|app)_)[0-9a-z_%]+`)

	// longRun is what could be a secret without its prefix, or the greater part of one.
	longRun = regexp.MustCompile(`[0-9A-Za-z]{24,}`)

	// bareToken is a token whose prefix was lost.
	bareToken = regexp.MustCompile(`([0-9A-Za-z]{12})_[0-9A-Za-z]{24,}`)
)

// MaskPath returns a path as a log may hold it: decoded, without anything that could be a part of a token but its key
// ID, and without anything that is as long as a secret. A path that is encoded more than 8 times is masked whole.
func MaskPath(path string) string {
	path, settled := decodeAll(path)
	if !settled {
		return hidden
	}
	path = tokenPrefix.ReplaceAllString(path, "${1}"+hidden)
	return longRun.ReplaceAllString(path, hidden)
}

// MaskTokens takes the secret out of whatever in a text could be a token, also an encoded one, and leaves its key ID. A
// text with nothing like a token is returned as it is.
func MaskTokens(text string) string {
	plain, settled := decodeAll(text)
	switch {
	case !settled:
		return hidden
	case !tokenShape.MatchString(plain) && !bareToken.MatchString(plain):
		return text
	}
	plain = tokenShape.ReplaceAllString(plain, "${1}_"+hidden)
	return bareToken.ReplaceAllString(plain, "${1}_"+hidden)
}
