package keyporter_test

import (
	"fmt"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

func TestFeatureStates(t *testing.T) {
	type step struct {
		deed  string
		want  string // its outcome
		state keyporter.FeatureState
	}
	h := newHouse(t)
	_, token := h.key("a key", true)
	for i, s := range []step{
		{"switch on", done, keyporter.FeatureOn}, // it is
		{"switch off", done, keyporter.FeatureOff},
		{"switch off", done, keyporter.FeatureOff},
		{"switch on", done, keyporter.FeatureOn},
		{"grant", done, keyporter.FeatureOn}, // it is
		{"withdraw", done, keyporter.FeatureUnavailable},
		{"switch on", forbidden, keyporter.FeatureUnavailable},
		{"switch off", done, keyporter.FeatureUnavailable},
		{"withdraw", done, keyporter.FeatureUnavailable},
		{"grant", done, keyporter.FeatureOff}, // and not on, as it was
		{"withdraw", done, keyporter.FeatureUnavailable},
		{"grant", done, keyporter.FeatureOff},
		{"switch on", done, keyporter.FeatureOn},
	} {
		var err error
		switch s.deed {
		case "switch on", "switch off":
			err = h.SwitchFeature(h.ctx, h.actor(ada), h.acme, s.deed == "switch on")
		default:
			err = h.GrantFeature(h.ctx, h.actor(olga), h.acme, s.deed == "grant")
		}
		v, visited := h.Visit(h.ctx, h.actor(ada), h.acme)
		h.ok(visited)
		if kind(err) != s.want || v.Subscription.Feature() != s.state {
			t.Errorf("step %d, %s: %s and %s, want %s and %s", i, s.deed, kind(err), v.Subscription.Feature(), s.want, s.state)
		}
		h.checkGate(token, s.state)
	}
}

// checkGate: a key opens and can be made while the feature is on alone; it can be listed and deleted always.
func (h *house) checkGate(token string, state keyporter.FeatureState) {
	h.t.Helper()
	on := state == keyporter.FeatureOn
	want := keyporter.FeatureDisabled
	if on {
		want = ""
	}
	if v := h.judge(token); v.Code != want {
		h.t.Errorf("%s: the gate says %q", state, v.Code)
	}
	s := h.session(tom)
	key, _, err := h.CreateKey(h.ctx, s, home, h.acme, keyporter.KeyForm{Description: "new", Nonce: h.NewNonce(s)})
	if may := h.CheckMayCreate(h.ctx, s.Actor(home), h.acme); (may == nil) != on || (err == nil) != on {
		h.t.Errorf("%s: creating is answered %v, its form %v", state, err, may)
	}
	if _, err := h.Keys(h.ctx, s.Actor(home), h.acme, keyporter.KeyFilter{}, keyporter.Position{}); err != nil {
		h.t.Errorf("%s: the list is answered %v", state, err)
	}
	if err == nil {
		h.ok(h.SwitchFeature(h.ctx, h.actor(ada), h.acme, false))
		h.want(done, h.DeleteKey(h.ctx, s.Actor(home), h.acme, key.ID.String(), ""))
		h.ok(h.SwitchFeature(h.ctx, h.actor(ada), h.acme, true))
	}
}

// TestFeatureIsOfOneSubscription: switching one off leaves another's keys alone.
func TestFeatureIsOfOneSubscription(t *testing.T) {
	h := newHouse(t)
	s := h.session(otto)
	_, token, err := h.CreateKey(h.ctx, s, home, h.globex, keyporter.KeyForm{Description: "Globex's", Nonce: h.NewNonce(s)})
	h.ok(err)
	h.ok(h.SwitchFeature(h.ctx, h.actor(ada), h.acme, false))
	h.ok(h.GrantFeature(h.ctx, h.actor(olga), h.acme, false))
	if v := h.judge(token.Reveal()); !v.OK() || v.SubscriptionID != h.globex {
		t.Errorf("Globex's key is answered %+v", v)
	}
	h.want(notFound, h.GrantFeature(h.ctx, h.actor(olga), "4fT9aQ0bZ7Lm", true))
}

func TestSwitchOffConsequence(t *testing.T) {
	h := newHouse(t)
	for i := range 4 {
		_, token := h.key(fmt.Sprint("key ", i), false)
		if i > 0 { // one is never used; one was used the day before
			h.judge(token)
		}
		if i == 1 {
			h.clock.pass(24*time.Hour + time.Second)
			value, _, err := h.SignIn(h.ctx, email(ada), password, "", home)
			h.ok(err)
			h.values = map[string]string{ada: value.Reveal()}
		}
	}
	stops, err := h.SwitchOffConsequence(h.ctx, h.actor(ada), h.acme)
	if stops.Keys != 4 || stops.UsedLastDay != 2 || stops.Requests != 2 || err != nil {
		t.Errorf("%+v, %v; want 4 keys, 2 of them used in a day, with 2 requests", stops, err)
	}
}

func TestWhomToAsk(t *testing.T) {
	h := newHouseWith(t, keyporter.Options{OperatorContact: "support@example.com"}, nil)
	h.ok(h.GrantFeature(h.ctx, h.actor(olga), h.acme, false))
	for _, c := range []struct {
		err  error
		asks string
	}{
		{h.CheckMayCreate(h.ctx, h.actor(ada), h.acme), "[support@example.com]"},
		{h.CheckMayCreate(h.ctx, h.actor(nora), h.acme), "[Ada (" + email(ada) + ") ]"},
		{h.SwitchFeature(h.ctx, h.actor(vic), h.acme, true), "[Ada (" + email(ada) + ") ]"},
	} {
		refusal, ok := c.err.(*keyporter.Forbidden)
		if !ok || refusal.Why == "" || fmt.Sprint(append(refusal.Ask, refusal.Contact)) != c.asks {
			t.Errorf("%v asks for %+v, want %s", c.err, refusal, c.asks)
		}
	}
}
