package keyporter_test

import (
	"fmt"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

func TestFeatureStates(t *testing.T) {
	type step struct {
		operation string
		want      string // its outcome
		state     keyporter.FeatureState
	}
	f := newFixture(t)
	_, token := f.key("a key", true)
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
		switch s.operation {
		case "switch on", "switch off":
			err = f.SwitchFeature(f.ctx, f.actor(ada), f.acme, s.operation == "switch on")
		default:
			err = f.SetFeatureAvailable(f.ctx, f.actor(olga), f.acme, s.operation == "grant")
		}
		v, visited := f.MemberView(f.ctx, f.actor(ada), f.acme)
		f.ok(visited)
		if kind(err) != s.want || v.Subscription.Feature() != s.state {
			t.Errorf("step %d, %s: %s and %s, want %s and %s", i, s.operation, kind(err), v.Subscription.Feature(),
				s.want, s.state)
		}
		f.checkGate(token, s.state)
	}
}

// checkGate checks that a key is admitted and can be created only while the feature is on, and can be listed and
// deleted always.
func (f *fixture) checkGate(token string, state keyporter.FeatureState) {
	f.t.Helper()
	on := state == keyporter.FeatureOn
	want := keyporter.FeatureDisabled
	if on {
		want = ""
	}
	if v := f.judge(token); v.Code != want {
		f.t.Errorf("%s: the gate says %q", state, v.Code)
	}
	s := f.session(tom)
	key, _, err := f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey,
		keyporter.KeyForm{Description: "new", Once: f.Once(s, f.NewNonce(s))})
	if may := f.CheckMayCreate(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey); (may == nil) != on ||
		(err == nil) != on {
		f.t.Errorf("%s: creating is answered %v, its form %v", state, err, may)
	}
	if _, err := f.Keys(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey, keyporter.KeyFilter{},
		keyporter.Position{}); err != nil {
		f.t.Errorf("%s: the list is answered %v", state, err)
	}
	if err == nil {
		f.ok(f.SwitchFeature(f.ctx, f.actor(ada), f.acme, false))
		f.want(done, f.DeleteKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey, key.ID.String(), ""))
		f.ok(f.SwitchFeature(f.ctx, f.actor(ada), f.acme, true))
	}
}

// TestFeatureBelongsToOneSubscription checks that switching one subscription's feature off leaves another's keys alone.
func TestFeatureBelongsToOneSubscription(t *testing.T) {
	f := newFixture(t)
	s := f.session(otto)
	_, token, err := f.CreateKey(f.ctx, s.Actor(home), f.globex, keyporter.IntegrationKey,
		keyporter.KeyForm{Description: "Globex's", Once: f.Once(s, f.NewNonce(s))})
	f.ok(err)
	f.ok(f.SwitchFeature(f.ctx, f.actor(ada), f.acme, false))
	f.ok(f.SetFeatureAvailable(f.ctx, f.actor(olga), f.acme, false))
	if v := f.judge(token.Reveal()); !v.OK() || v.SubscriptionID != f.globex {
		t.Errorf("Globex's key is answered %+v", v)
	}
	f.want(notFound, f.SetFeatureAvailable(f.ctx, f.actor(olga), "4fT9aQ0bZ7Lm", true))
}

func TestSwitchOffConsequence(t *testing.T) {
	f := newFixture(t)
	for i := range 4 {
		_, token := f.key(fmt.Sprint("key ", i), false)
		if i > 0 { // one is never used; one was used the day before
			f.judge(token)
		}
		if i == 1 {
			f.clock.pass(24*time.Hour + time.Second)
			value, _, err := f.SignIn(f.ctx, email(ada), password, "", home)
			f.ok(err)
			f.values = map[string]string{ada: value.Reveal()}
		}
	}
	stops, err := f.SwitchOffConsequence(f.ctx, f.actor(ada), f.acme)
	if stops.Keys != 4 || stops.UsedLastDay != 2 || stops.Requests != 2 || err != nil {
		t.Errorf("%+v, %v; want 4 keys, 2 of them used in a day, with 2 requests", stops, err)
	}
}

func TestAdminsToAsk(t *testing.T) {
	f := newFixtureWith(t, keyporter.Options{OperatorContact: "support@example.com"}, nil)
	f.ok(f.SetFeatureAvailable(f.ctx, f.actor(olga), f.acme, false))
	for _, c := range []struct {
		err  error
		asks string
	}{
		{f.CheckMayCreate(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey), "[support@example.com]"},
		{f.CheckMayCreate(f.ctx, f.actor(nora), f.acme, keyporter.IntegrationKey), "[Ada (" + email(ada) + ") ]"},
		{f.SwitchFeature(f.ctx, f.actor(vic), f.acme, true), "[Ada (" + email(ada) + ") ]"},
	} {
		refusal, ok := c.err.(*keyporter.Forbidden)
		if !ok || refusal.Why == "" || fmt.Sprint(append(refusal.Ask, refusal.Contact)) != c.asks {
			t.Errorf("%v asks for %+v, want %s", c.err, refusal, c.asks)
		}
	}
}
