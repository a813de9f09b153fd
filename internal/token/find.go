package token

import "strings"

// Find returns the last thing in text that looks like a token, of any kind and prefix, and how many do. A token may be
// damaged: it needs a prefix and a kind in small letters, and for an application key 32 more characters, for the others
// a key ID and at least 8 characters of a secret. Find does not allocate.
func Find(text string) (last string, count int) {
	for i := 0; ; {
		next := strings.IndexByte(text[i:], '_')
		if next < 0 {
			return last, count
		}
		i += next + 1
		if end := tokenEnd(text, i); end > 0 {
			begin := i - 1
			for begin > 0 && notBase62[text[begin-1]] == 0 {
				begin--
			}
			last, count, i = text[begin:end], count+1, end
		}
	}
}

// tokenEnd returns where the token ends whose kind, with the underscore behind it, ends at i. It returns 0 if there is
// none.
func tokenEnd(text string, i int) int {
	kind := i - 1 - kindLength
	if kind < minPrefix || !isPrefix(text[kind-minPrefix:kind]) {
		return 0
	}
	end := base62End(text, i)
	switch Kind(text[kind : i-1]) {
	case Application:
		if end-i >= secretLength {
			return end
		}
	case Integration, Feedback:
		if end-i != idLength || end == len(text) || text[end] != '_' {
			return 0
		}
		if secret := end + 1; base62End(text, secret)-secret >= minSecretPart {
			return base62End(text, secret)
		}
	}
	return 0
}

// isPrefix reports whether text consists of a-z0-9.
func isPrefix(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// base62End returns the end of the run of base62 that begins at i.
func base62End(text string, i int) int {
	for i < len(text) && notBase62[text[i]] == 0 {
		i++
	}
	return i
}
