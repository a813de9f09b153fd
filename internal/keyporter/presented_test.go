package keyporter

import (
	"slices"
	"strings"
	"testing"
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
	f.Fuzz(func(t *testing.T, key string, hasKey bool, pendo string, hasPendo bool, authorization string, hasAuthorization bool, own string, hasOwn, twice bool) {
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
			for _, header := range []*[]string{&p.IntegrationKey, &p.PendoIntegrationKey, &p.Authorization, &p.AuthToken} {
				*header = append(*header, *header...)
			}
		}
		text, found := p.text()
		bearer, isBearer := "", false
		if hasAuthorization {
			bearer, isBearer = bearerToken(authorization)
		}
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
		case found > 1 && len(sent) < 2 && !twice:
			t.Errorf("%q is ambiguous", sent)
		case isBearer && bearer != "" && !strings.HasSuffix(strings.Trim(authorization, " \t"), bearer):
			t.Errorf("%q is taken from %q", bearer, authorization)
		}
	})
}
