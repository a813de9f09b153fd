package keyporter_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// A brokenLog is a store in which audit lines cannot be written while it is broken.
type brokenLog struct {
	keyporter.Store
	broken bool
}

type brokenTx struct{ keyporter.Tx }

var errBroken = errors.New("no line can be written")

func (brokenTx) InsertLine(keyporter.AuditLine) error { return errBroken }

func (s *brokenLog) Write(ctx context.Context, fn func(keyporter.Tx) error) error {
	return s.Store.Write(ctx, func(tx keyporter.Tx) error {
		if s.broken {
			tx = brokenTx{tx}
		}
		return fn(tx)
	})
}

// TestNoDeedWithoutItsLine: where the line cannot be written, nothing is done, and nothing half.
func TestNoDeedWithoutItsLine(t *testing.T) {
	log := &brokenLog{}
	h := newHouseWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		log.Store = s
		return log
	})
	key, token := h.key("a key", true)
	spare := h.spare(h.session(ada))
	invited, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Otto", Email: email(otto), Role: keyporter.Viewer})
	h.ok(err)
	fresh, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Fresh", Email: "fresh@example.com", Role: keyporter.Viewer})
	h.ok(err)
	_, reset, err := h.NewPasswordLink(h.ctx, email(vic))
	h.ok(err)
	s, a, id := h.session(ada), h.actor(ada), key.ID.String()
	const next = "another good password"
	deeds := map[string]func() error{
		"CreateKey": func() error {
			return third(h.CreateKey(h.ctx, s, home, h.acme, keyporter.KeyForm{Description: "x", Nonce: h.NewNonce(s)}))
		},
		"EditKey":     func() error { return h.EditKey(h.ctx, a, h.acme, id, "edited", false) },
		"EditKey low": func() error { return h.EditKey(h.ctx, a, h.acme, id, "a key", true) },
		"DeleteKey":   func() error { return h.DeleteKey(h.ctx, a, h.acme, id, "a key") },
		"AddMember": func() error {
			return second(h.AddMember(h.ctx, a, h.acme, keyporter.Member{Name: "X", Email: "x@example.com", Role: keyporter.Viewer}))
		},
		"RenewInvitation":    func() error { return second(h.RenewInvitation(h.ctx, a, h.acme, spare.ID)) },
		"ChangeRights":       func() error { return h.ChangeRights(h.ctx, a, h.acme, h.members[tom], keyporter.Viewer, false) },
		"RemoveMember":       func() error { return second(h.RemoveMember(h.ctx, a, h.acme, h.members[tom])) },
		"RenameSubscription": func() error { return h.RenameSubscription(h.ctx, a, h.acme, "Other") },
		"SwitchFeature":      func() error { return h.SwitchFeature(h.ctx, a, h.acme, false) },
		"GrantFeature":       func() error { return h.GrantFeature(h.ctx, h.actor(olga), h.acme, false) },
		"WithdrawFeature":    func() error { return h.WithdrawFeature(h.ctx, h.actor(olga), h.acme, "Acme") },
		"CreateSubscription": func() error {
			return second(h.CreateSubscription(h.ctx, h.actor(olga), keyporter.SubscriptionForm{Subscription: "New", Name: "New", Email: "new@example.com"}))
		},
		"JoinSubscription": func() error { return second(h.JoinSubscription(h.ctx, h.actor(otto), invited.Value.Reveal())) },
		"AcceptInvitation": func() error { return third(h.AcceptInvitation(h.ctx, fresh.Value.Reveal(), "Fresh", password, home)) },
		"SignIn":           func() error { return third(h.SignIn(h.ctx, email(ada), password, "", home)) },
		"EndSession":       func() error { return h.EndSession(h.ctx, a, s.ID) },
		"RenameUser":       func() error { return h.RenameUser(h.ctx, a, "Other") },
		"ChangePassword":   func() error { return second(h.ChangePassword(h.ctx, a, password, next)) },
		"SetNewPassword":   func() error { return h.SetNewPassword(h.ctx, reset.Reveal(), next, home) },
		"NewPasswordLink":  func() error { return third(h.NewPasswordLink(h.ctx, email(tom))) },
		"SetOperator":      func() error { return second(h.SetOperator(h.ctx, h.actor(tom).UserID, true)) },
	}
	const tries = "sign_in_limits" // a try is counted before anything is done
	h.judge(token)
	h.ok(h.FlushUses(h.ctx)) // so that later uses, at the same moment, change nothing
	before := h.contents(tries)
	log.broken = true
	for name, do := range deeds {
		if err := do(); !errors.Is(err, errBroken) {
			t.Errorf("%s without its line: %v", name, err)
		}
		if after := h.contents(tries); after != before {
			t.Errorf("%s was done without its line", name)
		}
		if v := h.judge(token); !v.OK() || !v.Write {
			t.Errorf("after %s the gate says %+v", name, v)
		}
	}
	if err := h.RenameSubscription(h.ctx, h.actor(vic), h.acme, "Mine"); !errors.Is(err, errBroken) {
		t.Errorf("a refusal whose line cannot be written: %v", err)
	}
}

// TestLines says who did what from where.
func TestLines(t *testing.T) {
	h := newHouse(t)
	h.clock.pass(time.Second)
	key, _ := h.key("Zapier", true)
	h.clock.pass(time.Second)
	away := h.session(tom).Actor(from("203.0.113.5"))
	h.ok(h.EditKey(h.ctx, away, h.acme, key.ID.String(), "Make", true))
	h.clock.pass(time.Second)
	h.ok(h.ChangeRights(h.ctx, h.actor(ada), h.acme, h.members[nora], keyporter.Admin, true))
	h.clock.pass(time.Second)
	h.want(forbidden, h.DeleteKey(h.ctx, h.actor(vic), h.acme, key.ID.String(), "Make"))
	page, err := h.AuditLog(h.ctx, h.actor(ada), h.acme, keyporter.Position{})
	h.ok(err)
	var got []string
	for _, l := range page.Rows[:5] {
		subject := ""
		if l.KeyID == key.ID.String() {
			subject = "the key"
		}
		refused := ""
		if l.Refused {
			refused = "refused"
		}
		got = append(got, strings.Join([]string{l.Who, string(l.Action), subject, l.Detail, l.Address, refused}, "|"))
	}
	for _, want := range []string{
		"Vic|key.deleted|the key|Viewers have no access to integration keys. A Subscription admin can make you an Admin with integration key access.|192.0.2.7|refused",
		"Ada|user.rights_changed||Nora (nora@example.com): Admin → Admin with integration key access|192.0.2.7|",
		"Tom|key.access_lowered|the key|Make|203.0.113.5|",
		"Tom|key.edited|the key|Zapier → Make|203.0.113.5|",
		"Ada|key.created|the key|Zapier, Read and write|192.0.2.7|",
	} {
		if !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("there is no line %q among\n%s", want, strings.Join(got, "\n"))
		}
	}
	if !page.Rows[0].Refused || page.Rows[4].Action != keyporter.ActionCreatedKey {
		t.Errorf("the lines are not newest first:\n%s", strings.Join(got, "\n"))
	}
}

// TestAuditLogByPage turns over lines of the same moment without losing one.
func TestAuditLogByPage(t *testing.T) {
	h := newHouse(t)
	for i := range 120 {
		h.ok(h.RenameSubscription(h.ctx, h.actor(ada), h.acme, fmt.Sprint("Acme ", i)))
	}
	all, seen := len(h.lines(h.acme)), map[string]bool{}
	pos := keyporter.Position{}
	for {
		page, err := h.AuditLog(h.ctx, h.actor(ada), h.acme, pos)
		h.ok(err)
		for _, l := range page.Rows {
			seen[l.ID] = true
		}
		if page.Older == nil {
			break
		}
		pos = *page.Older
	}
	if len(seen) != all {
		t.Errorf("%d of %d lines are on the pages", len(seen), all)
	}
}

// TestDatabaseHoldsNoSecret looks into the database's files, or tables, for what can be presented.
func TestDatabaseHoldsNoSecret(t *testing.T) {
	h := newHouse(t)
	_, token := h.key("Zapier", true)
	invited, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "New", Email: "new@example.com", Role: keyporter.Viewer})
	h.ok(err)
	_, reset, err := h.NewPasswordLink(h.ctx, email(vic))
	h.ok(err)
	h.judge(token)
	h.ok(h.FlushUses(h.ctx))
	secrets := []string{token, token[19:], token[19:51], password, invited.Value.Reveal(), reset.Reveal()}
	for _, who := range everybody {
		secrets = append(secrets, h.values[who])
	}
	found := false
	for place, text := range engine.Contents(t, h.path) {
		found = found || strings.Contains(text, "Zapier")
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %s", place, secret)
			}
		}
	}
	if !found {
		t.Error("the search looked into the wrong places: the description is not there")
	}
}
