package keyporter_test

import (
	"cmp"
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	passwords "keyporter/internal/password"
	"keyporter/internal/store"
	"keyporter/internal/storetest"
)

// password is everybody's. The people of the installation that tests start from are named by what they are.
const (
	password = "four words in a row"

	olga = "olga" // operator, and Subscription admin of another subscription than Acme
	otto = "otto" // Subscription admin of Globex alone
	ada  = "ada"  // Subscription admin of Acme
	tom  = "tom"  // Admin of Acme with integration key access
	nora = "nora" // Admin of Acme without
	vic  = "vic"  // Viewer of Acme
)

var everybody = []string{olga, otto, ada, tom, nora, vic}

// A model is the database that every test begins with a copy of, so that its users are made once.
type model struct {
	path         string            // the database's address
	acme, globex string            // subscriptions' IDs; Integration Keys are on in both
	values       map[string]string // of each person's session
	members      map[string]string // IDs of Acme's members by person
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// The engine and the model that tests run on: they are set before a round of tests begins.
var (
	engine   storetest.Engine
	theModel model
)

func TestMain(m *testing.M) {
	os.Exit(storetest.Run(m, func(e storetest.Engine, path string) { engine, theModel = e, newModel(path) }))
}

func email(who string) string { return who + "@example.com" }

func from(address string) keyporter.ClientInfo { return keyporter.NewClientInfo(address, "test") }

var home = from("192.0.2.7")

func newModel(path string) model {
	ctx := context.Background()
	s := must(store.Open(ctx, path))
	defer s.Close()
	now, hasher := func() time.Time { return start }, passwords.NewWeakHasher()
	p := keyporter.New(s, keyporter.Options{Now: now, Hasher: hasher})
	m := model{path: path, values: map[string]string{}, members: map[string]string{}}
	link := must(p.SetUpLink(ctx))
	value, _, err := p.SetUp(ctx, link.Reveal(), keyporter.SetUpForm{Subscription: "Vendor", Name: "Olga",
		Email: email(olga), Password: password}, home)
	check(err)
	m.values[olga] = value.Reveal()
	actor := func(who string) keyporter.Actor {
		session, _, err := p.FindSession(ctx, m.values[who])
		check(err)
		return session.Actor(home)
	}
	accept := func(who string, invited keyporter.Invited) {
		value, _, err := p.AcceptInvitation(ctx, invited.Value.Reveal(), invited.Member.Name, password, home)
		check(err)
		m.values[who], m.members[who] = value.Reveal(), invited.Member.ID
	}
	first := func(subscription, who, name string) string {
		invited := must(p.CreateSubscription(ctx, actor(olga),
			keyporter.SubscriptionForm{Subscription: subscription, Name: name, Email: email(who)}))
		accept(who, invited)
		check(p.SetFeatureAvailable(ctx, actor(olga), invited.Member.SubscriptionID, true))
		check(p.SwitchFeature(ctx, actor(who), invited.Member.SubscriptionID, true))
		return invited.Member.SubscriptionID
	}
	m.globex = first("Globex", otto, "Otto")
	m.acme = first("Acme", ada, "Ada")
	for who, member := range map[string]keyporter.Member{
		tom:  {Name: "Tom", Role: keyporter.Admin, KeyAccess: true},
		nora: {Name: "Nora", Role: keyporter.Admin},
		vic:  {Name: "Vic", Role: keyporter.Viewer},
	} {
		member.Email = email(who)
		accept(who, must(p.AddMember(ctx, actor(ada), m.acme, member)))
	}
	for _, who := range everybody {
		actor(who) // takes the new value that joining brings
		session, fresh, err := p.FindSession(ctx, m.values[who])
		check(err)
		if session.ID == "" || fresh.Reveal() != "" {
			panic("a session has a new value that nobody kept")
		}
	}
	return m
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

// A clock does not move until the test moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A fixture is an installation with one test's own database.
type fixture struct {
	*keyporter.Porter
	model
	t     *testing.T
	ctx   context.Context
	store *store.Store
	clock *clock
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	return newFixtureWith(t, keyporter.Options{}, nil)
}

// newFixtureWith lets a test choose options, and put something between the product and its store.
func newFixtureWith(t *testing.T, options keyporter.Options, between func(keyporter.Store) keyporter.Store) *fixture {
	t.Helper()
	f := &fixture{model: theModel, t: t, ctx: t.Context(), clock: &clock{now: start}}
	f.path = engine.Copy(t, theModel.path)
	f.openWith(options, between)
	t.Cleanup(func() { f.store.Close() })
	return f
}

func (f *fixture) openWith(options keyporter.Options, between func(keyporter.Store) keyporter.Store) {
	f.t.Helper()
	var err error
	if f.store, err = store.Open(context.Background(), f.path); err != nil {
		f.t.Fatal(err)
	}
	var s keyporter.Store = f.store
	if between != nil {
		s = between(s)
	}
	options.Now = f.clock.Now
	options.Hasher = cmp.Or(options.Hasher, passwords.NewWeakHasher())
	f.Porter = keyporter.New(s, options)
}

// reopen is a restart of the process.
func (f *fixture) reopen() {
	f.t.Helper()
	f.ok(f.store.Close())
	f.openWith(keyporter.Options{}, nil)
}

func (f *fixture) session(who string) keyporter.Session {
	f.t.Helper()
	s, fresh, err := f.FindSession(f.ctx, f.values[who])
	if err != nil {
		f.t.Fatalf("%s's session: %v", who, err)
	}
	if fresh.Reveal() != "" { // as a browser would
		values := map[string]string{}
		for name, value := range f.values {
			values[name] = value
		}
		values[who] = fresh.Reveal()
		f.values = values
	}
	return s
}

func (f *fixture) actor(who string) keyporter.Actor {
	f.t.Helper()
	return f.session(who).Actor(home)
}

// key makes a key in Acme, by Ada.
func (f *fixture) key(description string, write bool) (keyporter.Key, string) {
	f.t.Helper()
	s := f.session(ada)
	form := keyporter.KeyForm{Description: description, Write: write, Once: f.Once(s, f.NewNonce(s))}
	key, token, err := f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey, form)
	f.ok(err)
	return key, token.Reveal()
}

// feedbackKey creates a Feedback API key of a member in Acme.
func (f *fixture) feedbackKey(who, description string) (keyporter.Key, string) {
	f.t.Helper()
	s := f.session(who)
	key, token, err := f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.FeedbackKey,
		keyporter.KeyForm{Description: description, Once: f.Once(s, f.NewNonce(s))})
	f.ok(err)
	return key, token.Reveal()
}

// judge asks the gate about a GET with a token in the first header.
func (f *fixture) judge(token string) keyporter.Verdict {
	return f.Judge(f.ctx, keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: "GET",
		Path: "/", Address: "198.51.100.1"})
}
