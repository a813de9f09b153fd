package keyporter_test

import (
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// verifyFeedback presents tokens in the header of their own.
func (f *fixture) verifyFeedback(tokens ...string) keyporter.Verified {
	return f.VerifyFeedback(f.ctx, keyporter.Call{Presented: keyporter.Presented{AuthToken: tokens}, Method: "GET",
		Path: "/", Address: "198.51.100.1"})
}

// TestFeedbackKeyLastUse checks that a use is shown at once and written later, that a refused call is no use, and that
// nothing is counted for the subscription, whose figures are those of integration keys.
func TestFeedbackKeyLastUse(t *testing.T) {
	f := newFixture(t)
	key, token := f.feedbackKey(vic, "a key")
	shown := func() keyporter.Key {
		t.Helper()
		k, err := f.Key(f.ctx, f.actor(vic), f.acme, keyporter.FeedbackKey, key.ID.String())
		f.ok(err)
		list, err := f.Keys(f.ctx, f.actor(vic), f.acme, keyporter.FeedbackKey, keyporter.KeyFilter{},
			keyporter.Position{})
		f.ok(err)
		if len(list.Rows) != 1 || list.Rows[0] != k {
			t.Errorf("the list shows %+v, the key is %+v", list.Rows, k)
		}
		return k
	}
	f.verifyFeedback(withChecksum("kpfbk_" + key.ID.String() + "_" + strings.Repeat("a", 32)))
	f.judge(token)
	f.ok(f.FlushUses(f.ctx))
	if k := shown(); !k.LastUsed.IsZero() {
		t.Errorf("a refused request is its last use: %+v", k)
	}
	f.verifyFeedback(token)
	if k := shown(); !k.LastUsed.Equal(start) || k.LastAddress != "198.51.100.1" {
		t.Errorf("before it is written: %+v", k)
	}
	f.ok(f.FlushUses(f.ctx))
	f.reopen()
	if k := shown(); !k.LastUsed.Equal(start) || k.LastAddress != "198.51.100.1" {
		t.Errorf("after a restart: %+v", k)
	}
	f.clock.pass(-4 * time.Minute) // a clock that was set back
	f.verifyFeedback(token)
	f.ok(f.FlushUses(f.ctx))
	if k := shown(); !k.LastUsed.Equal(start) {
		t.Errorf("an earlier use replaced a later one: %+v", k)
	}
	c, err := f.SwitchOffConsequence(f.ctx, f.actor(ada), f.acme)
	f.ok(err)
	if c.Requests != 0 || c.UsedLastDay != 0 {
		t.Errorf("switching Integration Keys off is said to stop %+v", c)
	}
}

// TestFeedbackRefusals checks the refusals in their order, in each of the four headers. Each call also has every
// mistake that is judged later.
func TestFeedbackRefusals(t *testing.T) {
	s := newRefusalSuite(t)
	key, good := s.feedbackKey(vic, "good")
	gone, deleted := s.feedbackKey(vic, "deleted")
	s.ok(s.DeleteKey(s.ctx, s.actor(vic), s.acme, keyporter.FeedbackKey, gone.ID.String(), ""))
	secret := strings.Repeat("a", 32)
	// The database decides, which another process than the one that serves a file can read as well.
	s.ok(s.store.Close())
	blind := s.Porter
	s.openWith(keyporter.Options{}, nil)
	all := map[string]func(tokens ...string) keyporter.Presented{
		"auth-token": func(t ...string) keyporter.Presented { return keyporter.Presented{AuthToken: t} },
	}
	for name, form := range forms {
		all[name] = form
	}
	answers := map[keyporter.Code]keyporter.Verdict{}
	for form, present := range all {
		for _, c := range []struct {
			name   string
			tokens []string
			porter *keyporter.Porter
			want   keyporter.Code
			// presented is what the refusal says was presented
			presented token.Kind
		}{
			{"none, blind", nil, blind, keyporter.KeyMissing, ""},
			{"twice, blind", []string{good, good}, blind, keyporter.KeyAmbiguous, ""},
			{"an integration key, blind", []string{s.writer}, blind, keyporter.KeyWrongKind, token.Integration},
			{"an application key, blind", []string{"kpapp_" + secret}, blind, keyporter.KeyWrongKind,
				token.Application},
			{"malformed, blind", []string{good[:40]}, blind, keyporter.KeyInvalid, ""},
			{"a wrong check, blind", []string{good[:len(good)-1] + "-"}, blind, keyporter.KeyInvalid, ""},
			{"empty", []string{""}, s.Porter, keyporter.KeyInvalid, ""},
			{"garbage", []string{"\x00\xff"}, s.Porter, keyporter.KeyInvalid, ""},
			{"unknown", []string{withChecksum("kpfbk_000000000000_" + secret)}, s.Porter, keyporter.KeyInvalid, ""},
			{"an integration key's ID", []string{withChecksum("kpfbk_" + s.writer[6:18] + "_" + secret)}, s.Porter,
				keyporter.KeyInvalid, ""},
			{"a wrong secret", []string{withChecksum("kpfbk_" + key.ID.String() + "_" + secret)}, s.Porter,
				keyporter.KeyInvalid, ""},
			{"another prefix", []string{withChecksum("acmefbk_" + good[6:len(good)-6])}, s.Porter, keyporter.KeyInvalid,
				""},
			{"deleted", []string{deleted}, s.Porter, keyporter.KeyInvalid, ""},
			{"a good key, blind", []string{good}, blind, keyporter.Unavailable, ""},
			{"a good key", []string{good}, s.Porter, "", ""},
		} {
			v := c.porter.VerifyFeedback(s.ctx, keyporter.Call{Presented: present(c.tokens...), Method: "DELETE",
				Override: true})
			if v.Code != c.want || v.Presented != c.presented {
				t.Errorf("%s, %s: %q (%s), want %q", form, c.name, v.Code, v.Presented, c.want)
			}
			if first, found := answers[v.Code]; v.Code == keyporter.KeyInvalid && found && v.Verdict != first {
				t.Errorf("%s, %s differs from the others: %+v and %+v", form, c.name, v, first)
			}
			if refusal := (keyporter.Verdict{Code: v.Code, Wanted: v.Wanted, Presented: v.Presented}); !v.OK() &&
				v != (keyporter.Verified{Verdict: refusal}) {
				t.Errorf("%s, %s: the refusal says %+v", form, c.name, v)
			}
			answers[v.Code] = v.Verdict
		}
	}
	one := []string{good}
	for name, p := range map[string]keyporter.Presented{
		"auth-token and X-Integration-Key":       {AuthToken: one, IntegrationKey: one},
		"auth-token and X-Pendo-Integration-Key": {AuthToken: one, PendoIntegrationKey: one},
		"auth-token and Authorization":           {AuthToken: one, Authorization: []string{"Bearer " + good}},
		"an empty auth-token next to a key":      {AuthToken: []string{""}, IntegrationKey: one},
	} {
		if v := s.VerifyFeedback(s.ctx, keyporter.Call{Presented: p}); v.Code != keyporter.KeyAmbiguous {
			t.Errorf("%s: %q", name, v.Code)
		}
	}
	if v := s.VerifyFeedback(s.ctx, keyporter.Call{Presented: keyporter.Presented{AuthToken: one,
		Authorization: []string{"Basic abc"}}}); !v.OK() {
		t.Errorf("with another scheme: %q", v.Code)
	}
}

// TestWrongKindsAreNamed checks that the refusal of another token where an integration key is required says which kind
// it is.
func TestWrongKindsAreNamed(t *testing.T) {
	f := newFixture(t)
	_, made := f.feedbackKey(vic, "a key")
	for presented, kind := range map[string]token.Kind{made: token.Feedback, "kpapp_" +
		strings.Repeat("a", 32): token.Application} {
		v := f.judge(presented)
		if v.Code != keyporter.KeyWrongKind || v.Wanted != keyporter.IntegrationKey || v.Presented != kind {
			t.Errorf("a key of the kind %s is answered %+v", kind, v)
		}
	}
}
