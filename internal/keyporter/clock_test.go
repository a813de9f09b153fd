package keyporter_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// ahead does something while the clock is wrong by that much, and sets it right again.
func (f *fixture) ahead(by time.Duration, do func()) {
	f.clock.pass(by)
	do()
	f.clock.pass(-by)
}

// skews are how far a clock was ahead, and whether what was stored then still counts once it is right: nodes differ by
// up to five minutes.
var skews = []struct {
	by     time.Duration
	counts bool
}{
	{time.Minute, true}, {5 * time.Minute, true}, {5*time.Minute + time.Millisecond, false}, {time.Hour, false},
	{365 * 24 * time.Hour, false},
}

func TestSessionsFromTheFuture(t *testing.T) {
	for _, c := range skews {
		f := newFixture(t)
		var begun, used string
		admin := f.actor(ada)
		f.ahead(c.by, func() {
			value, _, err := f.SignIn(f.ctx, email(ada), password, "", home)
			f.ok(err)
			begun = value.Reveal()
		})
		f.ahead(min(c.by, 7*time.Hour), func() { // a session that began in time, and was used while the clock was ahead
			if !f.found(f.values[tom]) {
				t.Fatal("the session has ended")
			}
			used = f.values[tom]
		})
		for name, value := range map[string]string{"begun": begun, "used": used} {
			if f.found(value) != c.counts {
				t.Errorf("a session %s %s ahead is valid: %v", name, c.by, !c.counts)
			}
		}
		account, err := f.Account(f.ctx, admin)
		f.ok(err)
		listed := slices.ContainsFunc(account.Sessions,
			func(s keyporter.Session) bool { return s.ID != admin.SessionID })
		if listed != c.counts {
			t.Errorf("a session begun %s ahead is listed: %v", c.by, listed)
		}
		f.ok(f.DeleteExpired(f.ctx))
		if kept := strings.Contains(f.contents(), fmt.Sprint("seen_at=",
			start.Add(c.by).UnixMilli())); kept != c.counts {
			t.Errorf("a session begun %s ahead is kept by the sweep: %v", c.by, kept)
		}
	}
}

// TestGraceFromTheFuture checks that the earlier value of a session is not valid if it was replaced while the clock was
// ahead.
func TestGraceFromTheFuture(t *testing.T) {
	f := newFixture(t)
	old := f.values[tom]
	f.ok(f.ChangeRights(f.ctx, f.actor(ada), f.acme, f.members[tom], keyporter.Viewer, false))
	var fresh token.Token
	f.ahead(time.Hour, func() {
		var err error
		_, fresh, err = f.FindSession(f.ctx, old)
		f.ok(err)
	})
	if f.found(old) {
		t.Error("the earlier value is good for longer than the grace")
	}
	if !f.found(fresh.Reveal()) {
		t.Error("the new value is not good")
	}
}

func TestLinksFromTheFuture(t *testing.T) {
	for _, c := range skews {
		f := newFixture(t)
		var invited keyporter.Invited
		var link token.Token
		admin := f.actor(ada)
		f.ahead(c.by, func() {
			var err error
			m := keyporter.Member{Name: "New", Email: "new@example.com", Role: keyporter.Viewer}
			invited, err = f.AddMember(f.ctx, admin, f.acme, m)
			f.ok(err)
			_, link, err = f.NewPasswordLink(f.ctx, email(tom))
			f.ok(err)
		})
		_, err := f.Invitation(f.ctx, invited.Value.Reveal())
		if (err == nil) != c.counts {
			t.Errorf("an invitation from %s ahead: %v", c.by, err)
		}
		err = f.SetNewPassword(f.ctx, link.Reveal(), "another good password", home)
		if (err == nil) != c.counts {
			t.Errorf("a link for a new password from %s ahead: %v", c.by, err)
		}
		members, err := f.Members(f.ctx, admin, f.acme)
		f.ok(err)
		for _, m := range members {
			if m.UserID == "" && m.LinkExpires.IsZero() == c.counts {
				t.Errorf("%s ahead: the link is said to end at %s", c.by, m.LinkExpires)
			}
		}
		f.ok(f.DeleteExpired(f.ctx))
		if kept := strings.Contains(f.contents(), "one_time_links"); kept != c.counts {
			t.Errorf("a link from %s ahead is kept by the sweep: %v", c.by, kept)
		}
	}
}

func TestLimitsFromTheFuture(t *testing.T) {
	for _, c := range []struct {
		by     time.Duration
		counts bool
	}{{time.Minute, true}, {365 * 24 * time.Hour, false}, {3 * time.Hour, false}} {
		f := newFixture(t)
		f.ahead(c.by, func() {
			for range 5 {
				f.want("invalid input: ", f.signIn(email(ada), wrong, home))
			}
			for i := range 30 {
				f.signIn(fmt.Sprintf("user%d@example.com", i), wrong, from("198.51.100.1"))
			}
		})
		if err := f.signIn(email(ada), password, from("198.51.100.9")); (err == nil) == c.counts {
			t.Errorf("an account's limit from %s ahead: %v", c.by, err)
		}
		if err := f.signIn(email(tom), password, from("198.51.100.1")); (err == nil) == c.counts {
			t.Errorf("a network's limit from %s ahead: %v", c.by, err)
		}
		for range 4 {
			f.signIn(email(otto), wrong, from("198.51.100.2"))
		}
		f.ok(f.DeleteExpired(f.ctx))
		if kept := strings.Count(f.contents(), "sign_in_limits") > 4; kept != c.counts {
			t.Errorf("limits from %s ahead are kept by the sweep: %v", c.by, kept)
		}
	}
}

// TestNoncesAndTheClock checks that a used nonce stays used, whatever the clock showed when it was used and when
// expired rows were deleted.
func TestNoncesAndTheClock(t *testing.T) {
	f := newFixture(t)
	s := f.session(ada)
	create := func(nonce string) string {
		return kind(third(f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey,
			keyporter.KeyForm{Description: "a key", Once: f.Once(s, nonce)})))
	}
	nonce := f.NewNonce(s)
	var future string
	f.ahead(365*24*time.Hour, func() {
		future = f.NewNonce(s)
		if got := create(f.NewNonce(s)); got != done {
			t.Fatal(got)
		}
	})
	if got := create(future); got != "invalid input: nonce" {
		t.Errorf("a form from the future: %s", got)
	}
	f.ahead(time.Hour, func() {
		if got := create(nonce); got != done {
			t.Fatal(got)
		}
	})
	f.ok(f.DeleteExpired(f.ctx))
	if got := create(nonce); got != "conflict" {
		t.Errorf("a form that was used while the clock was ahead, after the sweep: %s", got)
	}
	f.ok(f.EndSession(f.ctx, s.Actor(home), s.ID))
	f.ok(f.DeleteExpired(f.ctx))
	if strings.Contains(f.contents(), "used_nonces") {
		t.Error("used forms from the future are kept for ever")
	}
}

// TestIdentifyLimitFromTheFuture checks that a node whose clock is ahead neither uses up tries nor adds any.
func TestIdentifyLimitFromTheFuture(t *testing.T) {
	for _, c := range skews {
		f := newFixture(t)
		admin := f.actor(ada)
		f.ahead(c.by, func() {
			for range 30 {
				_, err := f.IdentifyKey(f.ctx, admin, f.acme, "4fT9aQ0bZ7Lm")
				f.ok(err)
			}
		})
		_, err := f.IdentifyKey(f.ctx, admin, f.acme, "4fT9aQ0bZ7Lm")
		if (err != nil) != c.counts {
			t.Errorf("after 30 tries at %s ahead: %v", c.by, err)
		}
	}
}

// TestClockSetBack: a clock that is set back by more than 5 minutes is reported once, each time.
func TestClockSetBack(t *testing.T) {
	var uptime time.Duration
	var log strings.Builder
	f := newFixtureWith(t, keyporter.Options{
		OwnClock: true, Uptime: func() time.Duration { return uptime }, Log: slog.New(slog.NewTextHandler(&log, nil)),
	}, nil)
	f.ok(f.CheckClock(f.ctx))
	for _, c := range []struct {
		what   string
		wall   time.Duration // how far the clock is moved while 10 seconds pass
		report time.Duration
	}{
		{"as it should", 10 * time.Second, 0},
		{"back by 5 minutes", 10*time.Second - 5*time.Minute, 0},
		{"back by 4 more minutes", 10*time.Second - 4*time.Minute, 9 * time.Minute},
		{"as it should", 10 * time.Second, 0},
		{"back by an hour", 10*time.Second - time.Hour, time.Hour},
		{"forward to where it was", 10*time.Second + time.Hour + 9*time.Minute, 0},
		{"forward by a night of sleep", 8 * time.Hour, 0},
		{"back by 6 minutes", 10*time.Second - 6*time.Minute, 6 * time.Minute},
	} {
		f.clock.pass(c.wall)
		uptime += 10 * time.Second
		log.Reset()
		before := f.ClockSetBack()
		f.ok(f.CheckClock(f.ctx))
		now := f.ClockSetBack()
		if reported := log.Len() > 0; reported != (c.report > 0) || reported && now.By != c.report {
			t.Errorf("%s: reported %t, %s", c.what, reported, now.By)
		}
		if c.report == 0 && now != before || c.report > 0 && !now.At.Equal(f.clock.Now()) {
			t.Errorf("%s: the last report is of %s", c.what, now.At)
		}
	}
	f = newFixtureWith(t, keyporter.Options{Uptime: func() time.Duration { return 0 }}, nil)
	f.ok(f.CheckClock(f.ctx))
	f.clock.pass(-time.Hour)
	f.ok(f.CheckClock(f.ctx))
	if by := f.ClockSetBack().By; by != 0 {
		t.Errorf("where the database's clock decides, %s are reported", by)
	}
}
