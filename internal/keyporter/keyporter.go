// Package keyporter is the product itself: subscriptions and their members, integration keys, Feedback API keys and
// their tokens, the feature's switch, sessions, the audit log, and every rule between them. It knows no SQL and no
// HTTP.
//
// A [Porter] is the one way in. Each of its exported methods is one deed: it opens the transaction, decides whether
// the [Actor] may, checks the input, and writes the audit line in the same transaction. What a method refuses it
// refuses with one of the kinds in errors.go; any other error is a fault of ours or of the database.
package keyporter

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"keyporter/internal/input"
	"keyporter/internal/password"
	"keyporter/internal/token"
)

// A Porter holds the rules of one installation. It is safe for concurrent use.
type Porter struct {
	store       Store
	options     Options
	hasher      *password.Hasher // for unknown browsers and new passwords
	knownHasher *password.Hasher // for browsers that are known for their account
	uses        uses
	lists       excludeLists
	eventCount  atomic.Uint32 // audit lines so far: orders those of the same millisecond
}

// Options are the settings of a Porter. The zero value of each field means its default.
type Options struct {
	TokenPrefix     string           // the prefix of new tokens, "kp" by default
	OperatorContact string           // whom to ask while the feature is unavailable, as free text; may be empty
	ReadPaths       []string         // requests that count as reading, as "POST /api/v1/aggregation"
	Now             func() time.Time // the clock, time.Now by default
	Log             *slog.Logger     // for work off the request's path; discarded by default
}

// A Store keeps what a Porter is told.
type Store interface {
	// Read runs fn on one consistent snapshot.
	Read(ctx context.Context, fn func(Tx) error) error
	// Write runs fn in one transaction, which is durable when Write returns nil and undone when it does not.
	// Transactions go on beside each other, in this process and in others: what a rule decides by it reads after it
	// took a lock. Where one has to make way for another, fn runs again.
	Write(ctx context.Context, fn func(Tx) error) error
	// Grant answers what the key opens at this moment, and whether there is such a key. Whatever a returned Write
	// has changed is seen by every Grant that begins after it. An error means that the truth cannot be known.
	Grant(ctx context.Context, id token.KeyID) (Grant, bool, error)
	// OwnsApplications reports whether all of these are the subscription's at this moment, as exactly as Grant.
	OwnsApplications(ctx context.Context, subscription string, ids []ApplicationID) (bool, error)
}

// A Tx is one transaction of a [Store]. What is not found is [ErrNotFound].
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
	excludeRows
	auditRows
}

type installationRows interface {
	// LockInstallation makes every other transaction that calls it wait for the end of this one.
	LockInstallation() error
	// IsSetUp reports whether there is any user.
	IsSetUp() (bool, error)
	// PublicURL returns the address of the console that was kept last; it may be empty.
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
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	hasher := password.NewHasher()
	return &Porter{store: store, options: options, hasher: hasher, knownHasher: hasher.Separate(), uses: newUses()}
}

// now is cut to the millisecond, as the store keeps it, so that what is returned equals what is read later.
func (p *Porter) now() time.Time { return p.options.Now().UTC().Truncate(time.Millisecond) }

// TokenPrefix returns the prefix of new tokens.
func (p *Porter) TokenPrefix() string { return p.options.TokenPrefix }

// OperatorContact returns whom to ask while the feature is unavailable; it may be empty.
func (p *Porter) OperatorContact() string { return p.options.OperatorContact }

// An Actor is who does a deed, and from where.
type Actor struct {
	UserID    string
	SessionID string
	Name      string
	Email     string
	Operator  bool
	ClientInfo
}

// A ClientInfo is where a request came from.
type ClientInfo struct {
	Address string      // the client's IP address, as text
	Agent   string      // its User-Agent, cut at 200 characters
	Device  token.Token // the value of the browser's device cookie; of a request only, never stored
}

// NewClientInfo returns where a request came from, with a User-Agent that may be kept.
func NewClientInfo(address, agent string) ClientInfo {
	return ClientInfo{Address: address, Agent: NewAgent(agent)}
}

// NewAgent returns a User-Agent as it may be kept: cut at 200 characters, and without anything like a token.
func NewAgent(agent string) string {
	if len(agent) > maxAgent {
		agent = input.Truncate(agent, maxAgent)
	}
	if !utf8.ValidString(agent) || strings.ContainsAny(agent, "_%") {
		agent = token.Mask(input.Truncate(agent, maxAgent))
	}
	return agent
}
