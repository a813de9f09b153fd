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

// A brokenLog is a store in which audit events cannot be written while it is broken.
type brokenLog struct {
	keyporter.Store
	broken bool
}

type brokenTx struct{ keyporter.Tx }

var errBroken = errors.New("no line can be written")

func (brokenTx) AppendAudit(keyporter.AuditEvent) error { return errBroken }

func (s *brokenLog) Write(ctx context.Context, fn func(keyporter.Tx) error) error {
	return s.Store.Write(ctx, func(tx keyporter.Tx) error {
		if s.broken {
			tx = brokenTx{tx}
		}
		return fn(tx)
	})
}

// TestNothingIsDoneWithoutItsEvent checks that where the event cannot be written, the operation is not done, not even
// in part.
func TestNothingIsDoneWithoutItsEvent(t *testing.T) {
	log := &brokenLog{}
	f := newFixtureWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		log.Store = s
		return log
	})
	key, token := f.key("a key", true)
	spare := f.spare(f.session(ada))
	invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme,
		keyporter.Member{Name: "Otto", Email: email(otto), Role: keyporter.Viewer})
	f.ok(err)
	fresh, err := f.AddMember(f.ctx, f.actor(ada), f.acme, keyporter.Member{Name: "Fresh", Email: "fresh@example.com",
		Role: keyporter.Viewer})
	f.ok(err)
	_, reset, err := f.NewPasswordLink(f.ctx, email(vic))
	f.ok(err)
	s, a, id := f.session(ada), f.actor(ada), key.ID.String()
	const next = "another good password"
	operations := map[string]func() error{
		"CreateKey": func() error {
			return third(f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey,
				keyporter.KeyForm{Description: "x", Once: f.Once(s, f.NewNonce(s))}))
		},
		"EditKey": func() error {
			return f.EditKey(f.ctx, a, f.acme, id, keyporter.KeyChanges{Description: "edited"})
		},
		"EditKey low": func() error {
			return f.EditKey(f.ctx, a, f.acme, id, keyporter.KeyChanges{Description: "a key", Lower: true})
		},
		"DeleteKey": func() error { return f.DeleteKey(f.ctx, a, f.acme, keyporter.IntegrationKey, id, "a key") },
		"AddMember": func() error {
			return second(f.AddMember(f.ctx, a, f.acme, keyporter.Member{Name: "X", Email: "x@example.com",
				Role: keyporter.Viewer}))
		},
		"RenewInvitation": func() error { return second(f.RenewInvitation(f.ctx, a, f.acme, spare.ID)) },
		"ChangeRights": func() error {
			return f.ChangeRights(f.ctx, a, f.acme, f.members[tom], keyporter.Viewer,
				false)
		},
		"RemoveMember":       func() error { return second(f.RemoveMember(f.ctx, a, f.acme, f.members[tom])) },
		"RenameSubscription": func() error { return f.RenameSubscription(f.ctx, a, f.acme, "Other") },
		"SwitchFeature":      func() error { return f.SwitchFeature(f.ctx, a, f.acme, false) },
		"SetKeyPolicy": func() error {
			return f.SetKeyPolicy(f.ctx, a, f.acme,
				keyporter.KeyPolicyForm{KeyPolicy: keyporter.KeyPolicy{LongestLife: 90}})
		},
		"SetFeatureAvailable": func() error { return f.SetFeatureAvailable(f.ctx, f.actor(olga), f.acme, false) },
		"WithdrawFeature":     func() error { return f.WithdrawFeature(f.ctx, f.actor(olga), f.acme, "Acme") },
		"CreateSubscription": func() error {
			return second(f.CreateSubscription(f.ctx, f.actor(olga),
				keyporter.SubscriptionForm{Subscription: "New", Name: "New", Email: "new@example.com"}))
		},
		"JoinSubscription": func() error {
			return second(f.JoinSubscription(f.ctx, f.actor(otto),
				invited.Value.Reveal()))
		},
		"AcceptInvitation": func() error {
			return third(f.AcceptInvitation(f.ctx, fresh.Value.Reveal(), "Fresh",
				password, home))
		},
		"SignIn":          func() error { return third(f.SignIn(f.ctx, email(ada), password, "", home)) },
		"EndSession":      func() error { return f.EndSession(f.ctx, a, s.ID) },
		"RenameUser":      func() error { return f.RenameUser(f.ctx, a, "Other") },
		"ChangePassword":  func() error { return second(f.ChangePassword(f.ctx, a, password, next)) },
		"SetNewPassword":  func() error { return f.SetNewPassword(f.ctx, reset.Reveal(), next, home) },
		"NewPasswordLink": func() error { return third(f.NewPasswordLink(f.ctx, email(tom))) },
		"SetOperator":     func() error { return second(f.SetOperator(f.ctx, f.actor(tom).UserID, true)) },
	}
	const tries = "sign_in_limits" // a try is counted before anything is done
	f.judge(token)
	f.ok(f.FlushUses(f.ctx)) // so that later uses, at the same moment, change nothing
	before := f.contents(tries)
	log.broken = true
	for name, do := range operations {
		if err := do(); !errors.Is(err, errBroken) {
			t.Errorf("%s without its event: %v", name, err)
		}
		if after := f.contents(tries); after != before {
			t.Errorf("%s was done without its event", name)
		}
		if v := f.judge(token); !v.OK() || !v.Write {
			t.Errorf("after %s the gate says %+v", name, v)
		}
	}
	if err := f.RenameSubscription(f.ctx, f.actor(vic), f.acme, "Mine"); !errors.Is(err, errBroken) {
		t.Errorf("a refusal whose event cannot be written: %v", err)
	}
}

// TestAuditEvents checks who did what, and from where, in each event.
func TestAuditEvents(t *testing.T) {
	f := newFixture(t)
	f.clock.pass(time.Second)
	key, _ := f.key("Zapier", true)
	f.clock.pass(time.Second)
	away := f.session(tom).Actor(from("203.0.113.5"))
	f.ok(f.EditKey(f.ctx, away, f.acme, key.ID.String(), keyporter.KeyChanges{Description: "Make", Lower: true}))
	f.clock.pass(time.Second)
	f.ok(f.ChangeRights(f.ctx, f.actor(ada), f.acme, f.members[nora], keyporter.Admin, true))
	f.clock.pass(time.Second)
	f.want(forbidden, f.DeleteKey(f.ctx, f.actor(vic), f.acme, keyporter.IntegrationKey, key.ID.String(), "Make"))
	page, err := f.AuditLog(f.ctx, f.actor(ada), f.acme, keyporter.Position{})
	f.ok(err)
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
		got = append(got, strings.Join([]string{l.ActorName, string(l.Action), subject, l.Detail, l.Address, refused},
			"|"))
	}
	for _, want := range []string{
		"Vic|key.deleted|the key|Viewers have no access to integration keys. A Subscription admin can make you an " +
			"Admin with integration key access.|192.0.2.7|refused",
		"Ada|user.rights_changed||Nora (nora@example.com): Admin → Admin with integration key access|192.0.2.7|",
		"Tom|key.access_lowered|the key|Make|203.0.113.5|",
		"Tom|key.edited|the key|Zapier → Make|203.0.113.5|",
		"Ada|key.created|the key|Zapier, Read and write|192.0.2.7|",
	} {
		if !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("there is no event %q among\n%s", want, strings.Join(got, "\n"))
		}
	}
	if !page.Rows[0].Refused || page.Rows[4].Action != keyporter.ActionCreatedKey {
		t.Errorf("the events are not newest first:\n%s", strings.Join(got, "\n"))
	}
}

// TestAuditLogByPage reads all pages of a log with events of the same time, and checks that none is lost.
func TestAuditLogByPage(t *testing.T) {
	f := newFixture(t)
	for i := range 120 {
		f.ok(f.RenameSubscription(f.ctx, f.actor(ada), f.acme, fmt.Sprint("Acme ", i)))
	}
	all, seen := len(f.auditEvents(f.acme)), map[string]bool{}
	pos := keyporter.Position{}
	for {
		page, err := f.AuditLog(f.ctx, f.actor(ada), f.acme, pos)
		f.ok(err)
		for _, l := range page.Rows {
			seen[l.ID] = true
		}
		if page.Older == nil {
			break
		}
		pos = *page.Older
	}
	if len(seen) != all {
		t.Errorf("%d of %d events are on the pages", len(seen), all)
	}
}

// TestDatabaseHoldsNoSecret looks into the database's files, or tables, for what can be presented.
func TestDatabaseHoldsNoSecret(t *testing.T) {
	f := newFixture(t)
	_, token := f.key("Zapier", true)
	invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme,
		keyporter.Member{Name: "New", Email: "new@example.com", Role: keyporter.Viewer})
	f.ok(err)
	_, reset, err := f.NewPasswordLink(f.ctx, email(vic))
	f.ok(err)
	f.judge(token)
	f.ok(f.FlushUses(f.ctx))
	secrets := []string{token, token[19:], token[19:51], password, invited.Value.Reveal(), reset.Reveal()}
	for _, who := range everybody {
		secrets = append(secrets, f.values[who])
	}
	found := false
	for place, text := range engine.Contents(t, f.path) {
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
