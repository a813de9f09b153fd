package keyporter_test

import (
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// newPausingEmptyFixture is newPausingFixture before the set-up.
func newPausingEmptyFixture(t *testing.T) (*fixture, *pausingStore) {
	t.Helper()
	f, s := newPausingFixture(t)
	f.path = engine.Empty(t)
	f.ok(f.store.Close())
	f.openWith(keyporter.Options{}, func(below keyporter.Store) keyporter.Store {
		s.Store = below
		return s
	})
	return f, s
}

// TestSignInDuringANewPassword checks that no session begun with the old password is valid after the new one is set.
func TestSignInDuringANewPassword(t *testing.T) {
	f, s := newPausingFixture(t)
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

// TestConcurrentLinks checks that a link is used once, and replaced at once.
func TestConcurrentLinks(t *testing.T) {
	f, s := newPausingFixture(t)
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

// TestConcurrentSetUpLinks checks that the later of two links is valid, as when two nodes start on an empty database.
func TestConcurrentSetUpLinks(t *testing.T) {
	f, s := newPausingEmptyFixture(t)
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

// TestJoinDuringANewLink checks that no link is made for a person who has joined meanwhile.
func TestJoinDuringANewLink(t *testing.T) {
	f, s := newPausingFixture(t)
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

// TestSetUpTwiceAtOnce checks that the second of two people with the same link finds it used.
func TestSetUpTwiceAtOnce(t *testing.T) {
	f, s := newPausingEmptyFixture(t)
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

// TestPasswordChangedTwiceAtOnce checks that a change of password that another one precedes fails.
func TestPasswordChangedTwiceAtOnce(t *testing.T) {
	f, s := newPausingFixture(t)
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

// TestInvitedTwiceAndAcceptedAtOnce checks that two invitations of an address create one account, and that the second
// acceptance says what to do.
func TestInvitedTwiceAndAcceptedAtOnce(t *testing.T) {
	f, s := newPausingFixture(t)
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

// TestFirstInvitationDuringItsAcceptance checks that no new link is made for a person who has just joined.
func TestFirstInvitationDuringItsAcceptance(t *testing.T) {
	f, s := newPausingFixture(t)
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

// TestInvitedWhileEmailsAreRefolded checks that an invitation waits for a node that starts, and not the other way
// round.
func TestInvitedWhileEmailsAreRefolded(t *testing.T) {
	f, s := newPausingFixture(t)
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

// TestSignInToJoinDuringAJoin checks that both lock the subscription before the user, so that neither is rolled back.
func TestSignInToJoinDuringAJoin(t *testing.T) {
	f, s := newPausingFixture(t)
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
