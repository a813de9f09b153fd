package keyporter_test

import (
	"context"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// A held store stops one of its transactions just before it is committed, or once it has read a user, and does something
// else meanwhile.
type held struct {
	keyporter.Store
	skip      int // so many transactions go on before
	atUser    bool
	meanwhile func()
}

type heldTx struct {
	keyporter.Tx
	meanwhile func()
}

func (t heldTx) User(id string) (keyporter.User, error) {
	user, err := t.Tx.User(id)
	t.meanwhile()
	return user, err
}

func (s *held) Write(ctx context.Context, fn func(keyporter.Tx) error) error {
	if s.meanwhile == nil || s.skip > 0 {
		s.skip--
		return s.Store.Write(ctx, fn)
	}
	meanwhile := s.meanwhile
	s.meanwhile = nil
	return s.Store.Write(ctx, func(tx keyporter.Tx) error {
		if s.atUser {
			return fn(heldTx{tx, meanwhile})
		}
		if err := fn(tx); err != nil {
			return err
		}
		meanwhile()
		return nil
	})
}

// beside does a second deed while the first is held: until the second is done too, or waits for the
// first. It returns what came of each. Where writers take turns there is nothing to meet.
func (h *house) beside(s *held, skip int, first, second func() error) (string, string) {
	h.t.Helper()
	db := engine.Look(h.t, h.path)
	done := make(chan error, 1)
	s.skip, s.meanwhile = skip, func() {
		go func() { done <- second() }()
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
			waiting := 0
			h.ok(db.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting))
			if waiting > 0 || len(done) > 0 {
				return
			}
		}
		h.t.Error("the second deed neither ends nor waits")
	}
	outcome := kind(first())
	if s.meanwhile != nil {
		h.t.Fatal("the first deed wrote nothing")
	}
	return outcome, kind(<-done)
}

// newHeldHouse is for tests of what goes on at once.
func newHeldHouse(t *testing.T) (*house, *held) {
	t.Helper()
	if engine.String() == "sqlite" {
		t.Skip("on SQLite one transaction at a time writes")
	}
	s := &held{}
	return newHouseWith(t, keyporter.Options{}, func(below keyporter.Store) keyporter.Store {
		s.Store = below
		return s
	}), s
}

// TestSignInBesideANewPassword: no session that the old password began outlives it.
func TestSignInBesideANewPassword(t *testing.T) {
	h, s := newHeldHouse(t)
	_, link, err := h.NewPasswordLink(h.ctx, email(vic))
	h.ok(err)
	var value keyporter.Token
	s.atUser = true
	first, second := h.beside(s, 1, func() error { // the first transaction counts the try
		value, _, err = h.SignIn(h.ctx, email(vic), password, "", home)
		return err
	}, func() error { return h.SetNewPassword(h.ctx, link.Reveal(), "another four words here", home) })
	if first != done || second != done {
		t.Fatalf("signing in: %s; setting a password: %s", first, second)
	}
	if _, _, err := h.FindSession(h.ctx, value.Reveal()); kind(err) != "not found" {
		t.Errorf("the session that the old password began: %s", kind(err))
	}
}

// TestLinksBesideThemselves: a link is used once, and replaced at once.
func TestLinksBesideThemselves(t *testing.T) {
	h, s := newHeldHouse(t)
	_, link, err := h.NewPasswordLink(h.ctx, email(vic))
	h.ok(err)
	set := func(password string) func() error {
		return func() error { return h.SetNewPassword(h.ctx, link.Reveal(), password, home) }
	}
	if first, second := h.beside(s, 0, set("the first of four words"), set("the second of four words")); first != done || second != "not found" {
		t.Errorf("one link, used twice: %s, %s", first, second)
	}
	var one, two keyporter.Token
	first, second := h.beside(s, 0, func() error { _, one, err = h.NewPasswordLink(h.ctx, email(tom)); return err },
		func() (err error) { _, two, err = h.NewPasswordLink(h.ctx, email(tom)); return err })
	if first != done || second != done {
		t.Fatalf("two links at once: %s, %s", first, second)
	}
	_, err = h.NewPasswordFor(h.ctx, one.Reveal())
	h.want("not found", err)
	_, err = h.NewPasswordFor(h.ctx, two.Reveal())
	h.want(done, err)
}

// TestSetUpLinksBesideEachOther, as where two nodes start on an empty database: the later is good.
func TestSetUpLinksBesideEachOther(t *testing.T) {
	h, s := newHeldHouse(t)
	h.path = engine.Empty(t)
	h.ok(h.store.Close())
	h.openWith(keyporter.Options{}, func(below keyporter.Store) keyporter.Store {
		s.Store = below
		return s
	})
	var one, two keyporter.Token
	var err error
	first, second := h.beside(s, 0, func() error { one, err = h.SetUpLink(h.ctx); return err },
		func() (err error) { two, err = h.SetUpLink(h.ctx); return err })
	if first != done || second != done {
		t.Fatalf("two set-up links at once: %s, %s", first, second)
	}
	h.want("not found", h.CheckSetUpLink(h.ctx, one.Reveal()))
	h.want(done, h.CheckSetUpLink(h.ctx, two.Reveal()))
}

// TestJoinBesideANewLink: who has joined gets no link.
func TestJoinBesideANewLink(t *testing.T) {
	h, s := newHeldHouse(t)
	invited, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Otto", Email: email(otto), Role: keyporter.Viewer})
	h.ok(err)
	admin, joining := h.actor(ada), h.actor(otto)
	first, second := h.beside(s, 0, func() error {
		_, err := h.JoinSubscription(h.ctx, joining, invited.Value.Reveal())
		return err
	}, func() error {
		_, err := h.RenewInvitation(h.ctx, admin, h.acme, invited.Member.ID)
		return err
	})
	if first != done || second != "not found" {
		t.Errorf("joining: %s; a new link: %s", first, second)
	}
}

// TestSweepBesideItself: hours are added up once.
func TestSweepBesideItself(t *testing.T) {
	h, s := newHeldHouse(t)
	key, token := h.key("a key", false)
	h.press(3, "GET", token, "198.51.100.1")
	h.ok(h.FlushUses(h.ctx))
	h.clock.pass(4 * 24 * time.Hour)
	for _, table := range []string{"sessions", "one_time_links", "used_nonces"} { // which the second would wait for as well
		_, err := engine.Look(t, h.path).Exec(`DELETE FROM ` + table)
		h.ok(err)
	}
	sweep := func() error { return h.Sweep(h.ctx) }
	if first, second := h.beside(s, 1, sweep, sweep); first != done || second != done {
		t.Fatalf("two sweeps: %s, %s", first, second)
	}
	var admitted int64
	h.ok(h.store.Read(h.ctx, func(tx keyporter.Tx) error {
		days, err := tx.KeyDays(key.ID, start.AddDate(0, 0, -1))
		for _, d := range days {
			admitted += d.Admitted
		}
		return err
	}))
	if admitted != 3 {
		t.Errorf("3 requests became %d", admitted)
	}
}
