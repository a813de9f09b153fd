package keyporter_test

import (
	"sync"
	"testing"

	"keyporter/internal/keyporter"
)

func (f *fixture) memberID(who string) string {
	f.t.Helper()
	all, err := f.Members(f.ctx, f.actor(ada), f.acme)
	f.ok(err)
	for _, m := range all {
		if m.Email == email(who) {
			return m.ID
		}
	}
	f.t.Fatalf("%s is no member", who)
	return ""
}

func TestLastSubscriptionAdminStays(t *testing.T) {
	f := newFixture(t)
	a, me := f.actor(ada), f.members[ada]
	_, err := f.AddMember(f.ctx, a, f.acme, keyporter.Member{Name: "Pending", Email: "pending@example.com",
		Role: keyporter.SubscriptionAdmin})
	f.ok(err)
	for _, role := range []keyporter.Role{keyporter.Admin, keyporter.Viewer} {
		// who was only invited does not count
		f.want("invalid input: role", f.ChangeRights(f.ctx, a, f.acme, me, role, true))
	}
	f.want("invalid input: ", second(f.RemoveMember(f.ctx, a, f.acme, me)))
	f.want("invalid input: role", f.ChangeRights(f.ctx, a, f.acme, f.members[tom], "owner", true))
	f.ok(f.ChangeRights(f.ctx, a, f.acme, f.members[tom], keyporter.SubscriptionAdmin, false))
	f.ok(f.ChangeRights(f.ctx, a, f.acme, me, keyporter.Viewer, false))
	f.want(forbidden, f.ChangeRights(f.ctx, f.actor(ada), f.acme, me, keyporter.SubscriptionAdmin, false))
	f.want("invalid input: ", second(f.RemoveMember(f.ctx, f.actor(tom), f.acme, f.members[tom])))
}

// TestSubscriptionAdminsDemoteOneAnother checks that one of two stays who demote each other concurrently.
func TestSubscriptionAdminsDemoteOneAnother(t *testing.T) {
	f := newFixture(t)
	for round := range 15 {
		left := f.actor(ada)
		if m, err := f.Member(f.ctx, f.actor(tom), f.acme, f.members[tom]); err == nil &&
			m.Role == keyporter.SubscriptionAdmin {
			left = f.actor(tom)
		}
		for _, who := range []string{ada, tom} {
			f.ok(f.ChangeRights(f.ctx, left, f.acme, f.members[who], keyporter.SubscriptionAdmin, false))
		}
		operations := []func() error{
			func() error {
				return f.ChangeRights(f.ctx, left, f.acme, f.members[ada], keyporter.Viewer, false)
			},
			func() error {
				return f.ChangeRights(f.ctx, left, f.acme, f.members[tom], keyporter.Admin, true)
			},
		}
		var both sync.WaitGroup
		for _, do := range operations {
			both.Go(func() { do() })
		}
		both.Wait()
		f.ok(f.store.Read(f.ctx, func(tx keyporter.Tx) error {
			n, err := tx.CountSubscriptionAdmins(f.acme)
			if n < 1 {
				t.Fatalf("round %d: no Subscription admin is left", round)
			}
			return err
		}))
	}
}

func TestRightsAndKeyAccess(t *testing.T) {
	for _, c := range []struct {
		role      keyporter.Role
		given     bool
		keeps     bool
		manages   bool
		changesMe bool
	}{
		{keyporter.SubscriptionAdmin, false, false, true, true},
		{keyporter.SubscriptionAdmin, true, false, true, true},
		{keyporter.Admin, false, false, false, false},
		{keyporter.Admin, true, true, true, false},
		{keyporter.Viewer, false, false, false, false},
		{keyporter.Viewer, true, false, false, false}, // Viewers never
	} {
		f := newFixture(t)
		f.ok(f.ChangeRights(f.ctx, f.actor(ada), f.acme, f.members[nora], c.role, c.given))
		m, err := f.Member(f.ctx, f.actor(ada), f.acme, f.members[nora])
		f.ok(err)
		if m.Role != c.role || m.KeyAccess != c.keeps || m.MayManageKeys() != c.manages ||
			m.Administers() != c.changesMe {
			t.Errorf("%s with %v is kept as %+v", c.role, c.given, m)
		}
		// on the very next request
		_, err = f.Keys(f.ctx, f.actor(nora), f.acme, keyporter.IntegrationKey, keyporter.KeyFilter{},
			keyporter.Position{})
		if (err == nil) != c.manages {
			t.Errorf("%s with %v lists keys: %v", c.role, c.given, err)
		}
	}
}

func TestAddMember(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		name, address string
		role          keyporter.Role
		want          string
	}{
		{"", "new@example.com", keyporter.Viewer, "invalid input: name"},
		{"New", "new", keyporter.Viewer, "invalid input: email"},
		{"New", "new@example.com", "", "invalid input: role"},
		{"\x00", "\xff", "root", "invalid input: email, name, role"},
		{"Vic", "VIC@example.com", keyporter.Viewer, "invalid input: email"},
		{"New", "new@example.com", keyporter.Viewer, done},
		{"New again", "New@Example.com", keyporter.Admin, "invalid input: email"},
		{"Otto", email(otto), keyporter.Viewer, done}, // has an account in another subscription: the answer is the same
	} {
		_, err := f.AddMember(f.ctx, f.actor(ada), f.acme, keyporter.Member{Name: c.name, Email: c.address,
			Role: c.role})
		if kind(err) != c.want {
			t.Errorf("%q, %q, %q: %s, want %s", c.name, c.address, c.role, kind(err), c.want)
		}
	}
}

func TestKeysStayWhenTheirCreatorIsRemoved(t *testing.T) {
	f := newFixture(t)
	s := f.session(tom)
	key, token, err := f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey,
		keyporter.KeyForm{Description: "Tom's", Once: f.Once(s, f.NewNonce(s))})
	f.ok(err)
	_, err = f.RemoveMember(f.ctx, f.actor(ada), f.acme, f.members[tom])
	f.ok(err)
	after, err := f.Key(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, key.ID.String())
	if err != nil || after.Creator != "Tom" || !after.CreatorGone || after.CreatedBy != s.User.ID {
		t.Errorf("the list shows %+v, %v", after, err)
	}
	if v := f.judge(token.Reveal()); !v.OK() {
		t.Errorf("the key is refused: %s", v.Code)
	}
}

func TestOperatorsAreMadeByTheCommandLine(t *testing.T) {
	f := newFixture(t)
	_, err := f.SetOperator(f.ctx, "nobody000000", true)
	f.want(notFound, err)
	_, err = f.Subscriptions(f.ctx, f.actor(vic), keyporter.Position{})
	f.want(notFound, err)
	_, err = f.SetOperator(f.ctx, f.actor(vic).UserID, true)
	f.want(done, err)
	_, err = f.Subscriptions(f.ctx, f.actor(vic), keyporter.Position{})
	f.want(done, err)
	_, err = f.SetOperator(f.ctx, f.actor(vic).UserID, false)
	f.want(done, err)
	_, err = f.Subscriptions(f.ctx, f.actor(vic), keyporter.Position{})
	f.want(notFound, err)
}
