package keyporter_test

import (
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

// newEmptyFixture returns an installation that is not set up.
func newEmptyFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, ctx: t.Context(), clock: &clock{now: start}, model: model{path: engine.Empty(t)}}
	f.openWith(keyporter.Options{}, nil)
	t.Cleanup(func() { f.store.Close() })
	return f
}

var firstForm = keyporter.SetUpForm{Subscription: "Acme", Name: "Ada", Email: email(ada), Password: password}

func TestSetUpLink(t *testing.T) {
	f := newEmptyFixture(t)
	first, err := f.SetUpLink(f.ctx)
	f.ok(err)
	link, err := f.SetUpLink(f.ctx)
	f.ok(err)
	for name, value := range map[string]string{"replaced": first.Reveal(), "none": "", "garbage": "x\x00\xff"} {
		_, _, err := f.SetUp(f.ctx, value, firstForm, home)
		if kind(err) != notFound {
			t.Errorf("with a link that is %s: %s", name, kind(err))
		}
	}
	_, _, err = f.SetUp(f.ctx, link.Reveal(), keyporter.SetUpForm{Email: "no", Password: "short"}, home)
	f.want("invalid input: email, name, password, subscription", err)
	f.want(done, f.CheckSetUpLink(f.ctx, link.Reveal())) // a form with errors does not use it up
	value, subscription, err := f.SetUp(f.ctx, link.Reveal(), firstForm, home)
	f.ok(err)
	s, _, err := f.FindSession(f.ctx, value.Reveal())
	f.ok(err)
	v, err := f.MemberView(f.ctx, s.Actor(home), subscription)
	f.ok(err)
	if !s.User.Operator || v.Member.Role != keyporter.SubscriptionAdmin ||
		v.Subscription.Feature() != keyporter.FeatureOff {
		t.Errorf("the first user is %+v, %+v in %+v", s.User, v.Member, v.Subscription)
	}
	_, _, err = f.SetUp(f.ctx, link.Reveal(), firstForm, home)
	f.want(notFound, err)
	if again, err := f.SetUpLink(f.ctx); again.Reveal() != "" || err != nil {
		t.Errorf("an installation that is set up makes the link %v, %v", again.Reveal() != "", err)
	}
	_, err = f.SetUpFromCommandLine(f.ctx, firstForm)
	f.want("conflict", err)
}

func TestSetUpLinkExpires(t *testing.T) {
	f := newEmptyFixture(t)
	link, err := f.SetUpLink(f.ctx)
	f.ok(err)
	f.clock.pass(time.Hour - time.Millisecond)
	f.want(done, f.CheckSetUpLink(f.ctx, link.Reveal()))
	f.clock.pass(time.Millisecond)
	f.want(notFound, f.CheckSetUpLink(f.ctx, link.Reveal()))
	_, _, err = f.SetUp(f.ctx, link.Reveal(), firstForm, home)
	f.want(notFound, err)
}

// TestSetUpOnce checks that one of many concurrent set-ups succeeds.
func TestSetUpOnce(t *testing.T) {
	f := newEmptyFixture(t)
	link, err := f.SetUpLink(f.ctx)
	f.ok(err)
	outcomes := make(chan string)
	for i := range 6 {
		go func() {
			var err error
			if i%2 == 0 {
				_, _, err = f.SetUp(f.ctx, link.Reveal(), firstForm, home)
			} else {
				_, err = f.SetUpFromCommandLine(f.ctx, firstForm)
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
	f := newFixture(t)
	_, _, err := f.NewPasswordLink(f.ctx, "nobody@example.com")
	f.want(notFound, err)
	_, replaced, err := f.NewPasswordLink(f.ctx, email(tom))
	f.ok(err)
	user, link, err := f.NewPasswordLink(f.ctx, " TOM@example.com ")
	f.ok(err)
	if user.Email != email(tom) {
		t.Errorf("the link is for %s", user.Email)
	}
	const next = "another good password"
	f.want(notFound, f.SetNewPassword(f.ctx, replaced.Reveal(), next, home))
	f.want("invalid input: password", f.SetNewPassword(f.ctx, link.Reveal(), "short", home))
	for range 6 {
		f.signIn(email(tom), wrong, home)
	}
	f.want(done, f.SetNewPassword(f.ctx, link.Reveal(), next, home))
	f.want(notFound, f.SetNewPassword(f.ctx, link.Reveal(), "a third good password", home))
	f.want(done, f.signIn(email(tom), next, home)) // at once, whatever tries there were before

	_, link, err = f.NewPasswordLink(f.ctx, email(tom))
	f.ok(err)
	f.clock.pass(72*time.Hour - time.Millisecond)
	f.want(done, second(f.NewPasswordFor(f.ctx, link.Reveal())))
	f.clock.pass(time.Millisecond)
	f.want(notFound, f.SetNewPassword(f.ctx, link.Reveal(), "a third good password", home))
}

// TestChangedPasswordEndsLinks checks that links to choose another password end.
func TestChangedPasswordEndsLinks(t *testing.T) {
	f := newFixture(t)
	_, link, err := f.NewPasswordLink(f.ctx, email(tom))
	f.ok(err)
	_, err = f.ChangePassword(f.ctx, f.actor(tom), password, "another good password")
	f.ok(err)
	f.want(notFound, f.SetNewPassword(f.ctx, link.Reveal(), "a third good password", home))
}

// TestWrongPurpose checks that a link is valid for its purpose alone.
func TestWrongPurpose(t *testing.T) {
	f := newFixture(t)
	_, reset, err := f.NewPasswordLink(f.ctx, email(tom))
	f.ok(err)
	invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme,
		keyporter.Member{Name: "New", Email: "new@example.com", Role: keyporter.Viewer})
	f.ok(err)
	const next = "another good password"
	f.want(notFound, f.SetNewPassword(f.ctx, invited.Value.Reveal(), next, home))
	f.want(notFound, third(f.AcceptInvitation(f.ctx, reset.Reveal(), "Tom", next, home)))
	f.want(notFound, f.CheckSetUpLink(f.ctx, reset.Reveal()))
	for _, value := range []string{reset.Reveal(), invited.Value.Reveal()} {
		if f.found(value) {
			t.Error("a link's value is a session")
		}
	}
	f.want(notFound, f.SetNewPassword(f.ctx, f.values[tom], next, home))
}

func TestInvitation(t *testing.T) {
	f := newFixture(t)
	invite := func() keyporter.Invited {
		invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme,
			keyporter.Member{Name: "New", Email: "New@example.com", Role: keyporter.Admin, KeyAccess: true})
		f.ok(err)
		return invited
	}
	first := invite()
	renewed, err := f.RenewInvitation(f.ctx, f.actor(ada), f.acme, first.Member.ID)
	f.ok(err)
	accept := func(value, name, chosen string) error {
		return third(f.AcceptInvitation(f.ctx, value, name, chosen, home))
	}
	f.want(notFound, accept(first.Value.Reveal(), "New", password))
	f.want("invalid input: name, password", accept(renewed.Value.Reveal(), " ", "short"))
	f.want("invalid input: password", accept(renewed.Value.Reveal(), "New", "NEW@example.com"))
	i, err := f.Invitation(f.ctx, renewed.Value.Reveal())
	if err != nil || i.HasAccount || i.Subscription != "Acme" || i.Member.Role != keyporter.Admin {
		t.Errorf("the invitation says %+v, %v", i, err)
	}
	value, joined, err := f.AcceptInvitation(f.ctx, renewed.Value.Reveal(), "Newton", password, home)
	f.ok(err)
	s, _, err := f.FindSession(f.ctx, value.Reveal())
	if err != nil || joined != f.acme || s.User.Name != "Newton" || s.User.Operator {
		t.Errorf("joined %s as %+v, %v", joined, s.User, err)
	}
	f.want(notFound, accept(renewed.Value.Reveal(), "Again", password))
	_, err = f.RenewInvitation(f.ctx, f.actor(ada), f.acme, first.Member.ID)
	f.want(notFound, err) // has joined

	gone, err := f.AddMember(f.ctx, f.actor(ada), f.acme, keyporter.Member{Name: "Gone", Email: "gone@example.com",
		Role: keyporter.Viewer})
	f.ok(err)
	_, err = f.RemoveMember(f.ctx, f.actor(ada), f.acme, gone.Member.ID)
	f.ok(err)
	f.want(notFound, accept(gone.Value.Reveal(), "Gone", password))

	late, err := f.AddMember(f.ctx, f.actor(ada), f.acme, keyporter.Member{Name: "Late", Email: "late@example.com",
		Role: keyporter.Viewer})
	f.ok(err)
	f.clock.pass(72 * time.Hour)
	f.want(notFound, accept(late.Value.Reveal(), "Late", password))
}

// TestInvitationOfAnAccount checks that no invitation changes an existing password.
func TestInvitationOfAnAccount(t *testing.T) {
	f := newFixture(t)
	before := strings.Split(f.contents(), "\n")
	invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme,
		keyporter.Member{Name: "Whoever", Email: "OTTO@example.com", Role: keyporter.Admin})
	f.ok(err)
	value := invited.Value.Reveal()
	if i, err := f.Invitation(f.ctx, value); err != nil || !i.HasAccount {
		t.Errorf("the invitation says %+v, %v", i, err)
	}
	const other = "another good password"
	f.want("conflict", third(f.AcceptInvitation(f.ctx, value, "Mallory", other, home)))
	f.want("invalid input: ", f.signIn(email(otto), other, home))
	_, err = f.JoinSubscription(f.ctx, f.actor(vic), value)
	f.want(forbidden, err)
	_, _, err = f.SignIn(f.ctx, email(vic), password, value, home)
	f.want(forbidden, err)
	_, _, err = f.SignIn(f.ctx, email(otto), wrong, value, home)
	f.want("invalid input: ", err)
	f.want(done, second(f.Invitation(f.ctx, value))) // none of which used it up
	_, joined, err := f.SignIn(f.ctx, email(otto), password, value, home)
	if err != nil || joined != f.acme {
		t.Errorf("signing in to join: %q, %v", joined, err)
	}
	f.want(notFound, second(f.JoinSubscription(f.ctx, f.actor(otto), value)))
	after := f.contents()
	for _, row := range before { // a user's row ends with what sign-ins change
		if who, _, found := strings.Cut(row, " failed_sign_ins="); found && strings.HasPrefix(row, "users") &&
			!strings.Contains(after, who) {
			t.Errorf("the row %s was changed", row)
		}
	}
}

func TestJoinWhileSignedIn(t *testing.T) {
	f := newFixture(t)
	invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme,
		keyporter.Member{Name: "Otto", Email: email(otto), Role: keyporter.Viewer})
	f.ok(err)
	joined, err := f.JoinSubscription(f.ctx, f.actor(otto), invited.Value.Reveal())
	if err != nil || joined != f.acme {
		t.Fatalf("joined %q, %v", joined, err)
	}
	v, err := f.MemberView(f.ctx, f.actor(otto), f.acme)
	if err != nil || len(v.All) != 2 || v.Member.Role != keyporter.Viewer {
		t.Errorf("Otto sees %+v, %v", v, err)
	}
}

var _ keyporter.Store = (*store.Store)(nil)
