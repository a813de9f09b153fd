package keyporter_test

import (
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// newHeldEmptyHouse is newHeldHouse before the set-up.
func newHeldEmptyFixture(t *testing.T) (*fixture, *held) {
	t.Helper()
	f, s := newHeldFixture(t)
	f.path = engine.Empty(t)
	f.ok(f.store.Close())
	f.openWith(keyporter.Options{}, func(below keyporter.Store) keyporter.Store {
		s.Store = below
		return s
	})
	return f, s
}

// TestSignInDuringANewPassword: no session that the old password began outlives it.
func TestSignInDuringANewPassword(t *testing.T) {
	f, s := newHeldFixture(t)
	_, link, err := f.NewPasswordLink(f.ctx, email(vic))
	f.ok(err)
	var value token.Token
	s.after = readUser
	first, second := f.concurrently(s, 1, func() error { // the first transaction counts the try
		value, _, err = f.SignIn(f.ctx, email(vic), password, "", home)
		return err
	}, func() error { return f.SetNewPassword(f.ctx, link.Reveal(), "another four words here", home) })
	if first != done || second != done {
		t.Fatalf("signing in: %s; setting a password: %s", first, second)
	}
	if _, _, err := f.FindSession(f.ctx, value.Reveal()); kind(err) != "not found" {
		t.Errorf("the session that the old password began: %s", kind(err))
	}
}

// TestConcurrentLinks: a link is used once, and replaced at once.
func TestConcurrentLinks(t *testing.T) {
	f, s := newHeldFixture(t)
	_, link, err := f.NewPasswordLink(f.ctx, email(vic))
	f.ok(err)
	set := func(password string) func() error {
		return func() error { return f.SetNewPassword(f.ctx, link.Reveal(), password, home) }
	}
	if first, second := f.concurrently(s, 0, set("the first of four words"),
		set("the second of four words")); first != done || second != "not found" {
		t.Errorf("one link, used twice: %s, %s", first, second)
	}
	var one, two token.Token
	first, second := f.concurrently(s, 0, func() error {
		_, one,
			err = f.NewPasswordLink(f.ctx, email(tom))
		return err
	},
		func() (err error) { _, two, err = f.NewPasswordLink(f.ctx, email(tom)); return err })
	if first != done || second != done {
		t.Fatalf("two links at once: %s, %s", first, second)
	}
	_, err = f.NewPasswordFor(f.ctx, one.Reveal())
	f.want("not found", err)
	_, err = f.NewPasswordFor(f.ctx, two.Reveal())
	f.want(done, err)
}

// TestConcurrentSetUpLinks, as where two nodes start on an empty database: the later is good.
func TestConcurrentSetUpLinks(t *testing.T) {
	f, s := newHeldEmptyFixture(t)
	var one, two token.Token
	var err error
	first, second := f.concurrently(s, 0, func() error { one, err = f.SetUpLink(f.ctx); return err },
		func() (err error) { two, err = f.SetUpLink(f.ctx); return err })
	if first != done || second != done {
		t.Fatalf("two set-up links at once: %s, %s", first, second)
	}
	f.want("not found", f.CheckSetUpLink(f.ctx, one.Reveal()))
	f.want(done, f.CheckSetUpLink(f.ctx, two.Reveal()))
}

// TestJoinDuringANewLink: who has joined gets no link.
func TestJoinDuringANewLink(t *testing.T) {
	f, s := newHeldFixture(t)
	invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme,
		keyporter.Member{Name: "Otto", Email: email(otto), Role: keyporter.Viewer})
	f.ok(err)
	admin, joining := f.actor(ada), f.actor(otto)
	first, second := f.concurrently(s, 0, func() error {
		_, err := f.JoinSubscription(f.ctx, joining, invited.Value.Reveal())
		return err
	}, func() error {
		_, err := f.RenewInvitation(f.ctx, admin, f.acme, invited.Member.ID)
		return err
	})
	if first != done || second != "not found" {
		t.Errorf("joining: %s; a new link: %s", first, second)
	}
}

// TestSetUpTwiceAtOnce with one link, by two people: the second finds it used up.
func TestSetUpTwiceAtOnce(t *testing.T) {
	f, s := newHeldEmptyFixture(t)
	link, err := f.SetUpLink(f.ctx)
	f.ok(err)
	setUp := func(subscription, who string) func() error {
		form := keyporter.SetUpForm{Subscription: subscription, Name: who, Email: email(who), Password: password}
		return func() error { _, _, err := f.SetUp(f.ctx, link.Reveal(), form, home); return err }
	}
	if first, second := f.concurrently(s, 0, setUp("Acme", ada), setUp("Globex", otto)); first != done ||
		second != notFound {
		t.Errorf("one link, used twice: %s, %s", first, second)
	}
}

// TestPasswordChangedTwiceAtOnce: a change of password that is overtaken by another one does not report success.
func TestPasswordChangedTwiceAtOnce(t *testing.T) {
	f, s := newHeldFixture(t)
	actor := f.actor(vic)
	change := func(fresh string) func() error {
		return func() error { _, err := f.ChangePassword(f.ctx, actor, password, fresh); return err }
	}
	const one, other = "the first of four words", "the second of four words"
	s.after = readUser
	first, second := f.concurrently(s, 1, change(one), change(other)) // the first transaction counts the try
	if first != done || second == done {
		t.Errorf("changing a password twice: %s, %s", first, second)
	}
	f.want(done, f.signIn(email(vic), one, home))
}

// TestInvitedTwiceAndAcceptedAtOnce: a new address makes one account, and who comes second is told what to do.
func TestInvitedTwiceAndAcceptedAtOnce(t *testing.T) {
	f, s := newHeldFixture(t)
	accept := func(admin, subscription string) func() error {
		invited, err := f.AddMember(f.ctx, f.actor(admin), subscription,
			keyporter.Member{Name: "Zoe", Email: email("zoe"), Role: keyporter.Viewer})
		f.ok(err)
		return func() error {
			_, _, err := f.AcceptInvitation(f.ctx, invited.Value.Reveal(), "Zoe", password, home)
			return err
		}
	}
	if first, second := f.concurrently(s, 0, accept(ada, f.acme), accept(otto, f.globex)); first != done ||
		second != "conflict" {
		t.Errorf("two invitations to one address: %s, %s", first, second)
	}
}

// TestFirstInvitationDuringItsAcceptance: there is no new link for somebody who has just joined.
func TestFirstInvitationDuringItsAcceptance(t *testing.T) {
	f, s := newHeldFixture(t)
	operator, joining := f.actor(olga), f.actor(otto)
	invited, err := f.CreateSubscription(f.ctx, operator, keyporter.SubscriptionForm{Subscription: "Initech",
		Name: "Otto", Email: email(otto)})
	f.ok(err)
	first, second := f.concurrently(s, 0, func() error {
		_, err := f.JoinSubscription(f.ctx, joining, invited.Value.Reveal())
		return err
	}, func() error {
		_, err := f.RenewFirstInvitation(f.ctx, operator, invited.Member.SubscriptionID)
		return err
	})
	if first != done || second != notFound {
		t.Errorf("joining: %s; a new link: %s", first, second)
	}
}

// TestInvitedWhileEmailsAreRefolded: a node that starts holds up those who invite, and is not held up by them.
func TestInvitedWhileEmailsAreRefolded(t *testing.T) {
	f, s := newHeldFixture(t)
	f.ok(f.store.Write(f.ctx, func(tx keyporter.Tx) error {
		m := keyporter.Member{
			ID: "old000000000", SubscriptionID: f.acme, Name: "Old", Email: "stra\u00dfe@example.com",
			Role:    keyporter.Viewer,
			Invited: start,
		}
		return tx.InsertMember(m, m.Email)
	}))
	admin := f.actor(ada)
	other := keyporter.Member{Name: "New", Email: "strasse@example.com", Role: keyporter.Viewer}
	s.after = readEmails
	first, second := f.concurrently(s, 0, func() error { return f.RefoldEmails(f.ctx) }, func() error {
		_, err := f.AddMember(f.ctx, admin, f.acme, other)
		return err
	})
	if first != done || second != "invalid input: email" {
		t.Errorf("refolding: %s; inviting: %s", first, second)
	}
}

// TestSignInToJoinDuringAJoin: both lock the subscription before the user, so that neither is rolled back.
func TestSignInToJoinDuringAJoin(t *testing.T) {
	f, s := newHeldFixture(t)
	member := keyporter.Member{Name: "Otto", Email: email(otto), Role: keyporter.Viewer}
	invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme, member)
	f.ok(err)
	joining, invitation := f.actor(otto), invited.Value.Reveal()
	s.after = clearedTries
	first, second := f.concurrently(s, 1, func() error { // the first transaction counts the try
		_, _, err := f.SignIn(f.ctx, email(otto), password, invitation, home)
		return err
	}, func() error {
		_, err := f.JoinSubscription(f.ctx, joining, invitation)
		return err
	})
	if n := s.reruns.Load(); first != done || second != notFound || n != 0 {
		t.Errorf("signing in to join: %s; joining: %s; %d transactions were rolled back for another", first, second, n)
	}
}
