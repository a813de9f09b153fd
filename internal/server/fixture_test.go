package server_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"keyporter/internal/config"
	"keyporter/internal/keyporter"
	passwords "keyporter/internal/password"
	"keyporter/internal/server"
	"keyporter/internal/store"
	"keyporter/internal/storetest"
)

// password is the password of all people in the tests.
const (
	password = "four words in a row"

	visitor = "visitor" // is not signed in
	otto    = "otto"    // Subscription admin of Globex alone
	vic     = "vic"     // Viewer of Acme
	nora    = "nora"    // Admin of Acme without integration key access
	tom     = "tom"     // Admin of Acme with it
	ada     = "ada"     // Subscription admin of Acme
	olga    = "olga"    // operator, and Subscription admin of a third subscription
)

var everybody = []string{visitor, otto, vic, nora, tom, ada, olga}

func email(who string) string { return who + "@example.com" }

// A model is a database of which each test gets a copy.
type model struct {
	path         string            // the database's address
	acme, globex string            // subscriptions' IDs; Integration Keys are on in both
	values       map[string]string // of each person's session
	members      map[string]string // IDs of Acme's members by person
	sessions     map[string]keyporter.Session
}

// The engine and the model are set before the tests are run on each engine.
var (
	engine   storetest.Engine
	theModel model
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var home = keyporter.NewClientInfo("192.0.2.7", "test")

func TestMain(m *testing.M) {
	os.Exit(storetest.Run(m, func(e storetest.Engine, path string) { engine, theModel = e, newModel(path) }))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func newModel(path string) model {
	ctx := context.Background()
	s, err := store.Open(ctx, path)
	check(err)
	defer s.Close()
	now, hasher := func() time.Time { return start }, passwords.NewWeakHasher()
	p := keyporter.New(s, keyporter.Options{Now: now, Hasher: hasher})
	m := model{path: path, values: map[string]string{}, members: map[string]string{},
		sessions: map[string]keyporter.Session{}}
	signedIn := func(who string) keyporter.Actor { // takes the new value that a change of rights brings
		session, fresh, err := p.FindSession(ctx, m.values[who])
		check(err)
		if fresh.Reveal() != "" {
			m.values[who] = fresh.Reveal()
		}
		m.sessions[who] = session
		return session.Actor(home)
	}
	accept := func(who string, invited keyporter.Invited, err error) string {
		check(err)
		value, joined, err := p.AcceptInvitation(ctx, invited.Value.Reveal(), invited.Member.Name, password, home)
		check(err)
		m.values[who], m.members[who] = value.Reveal(), invited.Member.ID
		return joined
	}
	link, err := p.SetUpLink(ctx)
	check(err)
	value, _, err := p.SetUp(ctx, link.Reveal(), keyporter.SetUpForm{Subscription: "Vendor", Name: "Olga",
		Email: email(olga), Password: password}, home)
	check(err)
	m.values[olga] = value.Reveal()
	first := func(subscription, who, name string) string {
		invited, err := p.CreateSubscription(ctx, signedIn(olga),
			keyporter.SubscriptionForm{Subscription: subscription, Name: name, Email: email(who)})
		id := accept(who, invited, err)
		check(p.SetFeatureAvailable(ctx, signedIn(olga), id, true))
		check(p.SwitchFeature(ctx, signedIn(who), id, true))
		return id
	}
	m.globex = first("Globex", otto, "Otto")
	m.acme = first("Acme", ada, "Ada")
	for who, member := range map[string]keyporter.Member{
		tom:  {Name: "Tom", Role: keyporter.Admin, KeyAccess: true},
		nora: {Name: "Nora", Role: keyporter.Admin},
		vic:  {Name: "Vic", Role: keyporter.Viewer},
	} {
		member.Email = email(who)
		invited, err := p.AddMember(ctx, signedIn(ada), m.acme, member)
		accept(who, invited, err)
	}
	for _, who := range everybody[1:] {
		signedIn(who)
	}
	return m
}

// A log keeps what is written to it. It is safe for concurrent use.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// A fixture is a server with a database for one test.
type fixture struct {
	*keyporter.Porter
	model
	t      *testing.T
	ctx    context.Context
	store  *store.Store
	server *server.Server
	url    string
	public *url.URL
	log    *log
	now    func() time.Time
	mu     sync.Mutex
	seen   []*answer // every answer to a client, in order
}

// settings returns the configuration of `keyporter serve` with these arguments.
func settings(t *testing.T, args ...string) config.Serve {
	t.Helper()
	s, err := config.ParseServe("", args, func(string) string { return "" }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newFixture(t *testing.T, args ...string) *fixture {
	t.Helper()
	return serve(t, engine.Copy(t, theModel.path), func() time.Time { return start }, args...)
}

// serve opens the database at path and serves it with the clock.
func serve(t *testing.T, path string, now func() time.Time, args ...string) *fixture {
	t.Helper()
	return serveWithin(t, 0, path, now, args...)
}

// serveWithin serves with the given time limit for a request's headers and body; 0 for the default.
func serveWithin(
	t *testing.T, readTimeout time.Duration, path string, now func() time.Time, args ...string,
) *fixture {
	t.Helper()
	f := &fixture{model: theModel, t: t, ctx: t.Context(), log: &log{}, now: now}
	f.path = path
	var err error
	f.store, err = store.Open(f.ctx, f.path)
	f.ok(err)
	c, out := settings(t, args...), slog.New(slog.NewJSONHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	f.Porter = keyporter.New(f.store, keyporter.Options{TokenPrefix: c.TokenPrefix, OperatorContact: c.OperatorContact,
		ReadPaths: c.ReadPaths, Now: now, OwnClock: true, Uptime: func() time.Duration { return 0 }, Log: out,
		Hasher: passwords.NewWeakHasher()})
	f.public = c.PublicURL
	f.server, err = server.New(server.Options{Config: c, Porter: f.Porter, Ready: f.store.Ready,
		Now: func() time.Time { return f.now() }, Log: out, ReadTimeout: readTimeout})
	f.ok(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	f.ok(err)
	f.url = "http://" + l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- f.server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("the server ended with %v", err)
		}
		f.store.Close()
	})
	return f
}

func (f *fixture) ok(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// cookieName is the name of a cookie of the installation.
func (f *fixture) cookieName(name string) string {
	sum := sha256.Sum256([]byte(f.public.String()))
	name = "keyporter-" + name + "-" + hex.EncodeToString(sum[:])[:8]
	if f.public.Scheme == "https" {
		return "__Host-" + name
	}
	return name
}

func (f *fixture) actor(who string) keyporter.Actor { return f.sessions[who].Actor(home) }

// key creates an integration key of Acme as Ada, and returns its ID and token.
func (f *fixture) key(description string, write bool) (id, token string) {
	f.t.Helper()
	form := keyporter.KeyForm{Description: description, Write: write,
		Once: f.Once(f.sessions[ada], f.NewNonce(f.sessions[ada]))}
	key, made, err := f.CreateKey(f.ctx, f.sessions[ada].Actor(home), f.acme, keyporter.IntegrationKey, form)
	f.ok(err)
	return key.ID.String(), made.Reveal()
}

// feedbackKey creates a Feedback API key of a member of Acme, and returns its ID and token.
func (f *fixture) feedbackKey(who, description string) (id, token string) {
	f.t.Helper()
	form := keyporter.KeyForm{Description: description, Once: f.Once(f.sessions[who], f.NewNonce(f.sessions[who]))}
	key, made, err := f.CreateKey(f.ctx, f.sessions[who].Actor(home), f.acme, keyporter.FeedbackKey, form)
	f.ok(err)
	return key.ID.String(), made.Reveal()
}

// invite invites a person without an account to Acme.
func (f *fixture) invite(name string) keyporter.Invited {
	f.t.Helper()
	invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme,
		keyporter.Member{Name: name, Email: name + ".new@example.com", Role: keyporter.Viewer})
	f.ok(err)
	return invited
}

// at returns the path of a page of Acme's settings.
func (f *fixture) at(below string) string { return "/s/" + f.acme + "/settings" + below }

const (
	keysBelow    = "/integrations/integration-keys"
	ownKeysBelow = "/integrations/feedback-keys"
)

func query(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}
