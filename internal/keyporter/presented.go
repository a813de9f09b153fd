package keyporter

import (
	"strings"

	"keyporter/internal/token"
)

// A Presented holds the values of the headers in which a request may present a token, as they were sent.
type Presented struct {
	IntegrationKey      []string // X-Integration-Key
	PendoIntegrationKey []string // X-Pendo-Integration-Key
	Authorization       []string
	AuthToken           []string // auth-token: of requests with Feedback API keys alone
}

const bearer = "Bearer"

// token returns the one token that is presented, and the key ID in it. It refuses no token, several tokens, a malformed
// one, and one of another kind.
func (p *Presented) token(want KeyKind) (string, token.KeyID, Verdict) {
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

// findToken returns the presented text and how many are presented. The text is meaningful if that is one.
func (p *Presented) findToken() (text string, found int) {
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

// authorizationToken returns the text that a value of Authorization presents, and how many it presents. A bearer token
// counts whatever it looks like. With another scheme, everything in the value counts that looks like one of our tokens;
// encoded text, such as the credentials of Basic, is not decoded.
func authorizationToken(header string) (text string, found int) {
	text, found = token.Find(header)
	if value, ok := bearerToken(header); ok {
		return value, max(found, 1)
	}
	return text, found
}

// bearerToken reports false for another scheme. An empty header counts as a malformed token.
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
