package keyporter_test

import (
	"testing"

	"keyporter/internal/keyporter"
)

// TestWithdrawalWantsTheName as people see it, and does nothing without.
func TestWithdrawalWantsTheName(t *testing.T) {
	h := newHouse(t)
	h.ok(h.RenameSubscription(h.ctx, h.actor(ada), h.acme, "Caf\u00e9  Acme"))
	_, token := h.key("a key", true)
	olga := h.actor(olga)
	before := len(h.lines(h.acme))
	for _, typed := range []string{"", "Acme", "caf\u00e9 acme", "Caf\u00e9 Acme 2"} {
		h.want("invalid input: confirm", h.WithdrawFeature(h.ctx, olga, h.acme, typed))
	}
	if v := h.judge(token); !v.OK() || len(h.lines(h.acme)) != before {
		t.Fatalf("something was done: %+v", v)
	}
	h.ok(h.WithdrawFeature(h.ctx, olga, h.acme, " Cafe\u0301 Acme "))
	if v := h.judge(token); v.Code != "feature_disabled" {
		t.Errorf("the gate says %+v", v)
	}
	h.ok(h.WithdrawFeature(h.ctx, olga, h.acme, "")) // there is nothing to confirm
	if n := len(h.lines(h.acme)) - before; n != 1 {
		t.Errorf("the log has %d lines of it", n)
	}
}

// TestRemovalSaysWhatItMeans: how many keys somebody made, and who cannot be removed.
func TestRemovalSaysWhatItMeans(t *testing.T) {
	h := newHouse(t)
	for range 3 {
		s := h.session(tom)
		h.ok(third(h.CreateKey(h.ctx, s, home, h.acme, keyporter.KeyForm{Description: "x", Nonce: h.NewNonce(s)})))
	}
	h.key("Ada's", true)
	h.feedbackKey(tom, "his own")
	spare := h.spare(h.session(ada))
	for _, c := range []struct {
		id             string
		keys, feedback int
		refused        bool
	}{{h.members[tom], 3, 1, false}, {h.members[vic], 0, 0, false}, {h.members[ada], 1, 0, true}, {spare.ID, 0, 0, false}} {
		r, err := h.MemberRemoval(h.ctx, h.actor(ada), h.acme, c.id)
		h.ok(err)
		if r.Member.ID != c.id || r.Keys != c.keys || r.FeedbackKeys != c.feedback || (r.Refused != "") != c.refused {
			t.Errorf("the removal of %s is %+v", r.Member.Name, r)
		}
	}
	h.want(notFound, second(h.MemberRemoval(h.ctx, h.actor(otto), h.globex, h.members[tom])))
}

// TestSelectedExcludeEntries: what is asked about is what is there, and no more than a page.
func TestSelectedExcludeEntries(t *testing.T) {
	h := newHouse(t)
	first, second := h.entry("one"), h.entry("two")
	got, err := h.SelectedExcludeEntries(h.ctx, h.actor(ada), h.acme, []string{first, "4fT9aQ0bZ7Lm", second, first, "%"})
	h.ok(err)
	if len(got) != 2 || got[0].ID != first || got[1].ID != second {
		t.Errorf("it finds %+v", got)
	}
	ask := func(ids ...string) error {
		_, err := h.SelectedExcludeEntries(h.ctx, h.actor(ada), h.acme, ids)
		return err
	}
	h.want("invalid input: entry", ask())
	h.want("invalid input: entry", ask(make([]string, 51)...))
	h.want(notFound, ask("4fT9aQ0bZ7Lm"))
}
