package token

import (
	"fmt"
	"regexp"
	"strings"
)

// The lengths of the parts of a token, in characters.
const (
	minPrefix      = 2
	maxPrefix      = 8
	kindLength     = 3
	idLength       = 12 // of base62: 71 bits
	secretLength   = 32 // of base62: 190 bits
	checksumLength = 6  // of base62: 32 bits
	maxLength      = maxPrefix + kindLength + 1 + idLength + 1 + secretLength + checksumLength
)

// What of a damaged token still counts as one, in characters.
const (
	minSecretPart = 8  // of a secret behind a prefix and a key ID
	minSecretRun  = 24 // of a secret without its prefix: such a run could be the greater part of one
)

// The parts of a token as regular expressions. Those of whole tokens ignore case, because text may have been folded.
var (
	anyPrefix  = fmt.Sprintf(`[a-z0-9]{%d,%d}`, minPrefix, maxPrefix)
	secretKind = fmt.Sprintf(`(?:%s|%s)`, Integration, Feedback)
	anyKind    = fmt.Sprintf(`(?:%s|%s|%s)`, Integration, Feedback, Application)
	anyID      = fmt.Sprintf(`[0-9A-Za-z]{%d}`, idLength)
	secretRun  = fmt.Sprintf(`[0-9A-Za-z]{%d,}`, minSecretRun)
)

var (
	// damagedToken is a token with at least minSecretPart of its secret. Its group is everything before the secret.
	damagedToken = regexp.MustCompile(
		fmt.Sprintf(`(?i)(%s%s_%s)_[0-9A-Za-z]{%d,}`, anyPrefix, secretKind, anyID, minSecretPart))

	// begunToken is a token with at least one character of its secret. Its group is the key ID.
	begunToken = regexp.MustCompile(fmt.Sprintf(`(?i)%s%s_(%s)_[0-9A-Za-z]`, anyPrefix, secretKind, anyID))

	// anyRemains is whatever follows a prefix, in any state. Its group is the prefix, with the key ID if that is whole.
	anyRemains = regexp.MustCompile(
		fmt.Sprintf(`(?i)(%s%s_%s_|%[1]s%[4]s_)[0-9a-z_%%]+`, anyPrefix, secretKind, anyID, anyKind))

	// tokenWithoutPrefix is a key ID, which is its group, and a secretRun.
	tokenWithoutPrefix = regexp.MustCompile(fmt.Sprintf(`(%s)_%s`, anyID, secretRun))

	// bareSecret is what could be a secret or a part of one.
	bareSecret = regexp.MustCompile(secretRun)
)

// Contains reports whether text contains a token of an integration key or a Feedback API key, with at least 8
// characters of its secret.
func Contains(text string) bool { return damagedToken.MatchString(text) }

// MayContain reports whether text, or what it is percent-encoded, contains what could be a token or a secret, and so
// must not get into a URL. It is stricter than [Contains].
func MayContain(text string) bool {
	text, settled := DecodePercent(text)
	if _, found := keyIDIn(text); found || !settled || tokenWithoutPrefix.MatchString(text) {
		return true
	}
	for _, run := range bareSecret.FindAllString(text, -1) {
		digit, capital := strings.ContainsAny(run, "0123456789"), run != strings.ToLower(run)
		if digit && capital && run != strings.ToUpper(run) {
			return true
		}
	}
	return false
}

// keyIDIn returns the key ID of the first thing in text that looks like a token with at least one character of its
// secret, so that a page can discard the rest of what was pasted into the wrong field.
func keyIDIn(text string) (id string, found bool) {
	groups := begunToken.FindStringSubmatch(text)
	if groups == nil {
		return "", false
	}
	return groups[1], true
}
