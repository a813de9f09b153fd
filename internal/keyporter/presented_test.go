package keyporter

import (
	"slices"
	"strings"
	"testing"

	"keyporter/internal/token"
)

// FuzzPresented: of any headers at most one token is taken, it is one that was sent, and it is never taken when there
// could be another.
func FuzzPresented(f *testing.F) {
	f.Add("a", true, "", false, "", false, "", false, false)
	f.Add("a", true, "a", true, "", false, "", false, false)
	f.Add("", true, "", false, "Bearer b", true, "", false, false)
	f.Add("", false, "", false, "Basic YTpi", true, "", false, true)
	f.Add("", false, "", false, " bearer   b", true, "", false, false)
	f.Add("", false, "", false, "", false, "c", true, false)
	f.Add("", false, "", false, "Bearer b", true, "c", true, false)
	f.Add("a", true, "", false, "Digest a, Bearer kpint_4fT9aQ0bZ7Lm_0123456789abcdef0123456789abcdef000000", true, "",
		false, false)
	f.Fuzz(func(t *testing.T, key string, hasKey bool, pendo string, hasPendo bool, authorization string,
		hasAuthorization bool, own string, hasOwn, twice bool) {
		var p Presented
		if hasKey {
			p.IntegrationKey = []string{key}
		}
		if hasPendo {
			p.PendoIntegrationKey = []string{pendo}
		}
		if hasAuthorization {
			p.Authorization = []string{authorization}
		}
		if hasOwn {
			p.AuthToken = []string{own}
		}
		if twice {
			for _, header := range []*[]string{&p.IntegrationKey, &p.PendoIntegrationKey, &p.Authorization,
				&p.AuthToken} {
				*header = append(*header, *header...)
			}
		}
		text, found := p.findToken()
		bearer, presented := "", 0
		if hasAuthorization {
			bearer, presented = authorizationToken(authorization)
		}
		isBearer := presented > 0
		var sent []string
		for _, s := range []struct {
			text string
			is   bool
		}{{key, hasKey}, {pendo, hasPendo}, {bearer, isBearer}, {own, hasOwn}} {
			if s.is {
				sent = append(sent, s.text)
			}
		}
		switch {
		case found == 1 && (len(sent) != 1 || twice || !slices.Contains(sent, text)):
			t.Errorf("of %q, twice %v, the token %q is taken", sent, twice, text)
		case found == 0 && len(sent) > 0:
			t.Errorf("none is found in %q", sent)
		case found > 1 && len(sent) < 2 && presented < 2 && !twice:
			t.Errorf("%q is ambiguous", sent)
		case isBearer && !strings.Contains(authorization, bearer):
			t.Errorf("%q is taken from %q", bearer, authorization)
		}
	})
}

// TestTokenAnywhereInAuthorization checks that one of our tokens counts as presented in each scheme and position.
func TestTokenAnywhereInAuthorization(t *testing.T) {
	integration, _ := token.Mint("kp", token.Integration, token.KeyID([]byte("4fT9aQ0bZ7Lm")))
	feedback, _ := token.Mint("acme", token.Feedback, token.KeyID([]byte("4fT9aQ0bZ7Lm")))
	key, other, application := integration.Reveal(), feedback.Reveal(), "kpapp_"+strings.Repeat("a", 32)
	for _, c := range []struct {
		value string
		found int
		text  string // that is taken, where it is one
	}{
		{"Bearer " + key, 1, key},
		{"Digest a, Bearer " + key, 1, key},
		{"Digest a,Bearer " + other, 1, other},
		{`Digest username="` + key + `", realm="x"`, 1, key},
		{"Token token=" + application, 1, application},
		{key, 1, key},
		{"Basic " + key[:30], 1, key[:30]},
		{"x-" + key + "=", 1, key},
		{"Bearer " + key + ", Bearer " + other, 2, ""},
		{"Digest " + key + "," + key, 2, ""},
		{"Bearer", 1, ""},
		{"Bearer ,Basic x", 1, ",Basic x"},
		{"Basic YTpi", 0, ""},
		{`Digest username="sprint_planning", nonce="a_b_c"`, 0, ""},
		{"Digest print_" + strings.Repeat("a", 60), 0, ""},
		{"_", 0, ""},
		{"int_4fT9aQ0bZ7Lm_0123456789", 0, ""},
	} {
		text, found := (&Presented{Authorization: []string{c.value}}).findToken()
		if found != c.found || found == 1 && text != c.text {
			t.Errorf("%q: %d, %q", c.value, found, text)
		}
		if _, found := (&Presented{IntegrationKey: []string{key},
			Authorization: []string{c.value}}).findToken(); found != c.found+1 {
			t.Errorf("%q with a key: %d", c.value, found)
		}
	}
}
