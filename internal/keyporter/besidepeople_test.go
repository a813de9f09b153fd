package keyporter_test

import (
	"testing"

	"keyporter/internal/keyporter"
)

// newHeldEmptyHouse is newHeldHouse before the set-up.
func newHeldEmptyHouse(t *testing.T) (*house, *held) {
	t.Helper()
	h, s := newHeldHouse(t)
	h.path = engine.Empty(t)
	h.ok(h.store.Close())
	h.openWith(keyporter.Options{}, func(below keyporter.Store) keyporter.Store {
		s.Store = below
		return s
	})
	return h, s
}

// TestSignInBesideANewPassword: no session that the old password began outlives it.
func TestSignInBesideANewPassword(t *testing.T) {
	h, s := newHeldHouse(t)
	_, link, err := h.NewPasswordLink(h.ctx, email(vic))
	h.ok(err)
	var value keyporter.Token
	s.atUser = true
	first, second := h.beside(s, 1, func() error { // the first transaction counts the try
		value, _, err = h.SignIn(h.ctx, email(vic), password, "", home)
		return err
	}, func() error { return h.SetNewPassword(h.ctx, link.Reveal(), "another four words here", home) })
	if first != done || second != done {
		t.Fatalf("signing in: %s; setting a password: %s", first, second)
	}
	if _, _, err := h.FindSession(h.ctx, value.Reveal()); kind(err) != "not found" {
		t.Errorf("the session that the old password began: %s", kind(err))
	}
}

// TestLinksBesideThemselves: a link is used once, and replaced at once.
func TestLinksBesideThemselves(t *testing.T) {
	h, s := newHeldHouse(t)
	_, link, err := h.NewPasswordLink(h.ctx, email(vic))
	h.ok(err)
	set := func(password string) func() error {
		return func() error { return h.SetNewPassword(h.ctx, link.Reveal(), password, home) }
	}
	if first, second := h.beside(s, 0, set("the first of four words"), set("the second of four words")); first != done || second != "not found" {
		t.Errorf("one link, used twice: %s, %s", first, second)
	}
	var one, two keyporter.Token
	first, second := h.beside(s, 0, func() error { _, one, err = h.NewPasswordLink(h.ctx, email(tom)); return err },
		func() (err error) { _, two, err = h.NewPasswordLink(h.ctx, email(tom)); return err })
	if first != done || second != done {
		t.Fatalf("two links at once: %s, %s", first, second)
	}
	_, err = h.NewPasswordFor(h.ctx, one.Reveal())
	h.want("not found", err)
	_, err = h.NewPasswordFor(h.ctx, two.Reveal())
	h.want(done, err)
}

// TestSetUpLinksBesideEachOther, as where two nodes start on an empty database: the later is good.
func TestSetUpLinksBesideEachOther(t *testing.T) {
	h, s := newHeldEmptyHouse(t)
	var one, two keyporter.Token
	var err error
	first, second := h.beside(s, 0, func() error { one, err = h.SetUpLink(h.ctx); return err },
		func() (err error) { two, err = h.SetUpLink(h.ctx); return err })
	if first != done || second != done {
		t.Fatalf("two set-up links at once: %s, %s", first, second)
	}
	h.want("not found", h.CheckSetUpLink(h.ctx, one.Reveal()))
	h.want(done, h.CheckSetUpLink(h.ctx, two.Reveal()))
}

// TestJoinBesideANewLink: who has joined gets no link.
func TestJoinBesideANewLink(t *testing.T) {
	h, s := newHeldHouse(t)
	invited, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Otto", Email: email(otto), Role: keyporter.Viewer})
	h.ok(err)
	admin, joining := h.actor(ada), h.actor(otto)
	first, second := h.beside(s, 0, func() error {
		_, err := h.JoinSubscription(h.ctx, joining, invited.Value.Reveal())
		return err
	}, func() error {
		_, err := h.RenewInvitation(h.ctx, admin, h.acme, invited.Member.ID)
		return err
	})
	if first != done || second != "not found" {
		t.Errorf("joining: %s; a new link: %s", first, second)
	}
}

// TestSetUpTwiceAtOnce with one link, by two people: the second finds it used up.
func TestSetUpTwiceAtOnce(t *testing.T) {
	h, s := newHeldEmptyHouse(t)
	link, err := h.SetUpLink(h.ctx)
	h.ok(err)
	setUp := func(subscription, who string) func() error {
		form := keyporter.SetUpForm{Subscription: subscription, Name: who, Email: email(who), Password: password}
		return func() error { _, _, err := h.SetUp(h.ctx, link.Reveal(), form, home); return err }
	}
	if first, second := h.beside(s, 0, setUp("Acme", ada), setUp("Globex", otto)); first != done || second != notFound {
		t.Errorf("one link, used twice: %s, %s", first, second)
	}
}

// TestPasswordChangedTwiceAtOnce: nobody is told that a password was changed which then is another one.
func TestPasswordChangedTwiceAtOnce(t *testing.T) {
	h, s := newHeldHouse(t)
	actor := h.actor(vic)
	change := func(fresh string) func() error {
		return func() error { _, err := h.ChangePassword(h.ctx, actor, password, fresh); return err }
	}
	const one, other = "the first of four words", "the second of four words"
	s.atUser = true
	first, second := h.beside(s, 1, change(one), change(other)) // the first transaction counts the try
	if first != done || second == done {
		t.Errorf("changing a password twice: %s, %s", first, second)
	}
	h.want(done, h.signIn(email(vic), one, home))
}

// TestInvitedTwiceAndAcceptedAtOnce: a new address makes one account, and who comes second is told what to do.
func TestInvitedTwiceAndAcceptedAtOnce(t *testing.T) {
	h, s := newHeldHouse(t)
	accept := func(admin, subscription string) func() error {
		invited, err := h.AddMember(h.ctx, h.actor(admin), subscription, keyporter.Member{Name: "Zoe", Email: email("zoe"), Role: keyporter.Viewer})
		h.ok(err)
		return func() error {
			_, _, err := h.AcceptInvitation(h.ctx, invited.Value.Reveal(), "Zoe", password, home)
			return err
		}
	}
	if first, second := h.beside(s, 0, accept(ada, h.acme), accept(otto, h.globex)); first != done || second != "conflict" {
		t.Errorf("two invitations to one address: %s, %s", first, second)
	}
}

// TestFirstInvitationBesideItsAcceptance: where somebody has just joined there is no new link to be had.
func TestFirstInvitationBesideItsAcceptance(t *testing.T) {
	h, s := newHeldHouse(t)
	operator, joining := h.actor(olga), h.actor(otto)
	invited, err := h.CreateSubscription(h.ctx, operator, keyporter.SubscriptionForm{Subscription: "Initech", Name: "Otto", Email: email(otto)})
	h.ok(err)
	first, second := h.beside(s, 0, func() error {
		_, err := h.JoinSubscription(h.ctx, joining, invited.Value.Reveal())
		return err
	}, func() error {
		_, err := h.RenewFirstInvitation(h.ctx, operator, invited.Member.SubscriptionID)
		return err
	})
	if first != done || second != notFound {
		t.Errorf("joining: %s; a new link: %s", first, second)
	}
}
