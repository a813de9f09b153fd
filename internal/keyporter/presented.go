package keyporter

import (
	"strings"

	"keyporter/internal/token"
)

// A Presented is where a request may carry a token: every value of each header, as it came.
type Presented struct {
	IntegrationKey      []string // X-Integration-Key
	PendoIntegrationKey []string // X-Pendo-Integration-Key
	Authorization       []string
	AuthToken           []string // auth-token: given for Feedback API keys alone
}

const bearer = "Bearer"

// token returns the one token that is presented, and the key ID in it. It refuses none, several, one that is malformed
// and one of another kind.
func (p Presented) token(want KeyKind) (string, token.KeyID, Verdict) {
	text, found := p.findToken()
	switch {
	case found == 0:
		return "", token.KeyID{}, missingKey(want)
	case found > 1:
		return "", token.KeyID{}, refuse(KeyAmbiguous)
	}
	kind, id, err := token.Parse(text)
	if err != nil {
		return "", token.KeyID{}, invalidKey(want)
	}
	if kind != want.tokenKind() {
		return "", token.KeyID{}, wrongKind(want, kind)
	}
	return text, id, Verdict{}
}

// findToken returns what is presented and how often something is: the text counts if that is once.
func (p Presented) findToken() (text string, found int) {
	for _, header := range [...][]string{p.IntegrationKey, p.PendoIntegrationKey, p.AuthToken} {
		if len(header) > 0 {
			text, found = header[0], found+len(header)
		}
	}
	if len(p.Authorization) > 1 {
		return "", found + len(p.Authorization)
	}
	if len(p.Authorization) == 1 {
		if value, n := authorizationToken(p.Authorization[0]); n > 0 {
			text, found = value, found+n
		}
	}
	return text, found
}

// authorizationToken returns what a value of Authorization presents, and how often it presents something. A bearer
// token is presented whatever it looks like. Of another scheme only what looks like a token of ours is, wherever it
// stands in the value; what is encoded, as the user and the password of Basic are, is not looked into.
func authorizationToken(header string) (text string, found int) {
	text, found = token.Find(header)
	if value, ok := bearerToken(header); ok {
		return value, max(found, 1)
	}
	return text, found
}

// bearerToken reports false for another scheme. An empty header has no scheme: it is a token that is malformed.
func bearerToken(header string) (string, bool) {
	scheme, value, _ := strings.Cut(strings.Trim(header, " \t"), " ")
	if scheme == "" {
		return "", true
	}
	return strings.TrimLeft(value, " "), strings.EqualFold(scheme, bearer)
}

// missingKey, invalidKey and wrongKind refuse a call that has to present a key of the kind.

func missingKey(want KeyKind) Verdict { return Verdict{Code: KeyMissing, Wanted: want} }

func invalidKey(want KeyKind) Verdict { return Verdict{Code: KeyInvalid, Wanted: want} }

func wrongKind(want KeyKind, presented token.Kind) Verdict {
	return Verdict{Code: KeyWrongKind, Wanted: want, Presented: presented}
}
