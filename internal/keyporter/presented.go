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
func (p Presented) token(want token.Kind) (string, token.KeyID, Verdict) {
	text, found := p.text()
	switch {
	case found == 0:
		return "", token.KeyID{}, missingKey(want)
	case found > 1:
		return "", token.KeyID{}, no(KeyAmbiguous, "Send the key once, in one header.")
	}
	kind, id, err := token.Parse(text)
	if err != nil {
		return "", token.KeyID{}, invalidKey(want)
	}
	if kind != want {
		return "", token.KeyID{}, wrongKind(want, kind)
	}
	return text, id, Verdict{}
}

// text returns what is presented and how often something is: the text counts if that is once.
func (p Presented) text() (text string, found int) {
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

// Where the keys of each kind are made.
const (
	integrationKeysMade = "an integration key, made under Settings, Integrations, Integration Keys."
	feedbackKeysMade    = "a Feedback API key, which every member makes for themselves under Settings, Integrations, Feedback API keys."
)

func missingKey(want token.Kind) Verdict {
	if want == token.Feedback {
		return no(KeyMissing, "Send a Feedback API key in the header auth-token, X-Integration-Key, X-Pendo-Integration-Key, or Authorization: Bearer.")
	}
	return no(KeyMissing, "Send an integration key in the header X-Integration-Key, X-Pendo-Integration-Key, or Authorization: Bearer.")
}

func invalidKey(want token.Kind) Verdict {
	if want == token.Feedback {
		return no(KeyInvalid, "This is not a valid Feedback API key. It may be mistyped or deleted, or have ended with its user; a lost key cannot be shown again, so create a new one.")
	}
	return no(KeyInvalid, "This is not a valid integration key. It may be mistyped or deleted; a lost key cannot be shown again, so create a new one.")
}

// wrongKind says what was presented instead of what was wanted, and where that is made.
func wrongKind(want, presented token.Kind) Verdict {
	switch {
	case want == token.Feedback && presented == token.Application:
		return no(KeyWrongKind, "This is an application key, which belongs in an install snippet. The Feedback API takes "+feedbackKeysMade)
	case want == token.Feedback:
		return no(KeyWrongKind, "This is an integration key. The Feedback API takes "+feedbackKeysMade)
	case presented == token.Application:
		return no(KeyWrongKind, "This is an application key, which belongs in an install snippet. The API takes "+integrationKeysMade)
	}
	return no(KeyWrongKind, "This is a Feedback API key. The API takes "+integrationKeysMade)
}
