package main

import (
	"context"
	"math/rand/v2"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
	"keyporter/internal/token"
)

// A person is somebody who can sign in to the demo.
type demoPerson struct{ email, is string }

const (
	demoAda   = "ada@example.com"
	demoTomas = "tomas@example.com"
	demoNoor  = "noor@example.com"
	demoMei   = "mei@example.com"
	demoJun   = "jun@example.com"
)

// A filled is what the demo tells about its database.
type filled struct {
	people       []demoPerson
	applications []keyporter.Application
	key          token.Token // of an integration key that reads
}

// A year is a demo being filled: the product itself, with a clock that runs through the year before end.
type year struct {
	ctx      context.Context
	porter   *keyporter.Porter
	now, end time.Time
	dice     *rand.Rand
	password string
	sub      string // the subscription's ID
	used     []usedKey
}

// fillDemo makes a subscription as it is after a year: through the same methods that pages call, so that nothing in it
// is there that could not be.
func fillDemo(ctx context.Context, path, password string, end time.Time) (f filled, err error) {
	s, err := store.Open(ctx, path)
	if err != nil {
		return f, err
	}
	defer s.Close()
	y := &year{ctx: ctx, now: end.AddDate(-1, 0, 0), end: end, dice: rand.New(rand.NewPCG(1, 2)), password: password}
	y.porter = keyporter.New(s, keyporter.Options{Now: func() time.Time { return y.now }})
	for _, step := range []func() error{y.begin, y.people, y.keys, y.excludes, y.changes, y.uses, y.feedbackKeys, y.neighbours} {
		if err := step(); err != nil {
			return f, err
		}
	}
	ada, err := y.signIn(demoAda)
	if err != nil {
		return f, err
	}
	if f.applications, err = y.porter.Applications(ctx, ada.Actor(demoOrigin), y.sub); err != nil {
		return f, err
	}
	for _, key := range y.used {
		if !key.write {
			f.key = key.token
		}
	}
	f.people = []demoPerson{
		{demoAda, "Subscription admin, and operator of the installation"},
		{demoTomas, "Admin with integration key access"},
		{demoNoor, "Admin without integration key access"},
		{demoMei, "Viewer"},
	}
	return f, nil
}

func (y *year) begin() (err error) {
	y.sub, err = y.porter.SetUpHere(y.ctx, keyporter.SetUpForm{Subscription: "Acme Analytics", Name: "Ada Lindqvist", Email: demoAda, Password: y.password})
	if err != nil {
		return err
	}
	ada, err := y.signIn(demoAda)
	if err != nil {
		return err
	}
	phone := keyporter.ApplicationForm{Name: "Phone app", Platform: keyporter.IOS, Once: y.porter.Once(ada, y.porter.NewNonce(ada))}
	if _, err := y.porter.CreateApplication(y.ctx, ada.Actor(demoOrigin), y.sub, phone); err != nil {
		return err
	}
	return y.porter.SwitchFeature(y.ctx, ada.Actor(demoOrigin), y.sub, true)
}

var demoOrigin = keyporter.NewClientInfo("203.0.113.24", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36")

func (y *year) signIn(email string) (keyporter.Session, error) {
	value, _, err := y.porter.SignIn(y.ctx, email, y.password, "", demoOrigin)
	if err != nil {
		return keyporter.Session{}, err
	}
	s, _, err := y.porter.FindSession(y.ctx, value.Reveal())
	return s, err
}

func (y *year) people() error {
	ada, err := y.signIn(demoAda)
	if err != nil {
		return err
	}
	a := ada.Actor(demoOrigin)
	for _, m := range []keyporter.Member{
		{Name: "Tomás Oliveira", Email: demoTomas, Role: keyporter.Admin, KeyAccess: true},
		{Name: "Jun Nakamura", Email: demoJun, Role: keyporter.Admin, KeyAccess: true},
		{Name: "Noor Haddad", Email: demoNoor, Role: keyporter.Admin},
		{Name: "Mei Tanaka", Email: demoMei, Role: keyporter.Viewer},
	} {
		y.now = y.now.Add(7 * time.Minute)
		invited, err := y.porter.AddMember(y.ctx, a, y.sub, m)
		if err != nil {
			return err
		}
		if _, _, err := y.porter.AcceptInvitation(y.ctx, invited.Value.Reveal(), m.Name, y.password, demoOrigin); err != nil {
			return err
		}
	}
	return nil
}

func (y *year) removeJun() error {
	ada, err := y.signIn(demoAda)
	if err != nil {
		return err
	}
	a := ada.Actor(demoOrigin)
	members, err := y.porter.Members(y.ctx, a, y.sub)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.Email == demoJun {
			_, err = y.porter.RemoveMember(y.ctx, a, y.sub, m.ID)
		}
	}
	return err
}

// neighbours adds two more subscriptions: Ada belongs to one of them, nobody yet to the other.
func (y *year) neighbours() error {
	y.now = y.end.Add(-3 * time.Hour)
	ada, err := y.signIn(demoAda)
	if err != nil {
		return err
	}
	a := ada.Actor(demoOrigin)
	for _, name := range []string{"Globex Retail", "Initech"} {
		invited, err := y.porter.CreateSubscription(y.ctx, a, keyporter.SubscriptionForm{Subscription: name, Name: "Ada Lindqvist", Email: demoAda})
		if err != nil {
			return err
		}
		if name == "Initech" {
			continue
		}
		if err := y.porter.GrantFeature(y.ctx, a, invited.Member.SubscriptionID, true); err != nil {
			return err
		}
		if _, err := y.porter.JoinSubscription(y.ctx, a, invited.Value.Reveal()); err != nil {
			return err
		}
	}
	if err := y.porter.RememberSubscription(y.ctx, a, y.sub); err != nil {
		return err
	}
	y.now = y.end
	return y.porter.Sweep(y.ctx)
}
