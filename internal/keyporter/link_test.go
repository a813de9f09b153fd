package keyporter_test

import (
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

// newEmptyHouse is an installation that is not set up.
func newEmptyHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, ctx: t.Context(), clock: &clock{now: start}, model: model{path: engine.Empty(t)}}
	h.openWith(keyporter.Options{}, nil)
	t.Cleanup(func() { h.store.Close() })
	return h
}

var firstForm = keyporter.SetUpForm{Subscription: "Acme", Name: "Ada", Email: email(ada), Password: password}

func TestSetUpLink(t *testing.T) {
	h := newEmptyHouse(t)
	first, err := h.SetUpLink(h.ctx)
	h.ok(err)
	link, err := h.SetUpLink(h.ctx)
	h.ok(err)
	for name, value := range map[string]string{"replaced": first.Reveal(), "none": "", "garbage": "x\x00\xff"} {
		_, _, err := h.SetUp(h.ctx, value, firstForm, home)
		if kind(err) != notFound {
			t.Errorf("with a link that is %s: %s", name, kind(err))
		}
	}
	_, _, err = h.SetUp(h.ctx, link.Reveal(), keyporter.SetUpForm{Email: "no", Password: "short"}, home)
	h.want("invalid input: email, name, password, subscription", err)
	h.want(done, h.CheckSetUpLink(h.ctx, link.Reveal())) // a form with errors does not use it up
	value, subscription, err := h.SetUp(h.ctx, link.Reveal(), firstForm, home)
	h.ok(err)
	s, _, err := h.FindSession(h.ctx, value.Reveal())
	h.ok(err)
	v, err := h.Visit(h.ctx, s.Actor(home), subscription)
	h.ok(err)
	if !s.User.Operator || v.Member.Role != keyporter.SubscriptionAdmin || v.Subscription.Feature() != keyporter.FeatureOff {
		t.Errorf("the first user is %+v, %+v in %+v", s.User, v.Member, v.Subscription)
	}
	_, _, err = h.SetUp(h.ctx, link.Reveal(), firstForm, home)
	h.want(notFound, err)
	if again, err := h.SetUpLink(h.ctx); again.Reveal() != "" || err != nil {
		t.Errorf("an installation that is set up makes the link %v, %v", again.Reveal() != "", err)
	}
	_, err = h.SetUpHere(h.ctx, firstForm)
	h.want("conflict", err)
}

func TestSetUpLinkExpires(t *testing.T) {
	h := newEmptyHouse(t)
	link, err := h.SetUpLink(h.ctx)
	h.ok(err)
	h.clock.pass(time.Hour - time.Millisecond)
	h.want(done, h.CheckSetUpLink(h.ctx, link.Reveal()))
	h.clock.pass(time.Millisecond)
	h.want(notFound, h.CheckSetUpLink(h.ctx, link.Reveal()))
	_, _, err = h.SetUp(h.ctx, link.Reveal(), firstForm, home)
	h.want(notFound, err)
}

// TestSetUpOnce: of many at the same moment one sets up.
func TestSetUpOnce(t *testing.T) {
	h := newEmptyHouse(t)
	link, err := h.SetUpLink(h.ctx)
	h.ok(err)
	outcomes := make(chan string)
	for i := range 6 {
		go func() {
			var err error
			if i%2 == 0 {
				_, _, err = h.SetUp(h.ctx, link.Reveal(), firstForm, home)
			} else {
				_, err = h.SetUpHere(h.ctx, firstForm)
			}
			outcomes <- kind(err)
		}()
	}
	times := 0
	for range 6 {
		switch outcome := <-outcomes; outcome {
		case done:
			times++
		case notFound, "conflict":
		default:
			t.Error(outcome)
		}
	}
	if times != 1 {
		t.Errorf("set up %d times", times)
	}
}

func TestNewPasswordLink(t *testing.T) {
	h := newHouse(t)
	_, _, err := h.NewPasswordLink(h.ctx, "nobody@example.com")
	h.want(notFound, err)
	_, replaced, err := h.NewPasswordLink(h.ctx, email(tom))
	h.ok(err)
	user, link, err := h.NewPasswordLink(h.ctx, " TOM@example.com ")
	h.ok(err)
	if user.Email != email(tom) {
		t.Errorf("the link is for %s", user.Email)
	}
	const next = "another good password"
	h.want(notFound, h.SetNewPassword(h.ctx, replaced.Reveal(), next, home))
	h.want("invalid input: password", h.SetNewPassword(h.ctx, link.Reveal(), "short", home))
	for range 6 {
		h.signIn(email(tom), wrong, home)
	}
	h.want(done, h.SetNewPassword(h.ctx, link.Reveal(), next, home))
	h.want(notFound, h.SetNewPassword(h.ctx, link.Reveal(), "a third good password", home))
	h.want(done, h.signIn(email(tom), next, home)) // at once, whoever tried before

	_, link, err = h.NewPasswordLink(h.ctx, email(tom))
	h.ok(err)
	h.clock.pass(72*time.Hour - time.Millisecond)
	h.want(done, second(h.NewPasswordFor(h.ctx, link.Reveal())))
	h.clock.pass(time.Millisecond)
	h.want(notFound, h.SetNewPassword(h.ctx, link.Reveal(), "a third good password", home))
}

// TestChangedPasswordEndsLinks: who has a link to choose another one has it no more.
func TestChangedPasswordEndsLinks(t *testing.T) {
	h := newHouse(t)
	_, link, err := h.NewPasswordLink(h.ctx, email(tom))
	h.ok(err)
	_, err = h.ChangePassword(h.ctx, h.actor(tom), password, "another good password")
	h.ok(err)
	h.want(notFound, h.SetNewPassword(h.ctx, link.Reveal(), "a third good password", home))
}

// TestWrongPurpose: each kind of link opens its own door alone.
func TestWrongPurpose(t *testing.T) {
	h := newHouse(t)
	_, reset, err := h.NewPasswordLink(h.ctx, email(tom))
	h.ok(err)
	invited, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "New", Email: "new@example.com", Role: keyporter.Viewer})
	h.ok(err)
	const next = "another good password"
	h.want(notFound, h.SetNewPassword(h.ctx, invited.Value.Reveal(), next, home))
	h.want(notFound, third(h.AcceptInvitation(h.ctx, reset.Reveal(), "Tom", next, home)))
	h.want(notFound, h.CheckSetUpLink(h.ctx, reset.Reveal()))
	for _, value := range []string{reset.Reveal(), invited.Value.Reveal()} {
		if h.found(value) {
			t.Error("a link's value is a session")
		}
	}
	h.want(notFound, h.SetNewPassword(h.ctx, h.values[tom], next, home))
}

func TestInvitation(t *testing.T) {
	h := newHouse(t)
	invite := func() keyporter.Invited {
		invited, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "New", Email: "New@example.com", Role: keyporter.Admin, KeyAccess: true})
		h.ok(err)
		return invited
	}
	first := invite()
	renewed, err := h.RenewInvitation(h.ctx, h.actor(ada), h.acme, first.Member.ID)
	h.ok(err)
	accept := func(value, name, chosen string) error {
		return third(h.AcceptInvitation(h.ctx, value, name, chosen, home))
	}
	h.want(notFound, accept(first.Value.Reveal(), "New", password))
	h.want("invalid input: name, password", accept(renewed.Value.Reveal(), " ", "short"))
	h.want("invalid input: password", accept(renewed.Value.Reveal(), "New", "NEW@example.com"))
	i, err := h.Invitation(h.ctx, renewed.Value.Reveal())
	if err != nil || i.HasAccount || i.Subscription != "Acme" || i.Member.Role != keyporter.Admin {
		t.Errorf("the invitation says %+v, %v", i, err)
	}
	value, joined, err := h.AcceptInvitation(h.ctx, renewed.Value.Reveal(), "Newton", password, home)
	h.ok(err)
	s, _, err := h.FindSession(h.ctx, value.Reveal())
	if err != nil || joined != h.acme || s.User.Name != "Newton" || s.User.Operator {
		t.Errorf("joined %s as %+v, %v", joined, s.User, err)
	}
	h.want(notFound, accept(renewed.Value.Reveal(), "Again", password))
	_, err = h.RenewInvitation(h.ctx, h.actor(ada), h.acme, first.Member.ID)
	h.want(notFound, err) // has joined

	gone, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Gone", Email: "gone@example.com", Role: keyporter.Viewer})
	h.ok(err)
	_, err = h.RemoveMember(h.ctx, h.actor(ada), h.acme, gone.Member.ID)
	h.ok(err)
	h.want(notFound, accept(gone.Value.Reveal(), "Gone", password))

	late, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Late", Email: "late@example.com", Role: keyporter.Viewer})
	h.ok(err)
	h.clock.pass(72 * time.Hour)
	h.want(notFound, accept(late.Value.Reveal(), "Late", password))
}

// TestInvitationOfAnAccount: no link of a subscription touches a password that exists.
func TestInvitationOfAnAccount(t *testing.T) {
	h := newHouse(t)
	before := strings.Split(h.contents(), "\n")
	invited, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Whoever", Email: "OTTO@example.com", Role: keyporter.Admin})
	h.ok(err)
	value := invited.Value.Reveal()
	if i, err := h.Invitation(h.ctx, value); err != nil || !i.HasAccount {
		t.Errorf("the invitation says %+v, %v", i, err)
	}
	const other = "another good password"
	h.want("conflict", third(h.AcceptInvitation(h.ctx, value, "Mallory", other, home)))
	h.want("invalid input: ", h.signIn(email(otto), other, home))
	_, err = h.JoinSubscription(h.ctx, h.actor(vic), value)
	h.want(forbidden, err)
	_, _, err = h.SignIn(h.ctx, email(vic), password, value, home)
	h.want(forbidden, err)
	_, _, err = h.SignIn(h.ctx, email(otto), wrong, value, home)
	h.want("invalid input: ", err)
	h.want(done, second(h.Invitation(h.ctx, value))) // none of which used it up
	_, joined, err := h.SignIn(h.ctx, email(otto), password, value, home)
	if err != nil || joined != h.acme {
		t.Errorf("signing in to join: %q, %v", joined, err)
	}
	h.want(notFound, second(h.JoinSubscription(h.ctx, h.actor(otto), value)))
	after := h.contents()
	for _, row := range before { // a user's row ends with what sign-ins change
		if who, _, found := strings.Cut(row, " failed_sign_ins="); found && strings.HasPrefix(row, "users") && !strings.Contains(after, who) {
			t.Errorf("the row %s was changed", row)
		}
	}
}

func TestJoinWhileSignedIn(t *testing.T) {
	h := newHouse(t)
	invited, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Otto", Email: email(otto), Role: keyporter.Viewer})
	h.ok(err)
	joined, err := h.JoinSubscription(h.ctx, h.actor(otto), invited.Value.Reveal())
	if err != nil || joined != h.acme {
		t.Fatalf("joined %q, %v", joined, err)
	}
	v, err := h.Visit(h.ctx, h.actor(otto), h.acme)
	if err != nil || len(v.All) != 2 || v.Member.Role != keyporter.Viewer {
		t.Errorf("Otto sees %+v, %v", v, err)
	}
}

var _ keyporter.Store = (*store.Store)(nil)
