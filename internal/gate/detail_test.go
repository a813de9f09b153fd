package gate

import (
	"strings"
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// TestEveryRefusalSaysWhatToDo: each case has a title and a sentence, which names the right kind of key.
func TestEveryRefusalSaysWhatToDo(t *testing.T) {
	const integration, feedback = keyporter.IntegrationKey, keyporter.FeedbackKey
	const where = "The Feedback API takes a Feedback API key, which every member makes for themselves under " +
		"Settings, Integrations, Feedback API keys."
	seen := map[string]keyporter.Verdict{}
	for _, c := range []struct {
		v    keyporter.Verdict
		says string
	}{
		{keyporter.Verdict{Code: keyporter.ProxyUntrusted}, "log says what to set"},
		{keyporter.Verdict{Code: keyporter.KeyMissing, Wanted: integration}, "X-Integration-Key"},
		{keyporter.Verdict{Code: keyporter.KeyMissing, Wanted: feedback}, "auth-token"},
		{keyporter.Verdict{Code: keyporter.KeyAmbiguous}, "once"},
		{keyporter.Verdict{Code: keyporter.KeyWrongKind, Wanted: integration, Presented: token.Feedback},
			"This is a Feedback API key. The API takes an integration key, made under Settings, Integrations, " +
				"Integration Keys."},
		{keyporter.Verdict{Code: keyporter.KeyWrongKind, Wanted: integration, Presented: token.Application},
			"This is an application key, which belongs in an install snippet. The API takes an integration key"},
		{keyporter.Verdict{Code: keyporter.KeyWrongKind, Wanted: feedback, Presented: token.Integration},
			"This is an integration key. " + where},
		{keyporter.Verdict{Code: keyporter.KeyWrongKind, Wanted: feedback, Presented: token.Application},
			"This is an application key, which belongs in an install snippet. " + where},
		{keyporter.Verdict{Code: keyporter.KeyInvalid, Wanted: integration}, "not a valid integration key"},
		{keyporter.Verdict{Code: keyporter.KeyInvalid, Wanted: feedback}, "not a valid Feedback API key"},
		{keyporter.Verdict{Code: keyporter.Unavailable}, "Try again"},
		{keyporter.Verdict{Code: keyporter.KeyDisabled}, "can enable it"},
		{keyporter.Verdict{Code: keyporter.KeyExpired}, "has expired"},
		{keyporter.Verdict{Code: keyporter.FeatureDisabled}, "switch them on under Settings, Integrations"},
		{keyporter.Verdict{Code: keyporter.AddressNotAllowed}, "can allow it"},
		{keyporter.Verdict{Code: keyporter.WriteAccessRequired}, "with write access"},
		{keyporter.Verdict{Code: keyporter.ApplicationUnknown, Reason: keyporter.AppIDMalformed}, "1,000 at most"},
		{keyporter.Verdict{Code: keyporter.ApplicationUnknown, Reason: keyporter.ExpandMalformed},
			"expand takes * alone"},
		{keyporter.Verdict{Code: keyporter.ApplicationUnknown, Reason: keyporter.AppIDAndExpand}, "not both"},
		{keyporter.Verdict{Code: keyporter.ApplicationUnknown, Reason: keyporter.ApplicationNotOwned},
			"has no such application"},
		{keyporter.Verdict{Code: keyporter.BlacklistInvalid}, "apply, ignore and only"},
	} {
		says := detail(c.v)
		if !strings.Contains(says, c.says) || titles[c.v.Code] == "" {
			t.Errorf("%+v: %q, %q", c.v, titles[c.v.Code], says)
		}
		if other, found := seen[says]; found {
			t.Errorf("%+v and %+v say the same", c.v, other)
		}
		seen[says] = c.v
	}
}
