package token

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	// prefixedID is a key ID behind a token's prefix, whatever follows: a token, one as logs mask it, or one without
	// its secret.
	prefixedID = regexp.MustCompile(fmt.Sprintf(`(?i)%s%s_(%s)(?:[^0-9A-Za-z]|$)`, anyPrefix, secretKind, anyID))

	// bareID is the same without the prefix.
	bareID = regexp.MustCompile(fmt.Sprintf(`^(%s)(?:_[0-9A-Za-z]*)?(?:…|\.\.\.)?$`, anyID))

	// cutID is the beginning of a key ID, with or without the prefix.
	cutID = regexp.MustCompile(
		fmt.Sprintf(`^(?:%s%s_)?([0-9A-Za-z]{1,%d})(?:…|\.\.\.)+$`, anyPrefix, secretKind, idLength-1))
)

// PastedKeyID returns the key ID in a text that is a key ID, a token, or a token as logs mask it; also if the text is
// percent-encoded.
func PastedKeyID(text string) (KeyID, bool) {
	text, _ = DecodePercent(strings.TrimSpace(text))
	found := prefixedID.FindStringSubmatch(text)
	if found == nil {
		found = bareID.FindStringSubmatch(text)
	}
	if found == nil {
		return KeyID{}, false
	}
	return ParseKeyID(found[1])
}

// PartOfKeyID returns the beginning of a key ID in a text such as "4fT9…" or "kpint_4fT9...". Only behind the given
// token prefix may the dots be missing, as in "kpint_4fT9": "checkpoint_a" has no key ID.
func PartOfKeyID(prefix, text string) (part string, found bool) {
	text = strings.TrimSpace(text)
	for _, k := range []Kind{Integration, Feedback} {
		if strings.HasPrefix(text, prefix+string(k)+"_") {
			text += "…"
		}
	}
	groups := cutID.FindStringSubmatch(text)
	if groups == nil {
		return "", false
	}
	return groups[1], true
}
