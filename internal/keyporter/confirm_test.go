package keyporter_test

import (
	"testing"

	"keyporter/internal/keyporter"
)

// TestWithdrawalAsksForTheName checks that the name is compared as it looks, and that nothing happens without it.
func TestWithdrawalAsksForTheName(t *testing.T) {
	f := newFixture(t)
	f.ok(f.RenameSubscription(f.ctx, f.actor(ada), f.acme, "Caf\u00e9  Acme"))
	_, token := f.key("a key", true)
	olga := f.actor(olga)
	before := len(f.auditEvents(f.acme))
	for _, typed := range []string{"", "Acme", "caf\u00e9 acme", "Caf\u00e9 Acme 2"} {
		f.want("invalid input: confirm", f.WithdrawFeature(f.ctx, olga, f.acme, typed))
	}
	if v := f.judge(token); !v.OK() || len(f.auditEvents(f.acme)) != before {
		t.Fatalf("something was done: %+v", v)
	}
	f.ok(f.WithdrawFeature(f.ctx, olga, f.acme, " Cafe\u0301 Acme "))
	if v := f.judge(token); v.Code != "feature_disabled" {
		t.Errorf("the gate says %+v", v)
	}
	f.ok(f.WithdrawFeature(f.ctx, olga, f.acme, "")) // there is nothing to confirm
	if n := len(f.auditEvents(f.acme)) - before; n != 1 {
		t.Errorf("the log has %d events of it", n)
	}
}

// TestMemberRemoval checks the number of keys that the member created, and who cannot be removed.
func TestMemberRemoval(t *testing.T) {
	f := newFixture(t)
	for range 3 {
		s := f.session(tom)
		f.ok(third(f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey,
			keyporter.KeyForm{Description: "x", Once: f.Once(s, f.NewNonce(s))})))
	}
	f.key("Ada's", true)
	f.feedbackKey(tom, "his own")
	spare := f.spare(f.session(ada))
	for _, c := range []struct {
		id             string
		keys, feedback int
		refused        bool
	}{{f.members[tom], 3, 1, false}, {f.members[vic], 0, 0, false}, {f.members[ada], 1, 0, true},
		{spare.ID, 0, 0, false}} {
		r, err := f.MemberRemoval(f.ctx, f.actor(ada), f.acme, c.id)
		f.ok(err)
		if r.Member.ID != c.id || r.Keys != c.keys || r.FeedbackKeys != c.feedback || (r.Refused != "") != c.refused {
			t.Errorf("the removal of %s is %+v", r.Member.Name, r)
		}
	}
	f.want(notFound, second(f.MemberRemoval(f.ctx, f.actor(otto), f.globex, f.members[tom])))
}

// TestSelectedExcludeEntries checks that only existing entries are returned, and at most a page of them.
func TestSelectedExcludeEntries(t *testing.T) {
	f := newFixture(t)
	first, second := f.entry("one"), f.entry("two")
	got, err := f.SelectedExcludeEntries(f.ctx, f.actor(ada), f.acme,
		[]string{first, "4fT9aQ0bZ7Lm", second, first, "%"})
	f.ok(err)
	if len(got) != 2 || got[0].ID != first || got[1].ID != second {
		t.Errorf("it finds %+v", got)
	}
	ask := func(ids ...string) error {
		_, err := f.SelectedExcludeEntries(f.ctx, f.actor(ada), f.acme, ids)
		return err
	}
	f.want("invalid input: entry", ask())
	f.want("invalid input: entry", ask(make([]string, 51)...))
	f.want(notFound, ask("4fT9aQ0bZ7Lm"))
}
