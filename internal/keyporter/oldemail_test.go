package keyporter_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

// TestEmailsOfEarlierVersions: accounts whose addresses were stored as an earlier version compared them go on signing in, are
// found by the spellings that count as one now, and where two of them do so stay apart.
func TestEmailsOfEarlierVersions(t *testing.T) {
	out := &bytes.Buffer{}
	h := newHouseWith(t, keyporter.Options{Log: slog.New(slog.NewTextHandler(out, nil))}, nil)
	const composed, decomposed, alone, aloneComposed = "caf\u00e9@example.com", "cafe\u0301@example.com", "e\u0301ve@b\u00fccher.example", "\u00e9ve@xn--bcher-kva.example"
	h.ok(h.store.Write(h.ctx, func(tx keyporter.Tx) error {
		known, err := tx.User(h.actor(ada).UserID)
		if err != nil {
			return err
		}
		for id, email := range map[string]string{"composed0000": composed, "decomposed00": decomposed, "alone0000000": alone} {
			u := keyporter.User{ID: id, Name: "Old", Email: email, Created: start}.WithPasswordHash(known.PasswordHash())
			if err := tx.InsertUser(u, strings.ToLower(email)); err != nil {
				return err
			}
		}
		return nil
	}))
	signsIn := func(when, email, id string) {
		t.Helper()
		value, _, err := h.SignIn(h.ctx, email, password, "", from("192.0.2.1"))
		if err != nil {
			t.Errorf("%s, %+q: %v", when, email, err)
			return
		}
		if session, _, err := h.FindSession(h.ctx, value.Reveal()); err != nil || session.User.ID != id {
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
		h.ok(h.RefoldEmails(h.ctx))
		if n := strings.Count(out.String(), "\n"); n != 1 || !strings.Contains(out.String(), "composed0000") || !strings.Contains(out.String(), "decomposed00") || strings.Contains(out.String(), "alone") {
			t.Errorf("%s: the log says %s", when, out)
		}
	}

	// An invitation for a spelling that counts as an account's address asks that account to sign in, and no other one can join.
	invited, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Eve", Email: strings.ToUpper(aloneComposed), Role: keyporter.Viewer})
	h.ok(err)
	invitation, err := h.Invitation(h.ctx, invited.Value.Reveal())
	h.ok(err)
	if !invitation.HasAccount {
		t.Error("the other spelling can have an account of its own")
	}
	invited, err = h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Coffee", Email: composed, Role: keyporter.Viewer})
	h.ok(err)
	_, _, err = h.SignIn(h.ctx, decomposed, password, invited.Value.Reveal(), from("192.0.2.1"))
	h.want("forbidden", err)
	_, joined, err := h.SignIn(h.ctx, composed, password, invited.Value.Reveal(), from("192.0.2.1"))
	h.ok(err)
	if joined != h.acme {
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

// TestEmailsChangeWhileTheyAreRefolded: a node that starts goes by the accounts that are there when it writes.
func TestEmailsChangeWhileTheyAreRefolded(t *testing.T) {
	b := &beforeWrite{}
	h := newHouseWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		b.Store = s
		return b
	})
	insert := func(id, email, folded string) {
		t.Helper()
		h.ok(h.store.Write(h.ctx, func(tx keyporter.Tx) error {
			return tx.InsertUser(keyporter.User{ID: id, Name: "Old", Email: email, Created: start}, folded)
		}))
	}
	insert("old000000000", "stra\u00dfe@example.com", "stra\u00dfe@example.com")
	b.do = func() { insert("new000000000", "strasse@example.com", "strasse@example.com") }
	h.ok(h.RefoldEmails(h.ctx))
	h.ok(h.RefoldEmails(h.ctx))
}

// TestNewEmailsAreChecked: no way to a new account takes an address that looks like another one's.
func TestNewEmailsAreChecked(t *testing.T) {
	h := newHouse(t)
	const email = "b\u043ess@vendor.example"
	_, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Boss", Email: email, Role: keyporter.Viewer})
	h.want("invalid input: email", err)
	once := h.Once(h.session(olga), h.NewNonce(h.session(olga)))
	_, err = h.CreateSubscription(h.ctx, h.actor(olga), keyporter.SubscriptionForm{Subscription: "New", Name: "Boss", Email: email, Once: once})
	h.want("invalid input: email", err)
	_, err = keyporter.SetUpForm{Subscription: "New", Name: "Boss", Email: email, Password: password}.Check()
	h.want("invalid input: email", err)
}

// TestLastOperator: an installation keeps one.
func TestLastOperator(t *testing.T) {
	h := newHouse(t)
	_, err := h.SetOperator(h.ctx, h.actor(olga).UserID, false)
	h.want("conflict", err)
	_, err = h.SetOperator(h.ctx, h.actor(ada).UserID, true)
	h.ok(err)
	_, err = h.SetOperator(h.ctx, h.actor(olga).UserID, false)
	h.ok(err)
	_, err = h.SetOperator(h.ctx, h.actor(ada).UserID, false)
	h.want("conflict", err)
}

// TestWhoInvited: an account remembers whose invitation made it, also when the membership is gone.
func TestWhoInvited(t *testing.T) {
	h := newHouse(t)
	for _, removed := range []bool{false, true} {
		if removed {
			_, err := h.RemoveMember(h.ctx, h.actor(ada), h.acme, h.members[tom])
			h.ok(err)
		}
		who, err := h.Person(h.ctx, email(tom))
		h.ok(err)
		if who.Inviter.User.ID != h.actor(ada).UserID || who.InvitedTo.ID != h.acme || who.Inviter.At.IsZero() || who.First || len(who.Memberships) == 1 == removed {
			t.Errorf("removed %t: %+v", removed, who)
		}
	}
	if who, err := h.Person(h.ctx, email(olga)); err != nil || !who.First {
		t.Errorf("the first account: %+v, %v", who, err)
	}
}
