package keyporter_test

import (
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

func (h *house) found(value string) bool {
	h.t.Helper()
	_, _, err := h.FindSession(h.ctx, value)
	if err != nil && kind(err) != "not found" {
		h.t.Fatal(err)
	}
	return err == nil
}

func TestSessionEndsIdle(t *testing.T) {
	h := newHouse(t)
	h.clock.pass(8*time.Hour - time.Millisecond)
	if !h.found(h.values[ada]) {
		t.Error("ended within 8 hours")
	}
	h.clock.pass(8*time.Hour - time.Millisecond)
	if !h.found(h.values[ada]) {
		t.Error("being used does not keep it")
	}
	h.clock.pass(8 * time.Hour)
	if h.found(h.values[ada]) {
		t.Error("lives on after 8 idle hours")
	}
}

func TestSessionEndsAtLast(t *testing.T) {
	h := newHouse(t)
	for range 7*24 - 1 {
		h.clock.pass(time.Hour)
		if !h.found(h.values[ada]) {
			t.Fatalf("ended at %s", h.clock.Now())
		}
	}
	h.clock.pass(time.Hour)
	if h.found(h.values[ada]) {
		t.Error("lives on after 7 days of use")
	}
	h.ok(h.Sweep(h.ctx))
	if strings.Contains(h.contents(), "sessions id") {
		t.Error("expired sessions stay in the table")
	}
}

func TestNoSession(t *testing.T) {
	h := newHouse(t)
	for _, value := range []string{"", "garbage", h.values[ada] + "x", h.values[ada][1:], strings.Repeat("a", 10_000), "\x00", "\xff"} {
		if h.found(value) {
			t.Errorf("%q stands for a session", value)
		}
	}
}

// TestChangeOfRightsRotates: the member's next request brings a new value; requests under way may still come with the
// earlier one for half a minute.
func TestChangeOfRightsRotates(t *testing.T) {
	h := newHouse(t)
	old := h.values[tom]
	h.ok(h.ChangeRights(h.ctx, h.actor(ada), h.acme, h.members[tom], keyporter.Viewer, false))
	before, fresh, err := h.FindSession(h.ctx, old)
	h.ok(err)
	value := fresh.Reveal()
	if value == "" || value == old {
		t.Fatalf("the value after a change of rights is %q", value)
	}
	after, again, err := h.FindSession(h.ctx, value)
	h.ok(err)
	if again.Reveal() != "" {
		t.Error("the new value is replaced again")
	}
	if before.ID != after.ID || before.FormToken() != after.FormToken() {
		t.Error("forms that were open are out of date")
	}
	h.clock.pass(30*time.Second - time.Millisecond)
	if _, third, err := h.FindSession(h.ctx, old); err != nil || third.Reveal() != "" {
		t.Errorf("within the grace the earlier value brings %v and a new value: %v", err, third.Reveal() != "")
	}
	h.clock.pass(time.Millisecond)
	if h.found(old) {
		t.Error("the earlier value lives on after the grace")
	}
	if !h.found(value) {
		t.Error("the new value ended with the earlier one")
	}
	if !h.found(h.values[nora]) {
		t.Error("somebody else's session was touched")
	}
}

func TestWhatEndsSessions(t *testing.T) {
	for _, c := range []struct {
		name string
		deed func(h *house)
	}{
		{"sign-out", func(h *house) { h.ok(h.EndSession(h.ctx, h.actor(tom), h.session(tom).ID)) }},
		{"password change", func(h *house) {
			_, err := h.ChangePassword(h.ctx, h.actor(tom), password, "another good password")
			h.ok(err)
		}},
		{"a new password by a link", func(h *house) {
			_, link, err := h.NewPasswordLink(h.ctx, email(tom))
			h.ok(err)
			h.ok(h.SetNewPassword(h.ctx, link.Reveal(), "another good password", home))
		}},
	} {
		h := newHouse(t)
		value, _, err := h.SignIn(h.ctx, email(tom), password, "", home)
		h.ok(err)
		c.deed(h)
		if h.found(h.values[tom]) {
			t.Errorf("%s: the session lives on", c.name)
		}
		if second := h.found(value.Reveal()); second != (c.name == "sign-out") {
			t.Errorf("%s: the user's other session lives: %v", c.name, second)
		}
		if !h.found(h.values[vic]) {
			t.Errorf("%s: somebody else's session ended", c.name)
		}
	}
}

// TestRemovalEndsRightsAlone: who is removed from one subscription goes on in the others, with a new value of the session.
func TestRemovalEndsRightsAlone(t *testing.T) {
	h := newHouse(t)
	old := h.values[tom]
	invited, err := h.AddMember(h.ctx, h.actor(otto), h.globex, keyporter.Member{Name: "Tom", Email: email(tom), Role: keyporter.Viewer})
	h.ok(err)
	_, err = h.JoinSubscription(h.ctx, h.actor(tom), invited.Value.Reveal())
	h.ok(err)
	before := h.session(tom)
	_, err = h.RemoveMember(h.ctx, h.actor(ada), h.acme, h.members[tom])
	h.ok(err)
	_, fresh, err := h.FindSession(h.ctx, h.values[tom])
	if err != nil || fresh.Reveal() == "" {
		t.Fatalf("after the removal: %v, a new value: %v", err, fresh.Reveal() != "")
	}
	after, _, err := h.FindSession(h.ctx, fresh.Reveal())
	if err != nil || after.ID != before.ID || fresh.Reveal() == old {
		t.Fatalf("the session with its new value: %v", err)
	}
	_, err = h.Visit(h.ctx, after.Actor(home), h.acme)
	h.want("not found", err)
	_, err = h.Visit(h.ctx, after.Actor(home), h.globex)
	h.want("done", err)
}

// TestSessionsAreBounded: a user has twenty sessions at most, the newest; also on a node whose clock is behind.
func TestSessionsAreBounded(t *testing.T) {
	h := newHouse(t)
	var values []string
	for i := range 25 {
		if i == 24 {
			h.clock.pass(-time.Minute)
		}
		value, _, err := h.SignIn(h.ctx, email(tom), password, "", home)
		h.ok(err)
		values = append(values, value.Reveal())
		h.clock.pass(time.Second)
	}
	for i, value := range values {
		if h.found(value) != (i >= 5) {
			t.Errorf("session %d of 25 is valid: %v", i+1, i < 5)
		}
	}
	if h.found(h.values[tom]) || !h.found(h.values[ada]) {
		t.Error("the first session goes on, or somebody else's has ended")
	}
}

func TestChangePassword(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct{ current, next, want string }{
		{wrong, "another good password", "invalid input: current"},
		{password, "short", "invalid input: password"},
		{password, "passwordpassword", "invalid input: password"},
		{password, email(tom), "invalid input: password"},
		{password, "another good password", "done"},
	} {
		value, err := h.ChangePassword(h.ctx, h.actor(tom), c.current, c.next)
		if kind(err) != c.want {
			t.Errorf("%q to %q: %s, want %s", c.current, c.next, kind(err), c.want)
		}
		if (err == nil) != (value.Reveal() != "" && h.found(value.Reveal())) {
			t.Errorf("%q to %q: a new session is %v", c.current, c.next, err != nil)
		}
	}
	h.want("invalid input: ", h.signIn(email(tom), password, home))
	h.want("done", h.signIn(email(tom), "another good password", home))
}

// TestPasswordIsNotGuessedFromWithin: who sits down at an open session tries as slowly as at the sign-in.
func TestPasswordIsNotGuessedFromWithin(t *testing.T) {
	h := newHouse(t)
	a := h.actor(tom)
	for range 5 {
		_, err := h.ChangePassword(h.ctx, a, wrong, "another good password")
		h.want("invalid input: current", err)
	}
	_, err := h.ChangePassword(h.ctx, a, password, "another good password")
	h.want("too many tries", err)
}

func TestEndSessionOfSomebodyElse(t *testing.T) {
	h := newHouse(t)
	h.want("not found", h.EndSession(h.ctx, h.actor(vic), h.session(ada).ID))
	h.want("not found", h.EndSession(h.ctx, h.actor(vic), "4fT9aQ0bZ7Lm"))
	if !h.found(h.values[ada]) {
		t.Error("a Viewer ended a Subscription admin's session")
	}
	if account, err := h.Account(h.ctx, h.actor(vic)); err != nil || len(account.Events) != 0 {
		t.Errorf("which left the lines %v, %v", account.Events, err)
	}
}

func TestFormToken(t *testing.T) {
	h := newHouse(t)
	s, other := h.session(ada), h.session(tom)
	if !s.IsFormToken(s.FormToken()) {
		t.Error("its own token is refused")
	}
	for _, text := range []string{"", other.FormToken(), s.FormToken() + "x", h.values[ada], h.NewNonce(s)} {
		if s.IsFormToken(text) {
			t.Errorf("%q is taken for the form token", text)
		}
	}
	again, _, err := h.SignIn(h.ctx, email(ada), password, "", home)
	h.ok(err)
	second, _, err := h.FindSession(h.ctx, again.Reveal())
	h.ok(err)
	if s.IsFormToken(second.FormToken()) {
		t.Error("two sessions of one user share their form token")
	}
}
