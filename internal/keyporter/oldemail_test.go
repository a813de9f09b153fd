package keyporter_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// TestEmailsOfEarlierVersions checks that accounts whose addresses were stored as an earlier version compared them go
// on signing in, are found by the spellings that count as one now, and where two of them do so stay apart.
func TestEmailsOfEarlierVersions(t *testing.T) {
	out := &bytes.Buffer{}
	f := newFixtureWith(t, keyporter.Options{Log: slog.New(slog.NewTextHandler(out, nil))}, nil)
	const composed, decomposed, alone, aloneComposed = "caf\u00e9@example.com", "cafe\u0301@example.com",
		"e\u0301ve@b\u00fccher.example", "\u00e9ve@xn--bcher-kva.example"
	f.ok(f.store.Write(f.ctx, func(tx keyporter.Tx) error {
		known, err := tx.User(f.actor(ada).UserID)
		if err != nil {
			return err
		}
		for id, email := range map[string]string{"composed0000": composed, "decomposed00": decomposed,
			"alone0000000": alone} {
			u := keyporter.User{ID: id, Name: "Old", Email: email,
				Created: start}.WithPasswordHash(known.PasswordHash())
			if err := tx.InsertUser(u, strings.ToLower(email)); err != nil {
				return err
			}
		}
		return nil
	}))
	signsIn := func(when, email, id string) {
		t.Helper()
		value, _, err := f.SignIn(f.ctx, email, password, "", from("192.0.2.1"))
		if err != nil {
			t.Errorf("%s, %+q: %v", when, email, err)
			return
		}
		if session, _, err := f.FindSession(f.ctx, value.Reveal()); err != nil || session.User.ID != id {
			t.Errorf("%s, %+q signs in to %s, %v", when, email, session.User.ID, err)
		}
	}
	for _, when := range []string{"before", "after", "after another start"} {
		signsIn(when, composed, "composed0000")
		signsIn(when, decomposed, "decomposed00")
		signsIn(when, alone, "alone0000000")
		if when != "before" {
			signsIn(when, aloneComposed, "alone0000000")
		}
		out.Reset()
		f.ok(f.RefoldEmails(f.ctx))
		if n := strings.Count(out.String(), "\n"); n != 1 || !strings.Contains(out.String(), "composed0000") ||
			!strings.Contains(out.String(), "decomposed00") || strings.Contains(out.String(), "alone") {
			t.Errorf("%s: the log says %s", when, out)
		}
	}

	// An invitation for a spelling that counts as an account's address asks that account to sign in, and no other one
	// can join.
	invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme,
		keyporter.Member{Name: "Eve", Email: strings.ToUpper(aloneComposed), Role: keyporter.Viewer})
	f.ok(err)
	invitation, err := f.Invitation(f.ctx, invited.Value.Reveal())
	f.ok(err)
	if !invitation.HasAccount {
		t.Error("the other spelling can have an account of its own")
	}
	invited, err = f.AddMember(f.ctx, f.actor(ada), f.acme, keyporter.Member{Name: "Coffee", Email: composed,
		Role: keyporter.Viewer})
	f.ok(err)
	_, _, err = f.SignIn(f.ctx, decomposed, password, invited.Value.Reveal(), from("192.0.2.1"))
	f.want("forbidden", err)
	_, joined, err := f.SignIn(f.ctx, composed, password, invited.Value.Reveal(), from("192.0.2.1"))
	f.ok(err)
	if joined != f.acme {
		t.Errorf("who was invited joins %q", joined)
	}
}

// beforeWrite does something else before the next transaction that writes.
type beforeWrite struct {
	keyporter.Store
	do func()
}

func (b *beforeWrite) Write(ctx context.Context, fn func(keyporter.Tx) error) error {
	if do := b.do; do != nil {
		b.do = nil
		do()
	}
	return b.Store.Write(ctx, fn)
}

// TestEmailsChangeWhileTheyAreRefolded checks that a node that starts goes by the accounts that are there when it
// writes.
func TestEmailsChangeWhileTheyAreRefolded(t *testing.T) {
	b := &beforeWrite{}
	f := newFixtureWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		b.Store = s
		return b
	})
	insert := func(id, email, folded string) {
		t.Helper()
		f.ok(f.store.Write(f.ctx, func(tx keyporter.Tx) error {
			return tx.InsertUser(keyporter.User{ID: id, Name: "Old", Email: email, Created: start}, folded)
		}))
	}
	insert("old000000000", "stra\u00dfe@example.com", "stra\u00dfe@example.com")
	b.do = func() { insert("new000000000", "strasse@example.com", "strasse@example.com") }
	f.ok(f.RefoldEmails(f.ctx))
	f.ok(f.RefoldEmails(f.ctx))
}

// TestSpellingThatNoAccountHas checks that where the addresses of two accounts count as one, a spelling that neither
// has is the older account's, so that no further account can be made with it.
func TestSpellingThatNoAccountHas(t *testing.T) {
	f := newFixture(t)
	ids := []string{"z00000000000", "a00000000000"} // which is not the order in which the accounts were made
	const older, newer, third = "cafe\u0301@example.com", "\uff43af\u00e9@example.com", "caf\u00e9@example.com"
	f.ok(f.store.Write(f.ctx, func(tx keyporter.Tx) error {
		known, err := tx.User(f.actor(ada).UserID)
		if err != nil {
			return err
		}
		for i, email := range []string{older, newer} {
			u := keyporter.User{ID: ids[i], Name: "Old", Email: email, Created: start.Add(time.Duration(i) * time.Hour)}
			if err := tx.InsertUser(u.WithPasswordHash(known.PasswordHash()), strings.ToLower(email)); err != nil {
				return err
			}
		}
		return nil
	}))
	for range 2 {
		f.ok(f.RefoldEmails(f.ctx))
		for email, id := range map[string]string{older: ids[0], newer: ids[1], third: ids[0]} {
			value, _, err := f.SignIn(f.ctx, email, password, "", from("192.0.2.1"))
			f.ok(err)
			if session, _, err := f.FindSession(f.ctx, value.Reveal()); err != nil || session.User.ID != id {
				t.Errorf("%+q signs in to %s, %v; want %s", email, session.User.ID, err, id)
			}
		}
	}
	member := keyporter.Member{Name: "Third", Email: third, Role: keyporter.Viewer}
	invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme, member)
	f.ok(err)
	if invitation, err := f.Invitation(f.ctx, invited.Value.Reveal()); err != nil || !invitation.HasAccount {
		t.Errorf("a third account can be made: %v", err)
	}
}

// TestNewEmailsAreChecked checks that no way to a new account takes an address that looks like another one's.
func TestNewEmailsAreChecked(t *testing.T) {
	f := newFixture(t)
	const email = "b\u043ess@vendor.example"
	_, err := f.AddMember(f.ctx, f.actor(ada), f.acme, keyporter.Member{Name: "Boss", Email: email,
		Role: keyporter.Viewer})
	f.want("invalid input: email", err)
	once := f.Once(f.session(olga), f.NewNonce(f.session(olga)))
	_, err = f.CreateSubscription(f.ctx, f.actor(olga), keyporter.SubscriptionForm{Subscription: "New", Name: "Boss",
		Email: email, Once: once})
	f.want("invalid input: email", err)
	_, err = keyporter.SetUpForm{Subscription: "New", Name: "Boss", Email: email, Password: password}.Check()
	f.want("invalid input: email", err)
}

// TestLastOperator checks that the last operator cannot be removed.
func TestLastOperator(t *testing.T) {
	f := newFixture(t)
	_, err := f.SetOperator(f.ctx, f.actor(olga).UserID, false)
	f.want("conflict", err)
	_, err = f.SetOperator(f.ctx, f.actor(ada).UserID, true)
	f.ok(err)
	_, err = f.SetOperator(f.ctx, f.actor(olga).UserID, false)
	f.ok(err)
	_, err = f.SetOperator(f.ctx, f.actor(ada).UserID, false)
	f.want("conflict", err)
}

// TestInviterIsRecorded checks that an account says whose invitation created it, also after the membership has ended.
func TestInviterIsRecorded(t *testing.T) {
	f := newFixture(t)
	for _, removed := range []bool{false, true} {
		if removed {
			_, err := f.RemoveMember(f.ctx, f.actor(ada), f.acme, f.members[tom])
			f.ok(err)
		}
		who, err := f.Person(f.ctx, email(tom))
		f.ok(err)
		if who.Inviter.User.ID != f.actor(ada).UserID || who.InvitedTo.ID != f.acme || who.Inviter.At.IsZero() ||
			who.First || len(who.Memberships) == 1 == removed {
			t.Errorf("removed %t: %+v", removed, who)
		}
	}
	if who, err := f.Person(f.ctx, email(olga)); err != nil || !who.First {
		t.Errorf("the first account: %+v, %v", who, err)
	}
}
