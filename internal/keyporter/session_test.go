package keyporter_test

import (
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

func (f *fixture) found(value string) bool {
	f.t.Helper()
	_, _, err := f.FindSession(f.ctx, value)
	if err != nil && kind(err) != "not found" {
		f.t.Fatal(err)
	}
	return err == nil
}

func TestSessionEndsIdle(t *testing.T) {
	f := newFixture(t)
	f.clock.pass(8*time.Hour - time.Millisecond)
	if !f.found(f.values[ada]) {
		t.Error("ended within 8 hours")
	}
	f.clock.pass(8*time.Hour - time.Millisecond)
	if !f.found(f.values[ada]) {
		t.Error("being used does not keep it")
	}
	f.clock.pass(8 * time.Hour)
	if f.found(f.values[ada]) {
		t.Error("still valid after 8 idle hours")
	}
}

func TestSessionEndsAfterSevenDays(t *testing.T) {
	f := newFixture(t)
	for range 7*24 - 1 {
		f.clock.pass(time.Hour)
		if !f.found(f.values[ada]) {
			t.Fatalf("ended at %s", f.clock.Now())
		}
	}
	f.clock.pass(time.Hour)
	if f.found(f.values[ada]) {
		t.Error("still valid after 7 days of use")
	}
	f.ok(f.DeleteExpired(f.ctx))
	if strings.Contains(f.contents(), "sessions id") {
		t.Error("expired sessions stay in the table")
	}
}

func TestNoSession(t *testing.T) {
	f := newFixture(t)
	for _, value := range []string{"", "garbage", f.values[ada] + "x", f.values[ada][1:], strings.Repeat("a", 10_000),
		"\x00", "\xff"} {
		if f.found(value) {
			t.Errorf("%q is the value of a session", value)
		}
	}
}

// TestChangeOfRightsRotates checks that the response to the member's next request has a new value; requests in flight
// may still have the earlier one for half a minute.
func TestChangeOfRightsRotates(t *testing.T) {
	f := newFixture(t)
	old := f.values[tom]
	f.ok(f.ChangeRights(f.ctx, f.actor(ada), f.acme, f.members[tom], keyporter.Viewer, false))
	before, fresh, err := f.FindSession(f.ctx, old)
	f.ok(err)
	value := fresh.Reveal()
	if value == "" || value == old {
		t.Fatalf("the value after a change of rights is %q", value)
	}
	after, again, err := f.FindSession(f.ctx, value)
	f.ok(err)
	if again.Reveal() != "" {
		t.Error("the new value is replaced again")
	}
	if before.ID != after.ID || before.FormToken() != after.FormToken() {
		t.Error("forms that were open are out of date")
	}
	f.clock.pass(30*time.Second - time.Millisecond)
	if _, third, err := f.FindSession(f.ctx, old); err != nil || third.Reveal() != "" {
		t.Errorf("within the grace the earlier value brings %v and a new value: %v", err, third.Reveal() != "")
	}
	f.clock.pass(time.Millisecond)
	if f.found(old) {
		t.Error("the earlier value is still valid after the grace")
	}
	if !f.found(value) {
		t.Error("the new value ended with the earlier one")
	}
	if !f.found(f.values[nora]) {
		t.Error("somebody else's session was touched")
	}
}

func TestSessionsEnd(t *testing.T) {
	for _, c := range []struct {
		name      string
		operation func(f *fixture)
	}{
		{"sign-out", func(f *fixture) { f.ok(f.EndSession(f.ctx, f.actor(tom), f.session(tom).ID)) }},
		{"password change", func(f *fixture) {
			_, err := f.ChangePassword(f.ctx, f.actor(tom), password, "another good password")
			f.ok(err)
		}},
		{"a new password by a link", func(f *fixture) {
			_, link, err := f.NewPasswordLink(f.ctx, email(tom))
			f.ok(err)
			f.ok(f.SetNewPassword(f.ctx, link.Reveal(), "another good password", home))
		}},
	} {
		f := newFixture(t)
		value, _, err := f.SignIn(f.ctx, email(tom), password, "", home)
		f.ok(err)
		c.operation(f)
		if f.found(f.values[tom]) {
			t.Errorf("%s: the session is still valid", c.name)
		}
		if second := f.found(value.Reveal()); second != (c.name == "sign-out") {
			t.Errorf("%s: the user's other session lives: %v", c.name, second)
		}
		if !f.found(f.values[vic]) {
			t.Errorf("%s: somebody else's session ended", c.name)
		}
	}
}

// TestRemovalEndsRightsAlone checks that a user who is removed from one subscription still has the others, with a new
// value of the session.
func TestRemovalEndsRightsAlone(t *testing.T) {
	f := newFixture(t)
	old := f.values[tom]
	invited, err := f.AddMember(f.ctx, f.actor(otto), f.globex,
		keyporter.Member{Name: "Tom", Email: email(tom), Role: keyporter.Viewer})
	f.ok(err)
	_, err = f.JoinSubscription(f.ctx, f.actor(tom), invited.Value.Reveal())
	f.ok(err)
	before := f.session(tom)
	_, err = f.RemoveMember(f.ctx, f.actor(ada), f.acme, f.members[tom])
	f.ok(err)
	_, fresh, err := f.FindSession(f.ctx, f.values[tom])
	if err != nil || fresh.Reveal() == "" {
		t.Fatalf("after the removal: %v, a new value: %v", err, fresh.Reveal() != "")
	}
	after, _, err := f.FindSession(f.ctx, fresh.Reveal())
	if err != nil || after.ID != before.ID || fresh.Reveal() == old {
		t.Fatalf("the session with its new value: %v", err)
	}
	_, err = f.MemberView(f.ctx, after.Actor(home), f.acme)
	f.want("not found", err)
	_, err = f.MemberView(f.ctx, after.Actor(home), f.globex)
	f.want("done", err)
}

// TestSessionsAreBounded checks that a user has at most twenty sessions, the newest, also on a node whose clock is
// behind.
func TestSessionsAreBounded(t *testing.T) {
	f := newFixture(t)
	var values []string
	for i := range 25 {
		if i == 24 {
			f.clock.pass(-time.Minute)
		}
		value, _, err := f.SignIn(f.ctx, email(tom), password, "", home)
		f.ok(err)
		values = append(values, value.Reveal())
		f.clock.pass(time.Second)
	}
	for i, value := range values {
		if f.found(value) != (i >= 5) {
			t.Errorf("session %d of 25 is valid: %v", i+1, i < 5)
		}
	}
	if f.found(f.values[tom]) || !f.found(f.values[ada]) {
		t.Error("the first session goes on, or somebody else's has ended")
	}
}

func TestChangePassword(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct{ current, next, want string }{
		{wrong, "another good password", "invalid input: current"},
		{password, "short", "invalid input: password"},
		{password, "passwordpassword", "invalid input: password"},
		{password, email(tom), "invalid input: password"},
		{password, "another good password", "done"},
	} {
		value, err := f.ChangePassword(f.ctx, f.actor(tom), c.current, c.next)
		if kind(err) != c.want {
			t.Errorf("%q to %q: %s, want %s", c.current, c.next, kind(err), c.want)
		}
		if (err == nil) != (value.Reveal() != "" && f.found(value.Reveal())) {
			t.Errorf("%q to %q: a new session is %v", c.current, c.next, err != nil)
		}
	}
	f.want("invalid input: ", f.signIn(email(tom), password, home))
	f.want("done", f.signIn(email(tom), "another good password", home))
}

// TestPasswordChangeTriesAreLimited checks that tries of the current password in an open session are limited as those
// at the sign-in are.
func TestPasswordChangeTriesAreLimited(t *testing.T) {
	f := newFixture(t)
	a := f.actor(tom)
	for range 5 {
		_, err := f.ChangePassword(f.ctx, a, wrong, "another good password")
		f.want("invalid input: current", err)
	}
	_, err := f.ChangePassword(f.ctx, a, password, "another good password")
	f.want("too many tries", err)
}

func TestEndSessionOfSomebodyElse(t *testing.T) {
	f := newFixture(t)
	f.want("not found", f.EndSession(f.ctx, f.actor(vic), f.session(ada).ID))
	f.want("not found", f.EndSession(f.ctx, f.actor(vic), "4fT9aQ0bZ7Lm"))
	if !f.found(f.values[ada]) {
		t.Error("a Viewer ended a Subscription admin's session")
	}
	if account, err := f.Account(f.ctx, f.actor(vic)); err != nil || len(account.Events) != 0 {
		t.Errorf("which left the events %v, %v", account.Events, err)
	}
}

func TestFormToken(t *testing.T) {
	f := newFixture(t)
	s, other := f.session(ada), f.session(tom)
	if !s.IsFormToken(s.FormToken()) {
		t.Error("its own token is refused")
	}
	for _, text := range []string{"", other.FormToken(), s.FormToken() + "x", f.values[ada], f.NewNonce(s)} {
		if s.IsFormToken(text) {
			t.Errorf("%q is taken for the form token", text)
		}
	}
	again, _, err := f.SignIn(f.ctx, email(ada), password, "", home)
	f.ok(err)
	second, _, err := f.FindSession(f.ctx, again.Reveal())
	f.ok(err)
	if s.IsFormToken(second.FormToken()) {
		t.Error("two sessions of one user share their form token")
	}
}
