package keyporter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// ahead does something while the clock is wrong by that much, and sets it right again.
func (h *house) ahead(by time.Duration, do func()) {
	h.clock.pass(by)
	do()
	h.clock.pass(-by)
}

// skews are how far a clock was ahead, and whether what was stored then still counts once it is right: nodes differ by up to
// five minutes.
var skews = []struct {
	by     time.Duration
	counts bool
}{
	{time.Minute, true}, {5 * time.Minute, true}, {5*time.Minute + time.Millisecond, false}, {time.Hour, false}, {365 * 24 * time.Hour, false},
}

func TestSessionsFromTheFuture(t *testing.T) {
	for _, c := range skews {
		h := newHouse(t)
		var begun, used string
		admin := h.actor(ada)
		h.ahead(c.by, func() {
			value, _, err := h.SignIn(h.ctx, email(ada), password, "", home)
			h.ok(err)
			begun = value.Reveal()
		})
		h.ahead(min(c.by, 7*time.Hour), func() { // a session that began in time, and was used while the clock was ahead
			if !h.found(h.values[tom]) {
				t.Fatal("the session has ended")
			}
			used = h.values[tom]
		})
		for name, value := range map[string]string{"begun": begun, "used": used} {
			if h.found(value) != c.counts {
				t.Errorf("a session %s %s ahead is valid: %v", name, c.by, !c.counts)
			}
		}
		account, err := h.Account(h.ctx, admin)
		h.ok(err)
		listed := slices.ContainsFunc(account.Sessions, func(s keyporter.Session) bool { return s.ID != admin.SessionID })
		if listed != c.counts {
			t.Errorf("a session begun %s ahead is listed: %v", c.by, listed)
		}
		h.ok(h.Sweep(h.ctx))
		if kept := strings.Contains(h.contents(), fmt.Sprint("seen_at=", start.Add(c.by).UnixMilli())); kept != c.counts {
			t.Errorf("a session begun %s ahead is kept by the sweep: %v", c.by, kept)
		}
	}
}

// TestGraceFromTheFuture: the earlier value of a session that was replaced while the clock was ahead.
func TestGraceFromTheFuture(t *testing.T) {
	h := newHouse(t)
	old := h.values[tom]
	h.ok(h.ChangeRights(h.ctx, h.actor(ada), h.acme, h.members[tom], keyporter.Viewer, false))
	var fresh keyporter.Token
	h.ahead(time.Hour, func() {
		var err error
		_, fresh, err = h.FindSession(h.ctx, old)
		h.ok(err)
	})
	if h.found(old) {
		t.Error("the earlier value is good for longer than the grace")
	}
	if !h.found(fresh.Reveal()) {
		t.Error("the new value is not good")
	}
}

func TestLinksFromTheFuture(t *testing.T) {
	for _, c := range skews {
		h := newHouse(t)
		var invited keyporter.Invited
		var link keyporter.Token
		admin := h.actor(ada)
		h.ahead(c.by, func() {
			var err error
			m := keyporter.Member{Name: "New", Email: "new@example.com", Role: keyporter.Viewer}
			invited, err = h.AddMember(h.ctx, admin, h.acme, m)
			h.ok(err)
			_, link, err = h.NewPasswordLink(h.ctx, email(tom))
			h.ok(err)
		})
		_, err := h.Invitation(h.ctx, invited.Value.Reveal())
		if (err == nil) != c.counts {
			t.Errorf("an invitation from %s ahead: %v", c.by, err)
		}
		err = h.SetNewPassword(h.ctx, link.Reveal(), "another good password", home)
		if (err == nil) != c.counts {
			t.Errorf("a link for a new password from %s ahead: %v", c.by, err)
		}
		members, err := h.Members(h.ctx, admin, h.acme)
		h.ok(err)
		for _, m := range members {
			if m.UserID == "" && m.LinkExpires.IsZero() == c.counts {
				t.Errorf("%s ahead: the link is said to end at %s", c.by, m.LinkExpires)
			}
		}
		h.ok(h.Sweep(h.ctx))
		if kept := strings.Contains(h.contents(), "one_time_links"); kept != c.counts {
			t.Errorf("a link from %s ahead is kept by the sweep: %v", c.by, kept)
		}
	}
}

func TestLimitsFromTheFuture(t *testing.T) {
	for _, c := range []struct {
		by     time.Duration
		counts bool
	}{{time.Minute, true}, {365 * 24 * time.Hour, false}, {3 * time.Hour, false}} {
		h := newHouse(t)
		h.ahead(c.by, func() {
			for range 5 {
				h.want("invalid input: ", h.signIn(email(ada), wrong, home))
			}
			for i := range 30 {
				h.signIn(fmt.Sprintf("user%d@example.com", i), wrong, from("198.51.100.1"))
			}
		})
		if err := h.signIn(email(ada), password, from("198.51.100.9")); (err == nil) == c.counts {
			t.Errorf("an account's limit from %s ahead: %v", c.by, err)
		}
		if err := h.signIn(email(tom), password, from("198.51.100.1")); (err == nil) == c.counts {
			t.Errorf("a network's limit from %s ahead: %v", c.by, err)
		}
		for range 4 {
			h.signIn(email(otto), wrong, from("198.51.100.2"))
		}
		h.ok(h.Sweep(h.ctx))
		if kept := strings.Count(h.contents(), "sign_in_limits") > 4; kept != c.counts {
			t.Errorf("limits from %s ahead are kept by the sweep: %v", c.by, kept)
		}
	}
}

// TestNoncesAndTheClock: a used form stays used, whatever the clock said when it was used and swept.
func TestNoncesAndTheClock(t *testing.T) {
	h := newHouse(t)
	s := h.session(ada)
	create := func(nonce string) string {
		return kind(third(h.CreateKey(h.ctx, s, home, h.acme, keyporter.KeyForm{Description: "a key", Nonce: nonce})))
	}
	nonce := h.NewNonce(s)
	var future string
	h.ahead(365*24*time.Hour, func() {
		future = h.NewNonce(s)
		if got := create(h.NewNonce(s)); got != done {
			t.Fatal(got)
		}
	})
	if got := create(future); got != "invalid input: nonce" {
		t.Errorf("a form from the future: %s", got)
	}
	h.ahead(time.Hour, func() {
		if got := create(nonce); got != done {
			t.Fatal(got)
		}
	})
	h.ok(h.Sweep(h.ctx))
	if got := create(nonce); got != "conflict" {
		t.Errorf("a form that was used while the clock was ahead, after the sweep: %s", got)
	}
	h.ok(h.EndSession(h.ctx, s.Actor(home), s.ID))
	h.ok(h.Sweep(h.ctx))
	if strings.Contains(h.contents(), "used_nonces") {
		t.Error("used forms from the future are kept for ever")
	}
}

// TestIdentifyLimitFromTheFuture: another node's clock, which is ahead, takes no try away and gives none.
func TestIdentifyLimitFromTheFuture(t *testing.T) {
	for _, c := range skews {
		h := newHouse(t)
		admin := h.actor(ada)
		h.ahead(c.by, func() {
			for range 30 {
				_, err := h.IdentifyKey(h.ctx, admin, h.acme, "4fT9aQ0bZ7Lm")
				h.ok(err)
			}
		})
		_, err := h.IdentifyKey(h.ctx, admin, h.acme, "4fT9aQ0bZ7Lm")
		if (err != nil) != c.counts {
			t.Errorf("after 30 tries at %s ahead: %v", c.by, err)
		}
	}
}
