// Package keyporter is the product itself: the rules between subscriptions, people and keys. It knows no SQL and no
// HTTP.
//
// All operations are methods of [Porter]. Each opens a transaction, decides whether the [Actor] may do it, checks the
// input, and appends the audit event in the same transaction. A refusal is one of the kinds in errors.go; any other
// error is a bug or comes from the database.
//
// The package has five nouns, most of them in a file of the same name. In the order in which to read them:
//
//   - A [Subscription] is a customer's account (subscription.go). It has applications (application.go) and an Exclude
//     List (exclude.go, excludeadd.go). Operators create it and make the feature available to it (operator.go). The
//     first one is created with the installation (setup.go).
//   - A [User] is a person (user.go) with an email address (email.go) and a password (password.go), who begins a
//     [Session] (session.go) by signing in (signin.go), at limited speed (limit.go), from a browser that may be known
//     (device.go), or by a one-time link (link.go). What commands show of a user is in person.go.
//   - A [Member] is a user in one subscription, with a role (member.go): invited (invitation.go), authorised for some
//     operations (authorize.go), and removed (removal.go).
//   - A [Key] is an integration key or a Feedback API key (key.go, keykind.go). It has a state (keystate.go), may end
//     (keyend.go), within its subscription's policy (keypolicy.go), and may be limited to addresses (address.go). It is
//     listed (keylist.go) and identified by its ID (identify.go); its uses are counted in memory (use.go, tally.go),
//     written (flush.go), and shown (usage.go), and so are the addresses and programs that use it (clients.go,
//     keyclients.go).
//   - A [Call] is a request on which [Porter.Judge] decides (judge.go): by the key that it presents (presented.go), its
//     method (override.go), and the applications that it reaches (requestedapplications.go). For the Feedback API see
//     feedback.go.
//
// They share the database (keyporter.go), actors (actor.go), the audit log (audit.go) with the refusals in it
// (auditrefusal.go), errors (errors.go), pages of lists (position.go), the clock (clock.go), and background work
// (run.go).
package keyporter

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"keyporter/internal/exclude"
	"keyporter/internal/password"
	"keyporter/internal/token"
)

// A Porter holds the rules of one installation. It is safe for concurrent use.
type Porter struct {
	store       Store
	options     Options
	hasher      *password.Hasher // for unknown browsers and new passwords
	knownHasher *password.Hasher // for browsers that are known for the account
	uses        uses
	clients     clients
	lists       exclude.Cache
	eventCount  atomic.Uint32 // audit events so far: orders those of the same millisecond
	clock       clockWatch
}

// Options are the settings of a Porter. The zero value of each field means its default.
type Options struct {
	TokenPrefix     string           // the prefix of new tokens, "kp" by default
	OperatorContact string           // whom to ask while the feature is unavailable, as free text; may be empty
	ReadPaths       []string         // requests that count as reading, as "POST /api/v1/aggregation"
	Now             func() time.Time // the clock, time.Now by default
	OwnClock        bool             // the ends of keys are judged by Now, and not by the database's clock
	Log             *slog.Logger     // for work off the request's path; discarded by default
	Hasher          *password.Hasher // of users' passwords, password.NewHasher by default

	// Uptime is for how long this process runs, by a clock that nobody can set: the monotonic one by default.
	Uptime func() time.Duration
}

// A Store is the database of a Porter.
type Store interface {
	// Read runs fn on one consistent snapshot.
	Read(ctx context.Context, fn func(Tx) error) error
	// Write runs fn in one transaction, which is durable when Write returns nil and undone when it does not.
	// Transactions run concurrently, in this process and in others: a rule takes a lock before it reads what it decides
	// by. If the database rolls a transaction back in favour of another one, fn runs again.
	Write(ctx context.Context, fn func(Tx) error) error
	// Grant returns what the gate judges the key ID by, and whether a key with it exists or was deleted. Every Grant
	// that begins after a Write returned sees its changes. An error means that the state is not known.
	Grant(ctx context.Context, id token.KeyID) (Grant, bool, error)
	// OwnsApplications reports whether all the applications are the subscription's, with the guarantee of Grant.
	OwnsApplications(ctx context.Context, subscription string, ids []ApplicationID) (bool, error)
}

// A Tx is one transaction of a [Store]. Its methods fail with [ErrNotFound] for a row that does not exist.
type Tx interface {
	installationRows
	userRows
	emailRows
	sessionRows
	limitRows
	deviceRows
	linkRows
	subscriptionRows
	memberRows
	applicationRows
	keyRows
	useRows
	clientRows
	excludeRows
	auditRows
}

type installationRows interface {
	// LockInstallation makes every other transaction that calls it wait for the end of this one.
	LockInstallation() error
	// IsSetUp reports whether there is any user.
	IsSetUp() (bool, error)
	// PublicURL returns the address of the console that was stored last; it may be empty.
	PublicURL() (string, error)
	SetPublicURL(url string) error
}

// New returns a Porter over store.
func New(store Store, options Options) *Porter {
	if options.TokenPrefix == "" {
		options.TokenPrefix = "kp"
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Uptime == nil {
		begin := time.Now()
		options.Uptime = func() time.Duration { return time.Since(begin) }
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Hasher == nil {
		options.Hasher = password.NewHasher()
	}
	return &Porter{
		store: store, options: options, hasher: options.Hasher, knownHasher: options.Hasher.Separate(), uses: newUses(),
		clients: newClients(),
	}
}

// clockSkew is the most by which the clocks of two nodes may differ. A stored time that is later than now by more than
// clockSkew, or an end further in the future than this code sets, was written while a clock was wrong: the row that has
// it is invalid.
const clockSkew = 5 * time.Minute

// now returns the time truncated to milliseconds, as the store keeps it, so that a returned time equals the one that is
// read later.
func (p *Porter) now() time.Time { return p.options.Now().UTC().Truncate(time.Millisecond) }

// TokenPrefix returns the prefix of new tokens.
func (p *Porter) TokenPrefix() string { return p.options.TokenPrefix }

// OperatorContact returns whom to ask while the feature is unavailable; it may be empty.
func (p *Porter) OperatorContact() string { return p.options.OperatorContact }
