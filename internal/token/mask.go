package token

import "strings"

// masked replaces what [Mask] and [MaskPath] take out.
const masked = "…"

// MaskPath returns a path as a log may hold it: decoded, and without anything that could be a part of a token except
// its key ID, or that is as long as a secret. A path that is percent-encoded more than 8 times is masked whole.
func MaskPath(path string) string {
	path, settled := DecodePercent(path)
	if !settled {
		return masked
	}
	path = anyRemains.ReplaceAllString(path, "${1}"+masked)
	return bareSecret.ReplaceAllString(path, masked)
}

// Mask replaces the secret of everything in text that could be a token, also of an encoded one, and leaves its key ID.
// A text without anything like a token is returned unchanged.
func Mask(text string) string {
	plain, settled := DecodePercent(text)
	switch {
	case !settled:
		return masked
	case !damagedToken.MatchString(plain) && !tokenWithoutPrefix.MatchString(plain):
		return text
	}
	plain = damagedToken.ReplaceAllString(plain, "${1}_"+masked)
	return tokenWithoutPrefix.ReplaceAllString(plain, "${1}_"+masked)
}

// maxDecodings is how often percent-encoding is removed from a text.
const maxDecodings = 8

// DecodePercent returns text without percent-encoding: it removes percent-encoding until nothing changes. It reports
// false for a text that still changes after maxDecodings. Invalid encoding is left as it is, so that it does not shield
// valid encoding.
func DecodePercent(text string) (string, bool) {
	for range maxDecodings {
		plain := decodeOnce(text)
		if plain == text {
			return text, true
		}
		text = plain
	}
	return text, decodeOnce(text) == text
}

func decodeOnce(text string) string {
	i := strings.IndexByte(text, '%')
	if i < 0 {
		return text
	}
	plain := []byte(text[:i])
	for ; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
			plain = append(plain, hexValue(text[i+1])<<4|hexValue(text[i+2]))
			i += 2
			continue
		}
		plain = append(plain, text[i])
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
