package keyporter_test

import (
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

func TestCreateFeedbackKey(t *testing.T) {
	f := newFixture(t)
	f.clock.pass(time.Second) // later events come first in the audit log
	for _, c := range []struct{ description, want string }{
		{"Ideas board", done},
		{"Ideas board", done}, // not unique
		{strings.Repeat("a", 200), done},
		{strings.Repeat("a", 201), "invalid input: description"},
		{"", "invalid input: description"},
		{"a\x00", "invalid input: description"},
		{"a\u202eb", "invalid input: description"},
		{"kpfbk_4fT9aQ0bZ7Lm_" + strings.Repeat("a", 38), "invalid input: description"},
	} {
		s := f.session(vic)
		form := keyporter.KeyForm{Description: c.description, Write: true, Once: f.Once(s, f.NewNonce(s))}
		key, token, err := f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.FeedbackKey, form)
		if kind(err) != c.want {
			t.Errorf("%q: %s, want %s", c.description, kind(err), c.want)
		}
		if err != nil {
			continue
		}
		again, second, err := f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.FeedbackKey, form)
		if kind(err) != "conflict" || second.Reveal() != "" || again != (keyporter.Key{}) {
			t.Errorf("the same form again makes %v: %v", again, err)
		}
		read, err := f.Key(f.ctx, s.Actor(home), f.acme, keyporter.FeedbackKey, key.ID.String())
		if err != nil || read != key || read.Write || read.CreatedBy != s.User.ID {
			t.Errorf("what is read later is %+v, not %+v: %v", read, key, err)
		}
		v := f.verifyFeedback(token.Reveal())
		if !v.OK() || v.KeyID != key.ID || v.Description != key.Description || v.UserID != s.User.ID ||
			v.UserName != "Vic" ||
			v.Subscription.ID != f.acme || v.Subscription.Name != "Acme" || v.SubscriptionID != f.acme || v.Write {
			t.Errorf("its token is answered %+v", v)
		}
		if !strings.HasPrefix(token.Reveal(), "kpfbk_"+key.ID.String()+"_") {
			t.Errorf("the token begins with %.18s", token.Reveal())
		}
		if l := f.auditEvents(f.acme)[0]; l.Action != keyporter.ActionCreatedFeedbackKey ||
			l.KeyID != key.ID.String() || l.Detail != key.Description || l.UserID != s.User.ID {
			t.Errorf("the audit log says %+v", l)
		}
	}
	s := f.session(vic)
	_, _, err := f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.FeedbackKey,
		keyporter.KeyForm{Description: "a key", Once: f.Once(s, f.NewNonce(f.session(tom)))})
	f.want("invalid input: nonce", err)
}

// TestFeedbackKeysWithoutTheFeature checks that Feedback API keys work while the feature, which is about integration
// keys, is off.
func TestFeedbackKeysWithoutTheFeature(t *testing.T) {
	f := newFixture(t)
	_, token := f.feedbackKey(nora, "made while on")
	for state, change := range map[string]func() error{
		"off":         func() error { return f.SwitchFeature(f.ctx, f.actor(ada), f.acme, false) },
		"unavailable": func() error { return f.SetFeatureAvailable(f.ctx, f.actor(olga), f.acme, false) },
	} {
		f.ok(change())
		_, fresh := f.feedbackKey(vic, "made while "+state)
		for _, token := range []string{token, fresh} {
			if v := f.verifyFeedback(token); !v.OK() {
				t.Errorf("%s: %s", state, v.Code)
			}
		}
	}
}

// TestFeedbackKeysOfOtherUsersAreMissing checks that other members do not list, read or delete them, whatever their
// role.
func TestFeedbackKeysOfOtherUsersAreMissing(t *testing.T) {
	f := newFixture(t)
	key, token := f.feedbackKey(vic, "Vic's")
	id := key.ID.String()
	for _, who := range []string{ada, tom, nora} {
		a := f.actor(who)
		f.want(notFound, second(f.Key(f.ctx, a, f.acme, keyporter.FeedbackKey, id)))
		f.want(notFound, f.DeleteKey(f.ctx, a, f.acme, keyporter.FeedbackKey, id, "Vic's"))
		for _, text := range []string{"", id, "vic"} {
			list, err := f.Keys(f.ctx, a, f.acme, keyporter.FeedbackKey, keyporter.KeyFilter{Text: text},
				keyporter.Position{})
			if err != nil || len(list.Rows) != 0 || list.Total != 0 {
				t.Errorf("%s finds %v with %q: %v", who, list.Rows, text, err)
			}
		}
	}
	for _, err := range []error{ // nor is it an integration key
		second(f.Key(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, id)),
		f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, id, "Vic's"),
		f.EditKey(f.ctx, f.actor(ada), f.acme, id, keyporter.KeyChanges{Description: "mine"}),
	} {
		f.want(notFound, err)
	}
	integration, _ := f.key("Acme's", false)
	f.want(notFound, f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.FeedbackKey, integration.ID.String(), ""))
	list, err := f.Keys(f.ctx, f.actor(vic), f.acme, keyporter.FeedbackKey, keyporter.KeyFilter{Text: "VIC"},
		keyporter.Position{})
	if err != nil || len(list.Rows) != 1 || list.Total != 1 || list.Rows[0] != key {
		t.Errorf("Vic finds %v, %v", list.Rows, err)
	}
	if v := f.verifyFeedback(token); !v.OK() {
		t.Errorf("the key is refused: %s", v.Code)
	}
}

// TestFeedbackKeysOfOneUserInTwoSubscriptions checks that each subscription has its own keys.
func TestFeedbackKeysOfOneUserInTwoSubscriptions(t *testing.T) {
	f := newFixture(t)
	invited, err := f.AddMember(f.ctx, f.actor(otto), f.globex,
		keyporter.Member{Name: "Vic", Email: email(vic), Role: keyporter.Viewer})
	f.ok(err)
	_, err = f.JoinSubscription(f.ctx, f.actor(vic), invited.Value.Reveal())
	f.ok(err)
	key, acmes := f.feedbackKey(vic, "Acme's")
	s := f.session(vic)
	_, made, err := f.CreateKey(f.ctx, s.Actor(home), f.globex, keyporter.FeedbackKey,
		keyporter.KeyForm{Description: "Globex's", Once: f.Once(s, f.NewNonce(s))})
	f.ok(err)
	f.want(notFound, second(f.Key(f.ctx, f.actor(vic), f.globex, keyporter.FeedbackKey, key.ID.String())))
	_, err = f.RemoveMember(f.ctx, f.actor(otto), f.globex, invited.Member.ID)
	f.ok(err)
	if v := f.verifyFeedback(made.Reveal()); v.Code != keyporter.KeyInvalid {
		t.Errorf("the key of the membership that ended: %q", v.Code)
	}
	if v := f.verifyFeedback(acmes); !v.OK() || v.Subscription.ID != f.acme {
		t.Errorf("the key of the other membership: %+v", v)
	}
}

// TestFeedbackKeysEndWithTheMembership checks that they end, and that a new membership does not bring them back.
func TestFeedbackKeysEndWithTheMembership(t *testing.T) {
	f := newFixture(t)
	f.clock.pass(time.Second)
	_, first := f.feedbackKey(vic, "one")
	_, second := f.feedbackKey(vic, "two")
	_, others := f.feedbackKey(nora, "another's")
	if v := f.verifyFeedback(first); !v.OK() {
		t.Fatal(v.Code)
	}
	_, err := f.RemoveMember(f.ctx, f.actor(ada), f.acme, f.members[vic])
	f.ok(err)
	refused := func() {
		t.Helper()
		for _, token := range []string{first, second} {
			if v := f.verifyFeedback(token); v.Code != keyporter.KeyInvalid {
				t.Errorf("a key of who was removed: %q", v.Code)
			}
		}
	}
	refused()
	f.ok(f.FlushUses(f.ctx)) // of a key that is gone
	if l := f.auditEvents(f.acme)[0]; l.Action != keyporter.ActionRemoved ||
		!strings.Contains(l.Detail, "2 Feedback API keys") {
		t.Errorf("the audit log says %+v", l)
	}
	invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme,
		keyporter.Member{Name: "Vic", Email: email(vic), Role: keyporter.Admin})
	f.ok(err)
	value, _, err := f.SignIn(f.ctx, email(vic), password, "", home)
	f.ok(err)
	found, _, err := f.FindSession(f.ctx, value.Reveal())
	f.ok(err)
	_, err = f.JoinSubscription(f.ctx, found.Actor(home), invited.Value.Reveal())
	f.ok(err)
	refused()
	list, err := f.Keys(f.ctx, found.Actor(home), f.acme, keyporter.FeedbackKey, keyporter.KeyFilter{},
		keyporter.Position{})
	if err != nil || len(list.Rows) != 0 {
		t.Errorf("who was added again has %v, %v", list.Rows, err)
	}
	if v := f.verifyFeedback(others); !v.OK() {
		t.Errorf("another's key: %s", v.Code)
	}
	if strings.Contains(f.contents("audit_lines"), "description=two") {
		t.Error("the database still holds the keys")
	}
}

func TestDeleteFeedbackKey(t *testing.T) {
	f := newFixture(t)
	key, token := f.feedbackKey(vic, "In use")
	id, a := key.ID.String(), f.actor(vic)
	if v := f.verifyFeedback(token); !v.OK() {
		t.Fatal(v.Code)
	}
	for _, c := range []struct{ confirm, want string }{
		{"", "invalid input: confirm"}, {"in use", "invalid input: confirm"}, {"In use", done}, {"In use", notFound},
	} {
		f.want(c.want, f.DeleteKey(f.ctx, a, f.acme, keyporter.FeedbackKey, id, c.confirm))
		if v := f.verifyFeedback(token); v.OK() != strings.HasPrefix(c.want, "invalid") {
			t.Errorf("after confirming with %q it is answered %q", c.confirm, v.Code)
		}
	}
	n := 0
	for _, l := range f.auditEvents(f.acme) {
		if l.KeyID == id && l.Action == keyporter.ActionDeletedFeedbackKey {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d events about one deletion", n)
	}
	for _, id := range []string{"4fT9aQ0bZ7Lm", "", "x", token} {
		f.want(notFound, f.DeleteKey(f.ctx, a, f.acme, keyporter.FeedbackKey, id, ""))
	}
}

// TestFeedbackTokenIsNotStored checks that no table has it, whatever was done with the key.
func TestFeedbackTokenIsNotStored(t *testing.T) {
	f := newFixture(t)
	key, token := f.feedbackKey(vic, "a key")
	f.VerifyFeedback(f.ctx, keyporter.Call{Presented: keyporter.Presented{AuthToken: []string{token}},
		Address: "198.51.100.1", Agent: keyporter.NewAgent("x " + token)})
	f.ok(f.FlushUses(f.ctx))
	f.ok(f.DeleteKey(f.ctx, f.actor(vic), f.acme, keyporter.FeedbackKey, key.ID.String(), "a key"))
	_, kept := f.feedbackKey(vic, "another")
	for _, token := range []string{token, kept} {
		if secret := token[19:51]; strings.Contains(f.contents(), secret) ||
			strings.Contains(f.contents(), secret[:16]) {
			t.Error("the database holds the secret")
		}
	}
}

// TestFeedbackKeysAreBounded checks that each user may create 60 keys in each subscription within an hour.
func TestFeedbackKeysAreBounded(t *testing.T) {
	f := newFixture(t)
	create := func(who, subscription string) error {
		s := f.session(who)
		form := keyporter.KeyForm{Description: "a key", Once: f.Once(s, f.NewNonce(s))}
		_, _, err := f.CreateKey(f.ctx, s.Actor(home), subscription, keyporter.FeedbackKey, form)
		return err
	}
	member := keyporter.Member{Name: "Vic", Email: email(vic), Role: keyporter.Viewer}
	invited, err := f.AddMember(f.ctx, f.actor(otto), f.globex, member)
	f.ok(err)
	_, err = f.JoinSubscription(f.ctx, f.actor(vic), invited.Value.Reveal())
	f.ok(err)
	for range 60 {
		f.ok(create(vic, f.acme))
	}
	before := len(f.auditEvents(f.acme))
	f.want("too many tries", create(vic, f.acme))
	if n := len(f.auditEvents(f.acme)) - before; n != 0 {
		t.Errorf("one key too many leaves %d events", n)
	}
	f.want("done", create(tom, f.acme))
	f.want("done", create(vic, f.globex))
	f.want("not found", create(otto, f.acme))
	f.clock.pass(time.Hour)
	f.want("done", create(vic, f.acme))
}
