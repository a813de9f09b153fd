package keyporter

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"strings"

	"keyporter/internal/token"
)

// A Grant is what the gate judges a key ID by.
type Grant struct {
	Hash           [sha256.Size]byte
	SubscriptionID string
	KeyFacts
	FeatureOn   bool      // the subscription's feature
	Deleted     bool      // the key was deleted: it admits nothing, and has no hash
	Feedback    bool      // it is a Feedback API key
	Application string    // the ID of the subscription's default application
	At          Timestamp // the time by which ends are judged, if the store knows better than this process; otherwise 0
}

// A Code names why the gate refuses.
type Code string

// The codes, in the order in which they are judged.
const (
	ProxyUntrusted      Code = "proxy_untrusted" // given by the gate itself, before there is anything to judge
	KeyMissing          Code = "key_missing"
	KeyAmbiguous        Code = "key_ambiguous"
	KeyWrongKind        Code = "key_wrong_kind"
	KeyInvalid          Code = "key_invalid"
	Unavailable         Code = "unavailable"
	KeyDisabled         Code = "key_disabled"
	KeyExpired          Code = "key_expired"
	FeatureDisabled     Code = "feature_disabled"
	AddressNotAllowed   Code = "address_not_allowed"
	WriteAccessRequired Code = "write_access_required"
	ApplicationUnknown  Code = "application_unknown"
	BlacklistInvalid    Code = "blacklist_invalid"
)

// A Call is the request that is judged.
type Call struct {
	Presented
	Method   string // as sent
	Path     string // as sent, without the query
	Query    string // as sent, without the question mark
	Override bool   // it has a header that some frameworks take as its method
	Address  string // the client's, for the key's last use
	Agent    string // the client's User-Agent, likewise
	// ClientAddress is the client's address as the key's allowed ones are compared with it; zero if it is not known.
	// The address of a proxy is never the client's.
	ClientAddress netip.Addr
}

// A Reason tells apart the cases of one [Code]. Codes with one case have none.
type Reason int

// The reasons of [ApplicationUnknown].
const (
	AppIDMalformed      Reason = iota + 1 // appId is no list of application IDs
	ExpandMalformed                       // expand is not *
	AppIDAndExpand                        // both are given
	ApplicationNotOwned                   // the subscription has no such application
)

// A Verdict is the gate's yes or no.
type Verdict struct {
	Code Code // "" for a yes

	// More about a no, where the code has several cases.
	Reason    Reason
	Wanted    KeyKind    // of the codes about the key itself: which kind the caller had to present
	Presented token.Kind // of [KeyWrongKind]: which kind it presented

	// The following fields are set for a yes alone.
	KeyID          token.KeyID
	SubscriptionID string
	Write          bool
	Ends           Timestamp // the end of the key; 0 for never
	// the IDs of those that the request reaches, ascending and with commas between; "*" for all
	Applications string
	Blacklist    Blacklist
}

// OK reports whether the request may pass.
func (v Verdict) OK() bool { return v.Code == "" }

func refuse(code Code) Verdict { return Verdict{Code: code} }

// owner returns the owner of the key of a yes.
func (v Verdict) owner() KeyOwner {
	return KeyOwner{Kind: IntegrationKey, SubscriptionID: v.SubscriptionID}
}

// Judge decides whether a call may pass: every path of the gate uses it. A call with the ID of a key that exists or was
// deleted is counted for that key; an admitted call is its last use. Nothing is written before it returns.
func (p *Porter) Judge(ctx context.Context, c Call) Verdict {
	var k presentedKey
	v := p.judge(ctx, &c, &k)
	p.recordUse(v, &k, &c)
	return v
}

// A presentedKey is the key that a call names, if it exists or was deleted.
type presentedKey struct {
	id    token.KeyID
	grant Grant
	found bool
}

// recordUse counts a call with its outcome.
func (p *Porter) recordUse(v Verdict, k *presentedKey, c *Call) {
	if k.found {
		now := p.options.Now()
		p.uses.record(k.id, &k.grant, v.OK(), c, now)
		p.clients.record(k.id, &k.grant, v.Code, c, now)
	}
}

// judge decides without counting, and sets k to the key on which the call counts.
func (p *Porter) judge(ctx context.Context, c *Call, k *presentedKey) Verdict {
	text, id, refused := c.token(IntegrationKey)
	if refused.Code != "" {
		return refused
	}
	grant, found, err := p.store.Grant(ctx, id)
	if err != nil {
		return unavailable()
	}
	k.id, k.grant, k.found = id, grant, found
	if v := p.judgeKey(c, text, k); !v.OK() {
		return v
	}
	applications, blacklist, refused := p.resolve(ctx, c.Query, &k.grant)
	switch refused.Code {
	case Unavailable:
		k.found = false // neither admitted nor refused
		return refused
	case "":
		return Verdict{
			KeyID: id, SubscriptionID: grant.SubscriptionID, Write: grant.Write, Ends: grant.Ends,
			Applications: applications, Blacklist: blacklist,
		}
	}
	return refused
}

// judgeKey judges a well-formed token by the grant of its key ID.
func (p *Porter) judgeKey(c *Call, text string, k *presentedKey) Verdict {
	switch {
	case !isTokenOf(text, &k.grant, k.found):
		return invalidKey(IntegrationKey)
	case k.grant.Disabled != 0:
		return refuse(KeyDisabled)
	case k.grant.Ends != 0 && p.judgedAt(&k.grant) >= k.grant.Ends:
		return refuse(KeyExpired)
	case !k.grant.FeatureOn:
		return refuse(FeatureDisabled)
	case k.grant.Addresses != nil && !k.grant.Addresses.Contains(c.ClientAddress):
		return refuse(AddressNotAllowed)
	case !k.grant.Write && !p.reads(c):
		return refuse(WriteAccessRequired)
	}
	return Verdict{}
}

// judgedAt returns the time by which the end of a key is judged.
func (p *Porter) judgedAt(g *Grant) Timestamp {
	if g.At != 0 {
		return g.At
	}
	return NewTimestamp(p.options.Now())
}

// isTokenOf reports whether a well-formed token is the one that was issued with its key ID.
func isTokenOf(text string, g *Grant, found bool) bool {
	// An unknown ID is compared with the zero hash, so that it costs what a wrong secret costs.
	sum := token.Hash(text)
	same := subtle.ConstantTimeCompare(sum[:], g.Hash[:]) == 1
	return found && !g.Deleted && same
}

func unavailable() Verdict { return refuse(Unavailable) }

// reads reports whether the call only reads.
func (p *Porter) reads(c *Call) bool {
	if c.Override || overriddenInQuery(c.Query) {
		return false
	}
	switch c.Method {
	case "GET", "HEAD", "OPTIONS":
		return true
	}
	for _, path := range p.options.ReadPaths {
		if method, target, _ := strings.Cut(path, " "); method == c.Method && target == c.Path {
			return true
		}
	}
	return false
}

// A Verified is what a valid key says about itself.
type Verified struct {
	Verdict
	Description  string
	Subscription Subscription

	// The user to whom a Feedback API key belongs.
	UserID, UserName string
}

// Verify judges like [Porter.Judge] and adds the key's description and subscription, which it reads from the database.
func (p *Porter) Verify(ctx context.Context, c Call) Verified {
	var found Verified
	v := p.judgeAndRead(ctx, c, func(tx Tx, v Verdict) error {
		key, err := tx.Key(v.owner(), v.KeyID)
		if err != nil {
			return err
		}
		found.Description = key.Description
		found.Subscription, err = tx.Subscription(v.SubscriptionID)
		return err
	})
	if !v.OK() {
		return Verified{Verdict: v}
	}
	found.Verdict = v
	return found
}

// ApplicationsOf judges like [Porter.Judge] and returns the applications of the key's subscription, by ID.
func (p *Porter) ApplicationsOf(ctx context.Context, c Call) ([]Application, Verdict) {
	var all []Application
	v := p.judgeAndRead(ctx, c, func(tx Tx, v Verdict) (err error) {
		if _, err = tx.Key(v.owner(), v.KeyID); err == nil {
			all, err = tx.Applications(v.SubscriptionID)
		}
		return err
	})
	if !v.OK() {
		return nil, v
	}
	return all, v
}

// judgeAndRead judges, and calls fn to read what an admitted call asks for. If fn returns [ErrNotFound], the key was
// deleted meanwhile.
func (p *Porter) judgeAndRead(ctx context.Context, c Call, fn func(Tx, Verdict) error) Verdict {
	var k presentedKey
	v := p.judge(ctx, &c, &k)
	if v.OK() {
		admitted := v
		err := p.store.Read(ctx, func(tx Tx) error { return fn(tx, admitted) })
		switch {
		case isNotFound(err):
			v = invalidKey(IntegrationKey)
		case err != nil:
			return unavailable() // neither admitted nor refused
		}
	}
	p.recordUse(v, &k, &c)
	return v
}
