package keyporter_test

import (
	"sync"
	"testing"

	"keyporter/internal/keyporter"
)

func (h *house) memberID(who string) string {
	h.t.Helper()
	all, err := h.Members(h.ctx, h.actor(ada), h.acme)
	h.ok(err)
	for _, m := range all {
		if m.Email == email(who) {
			return m.ID
		}
	}
	h.t.Fatalf("%s is no member", who)
	return ""
}

func TestNeverWithoutSubscriptionAdmin(t *testing.T) {
	h := newHouse(t)
	a, me := h.actor(ada), h.members[ada]
	_, err := h.AddMember(h.ctx, a, h.acme, keyporter.Member{Name: "Pending", Email: "pending@example.com", Role: keyporter.SubscriptionAdmin})
	h.ok(err)
	for _, role := range []keyporter.Role{keyporter.Admin, keyporter.Viewer} {
		h.want("invalid input: role", h.ChangeRights(h.ctx, a, h.acme, me, role, true)) // who was only invited does not count
	}
	h.want("invalid input: ", second(h.RemoveMember(h.ctx, a, h.acme, me)))
	h.want("invalid input: role", h.ChangeRights(h.ctx, a, h.acme, h.members[tom], "owner", true))
	h.ok(h.ChangeRights(h.ctx, a, h.acme, h.members[tom], keyporter.SubscriptionAdmin, false))
	h.ok(h.ChangeRights(h.ctx, a, h.acme, me, keyporter.Viewer, false))
	h.want(forbidden, h.ChangeRights(h.ctx, h.actor(ada), h.acme, me, keyporter.SubscriptionAdmin, false))
	h.want("invalid input: ", second(h.RemoveMember(h.ctx, h.actor(tom), h.acme, h.members[tom])))
}

// TestSubscriptionAdminsDemoteOneAnother at the same moment: one of them stays.
func TestSubscriptionAdminsDemoteOneAnother(t *testing.T) {
	h := newHouse(t)
	for round := range 15 {
		left := h.actor(ada)
		if m, err := h.Member(h.ctx, h.actor(tom), h.acme, h.members[tom]); err == nil && m.Role == keyporter.SubscriptionAdmin {
			left = h.actor(tom)
		}
		for _, who := range []string{ada, tom} {
			h.ok(h.ChangeRights(h.ctx, left, h.acme, h.members[who], keyporter.SubscriptionAdmin, false))
		}
		deeds := []func() error{
			func() error {
				return h.ChangeRights(h.ctx, left, h.acme, h.members[ada], keyporter.Viewer, false)
			},
			func() error {
				return h.ChangeRights(h.ctx, left, h.acme, h.members[tom], keyporter.Admin, true)
			},
		}
		var both sync.WaitGroup
		for _, do := range deeds {
			both.Go(func() { do() })
		}
		both.Wait()
		h.ok(h.store.Read(h.ctx, func(tx keyporter.Tx) error {
			n, err := tx.CountSubscriptionAdmins(h.acme)
			if n < 1 {
				t.Fatalf("round %d: nobody is left", round)
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
		h := newHouse(t)
		h.ok(h.ChangeRights(h.ctx, h.actor(ada), h.acme, h.members[nora], c.role, c.given))
		m, err := h.Member(h.ctx, h.actor(ada), h.acme, h.members[nora])
		h.ok(err)
		if m.Role != c.role || m.KeyAccess != c.keeps || m.MayManageKeys() != c.manages || m.Administers() != c.changesMe {
			t.Errorf("%s with %v is kept as %+v", c.role, c.given, m)
		}
		_, err = h.Keys(h.ctx, h.actor(nora), h.acme, keyporter.KeyFilter{}, keyporter.Position{}) // on the very next request
		if (err == nil) != c.manages {
			t.Errorf("%s with %v lists keys: %v", c.role, c.given, err)
		}
	}
}

func TestAddMember(t *testing.T) {
	h := newHouse(t)
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
		_, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: c.name, Email: c.address, Role: c.role})
		if kind(err) != c.want {
			t.Errorf("%q, %q, %q: %s, want %s", c.name, c.address, c.role, kind(err), c.want)
		}
	}
}

func TestKeysOutliveTheirCreator(t *testing.T) {
	h := newHouse(t)
	s := h.session(tom)
	key, token, err := h.CreateKey(h.ctx, s, home, h.acme, keyporter.KeyForm{Description: "Tom's", Nonce: h.NewNonce(s)})
	h.ok(err)
	_, err = h.RemoveMember(h.ctx, h.actor(ada), h.acme, h.members[tom])
	h.ok(err)
	after, err := h.Key(h.ctx, h.actor(ada), h.acme, key.ID.String())
	if err != nil || after.Creator != "Tom" || !after.CreatorGone || after.CreatedBy != s.User.ID {
		t.Errorf("the list shows %+v, %v", after, err)
	}
	if v := h.judge(token.Reveal()); !v.OK() {
		t.Errorf("the key opens nothing any more: %s", v.Code)
	}
}

func TestOperatorsAreMadeByTheCommandLine(t *testing.T) {
	h := newHouse(t)
	_, err := h.SetOperator(h.ctx, "nobody000000", true)
	h.want(notFound, err)
	_, err = h.Subscriptions(h.ctx, h.actor(vic), keyporter.Position{})
	h.want(notFound, err)
	_, err = h.SetOperator(h.ctx, h.actor(vic).UserID, true)
	h.want(done, err)
	_, err = h.Subscriptions(h.ctx, h.actor(vic), keyporter.Position{})
	h.want(done, err)
	_, err = h.SetOperator(h.ctx, h.actor(vic).UserID, false)
	h.want(done, err)
	_, err = h.Subscriptions(h.ctx, h.actor(vic), keyporter.Position{})
	h.want(notFound, err)
}
