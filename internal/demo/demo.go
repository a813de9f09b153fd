// Package demo fills an empty database like that of an installation after a year of use.
package demo

import (
	"context"
	"math/rand/v2"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// The email addresses of the users, of whom Jun was removed again.
const (
	Ada   = "ada@example.com"
	Tomas = "tomas@example.com"
	Noor  = "noor@example.com"
	Mei   = "mei@example.com"
	jun   = "jun@example.com"
)

// A User can sign in to the demo.
type User struct{ Email, Description string }

// Contents are what a visitor of the demo has to know.
type Contents struct {
	Users        []User
	Applications []keyporter.Application
	Key          token.Token // an integration key with read access
}

// A filler fills a database through the methods that pages call, with a clock that goes through the year before end.
type filler struct {
	ctx          context.Context
	porter       *keyporter.Porter
	now, end     time.Time
	random       *rand.Rand // with a fixed seed, so that every demo is the same
	password     string
	subscription string // its ID
	keys         []createdKey
}

// Fill fills an empty store with a year that ends at end. All users get the password.
func Fill(ctx context.Context, store keyporter.Store, password string, end time.Time) (Contents, error) {
	f := &filler{
		ctx: ctx, now: end.AddDate(-1, 0, 0), end: end, random: rand.New(rand.NewPCG(1, 2)), password: password,
	}
	f.porter = keyporter.New(store, keyporter.Options{Now: func() time.Time { return f.now }})
	for _, step := range []func() error{
		f.setUp, f.addMembers, f.createKeys, f.addExcludeEntries, f.changeThings, f.useKeys, f.createFeedbackKeys,
		f.addSubscriptions,
	} {
		if err := step(); err != nil {
			return Contents{}, err
		}
	}
	return f.contents()
}

func (f *filler) contents() (Contents, error) {
	c := Contents{Users: []User{
		{Ada, "Subscription admin, and operator of the installation"},
		{Tomas, "Admin with integration key access"},
		{Noor, "Admin without integration key access"},
		{Mei, "Viewer"},
	}}
	ada, err := f.signIn(Ada)
	if err != nil {
		return c, err
	}
	if c.Applications, err = f.porter.Applications(f.ctx, ada.Actor(client), f.subscription); err != nil {
		return c, err
	}
	for _, key := range f.keys {
		if !key.write {
			c.Key = key.token
		}
	}
	return c, nil
}

var client = keyporter.NewClientInfo("203.0.113.24",
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36")

func (f *filler) signIn(email string) (keyporter.Session, error) {
	value, _, err := f.porter.SignIn(f.ctx, email, f.password, "", client)
	if err != nil {
		return keyporter.Session{}, err
	}
	s, _, err := f.porter.FindSession(f.ctx, value.Reveal())
	return s, err
}

// actor signs in a user.
func (f *filler) actor(email string) (keyporter.Actor, error) {
	s, err := f.signIn(email)
	return s.Actor(client), err
}

// once returns what makes a form of a session be carried out once.
func (f *filler) once(s keyporter.Session) keyporter.Once {
	return f.porter.Once(s, f.porter.NewNonce(s))
}
