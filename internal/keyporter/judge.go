package keyporter

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
)

// A Grant is what stands behind a key ID, as the gate needs it.
type Grant struct {
	Hash           [sha256.Size]byte
	SubscriptionID string
	Write          bool
	On             bool   // the subscription's feature
	Deleted        bool   // the key is no more: it opens nothing, and has no hash
	Application    string // the ID of the subscription's default application
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
	FeatureDisabled     Code = "feature_disabled"
	WriteAccessRequired Code = "write_access_required"
	ApplicationUnknown  Code = "application_unknown"
	BlacklistInvalid    Code = "blacklist_invalid"
)

// A Presented is where a request may carry a token: every value of each header, as it came.
type Presented struct {
	IntegrationKey      []string // X-Integration-Key
	PendoIntegrationKey []string // X-Pendo-Integration-Key
	Authorization       []string
}

// A Call is the request that is judged.
type Call struct {
	Presented
	Method   string // as sent
	Path     string // as sent, without the query
	Query    string // as sent, without the question mark
	Override bool   // it carries a header that may make another method of it
	Address  string // the client's, for the key's last use
	Agent    string // the client's User-Agent, likewise
}

// A Verdict is the gate's yes or no.
type Verdict struct {
	Code   Code // "" for a yes
	Detail string

	// Whose request it is: of a yes alone.
	KeyID          KeyID
	SubscriptionID string
	Write          bool
	Applications   string // the IDs of those that the request reaches, ascending and with commas between; "*" for all
	Blacklist      Blacklist
}

// OK reports whether the request may pass.
func (v Verdict) OK() bool { return v.Code == "" }

func no(code Code, detail string) Verdict { return Verdict{Code: code, Detail: detail} }

// Judge decides whether a call may pass: the one judgement behind every path of the gate. A call with the ID of a key
// that is or was there is counted on that key; an admitted one is its last use. Nothing is written before it returns.
func (p *Porter) Judge(ctx context.Context, c Call) Verdict {
	v, k := p.judge(ctx, c)
	p.note(v, k, &c)
	return v
}

// A known is the key that a call names, if it is or was there.
type known struct {
	id    KeyID
	grant Grant
	found bool
}

// note counts a call with its outcome.
func (p *Porter) note(v Verdict, k known, c *Call) {
	if k.found {
		p.uses.note(k.id, k.grant, v.OK(), c, p.options.Now())
	}
}

// judge decides without counting.
func (p *Porter) judge(ctx context.Context, c Call) (Verdict, known) {
	text, refused := c.token()
	if refused.Code != "" {
		return refused, known{}
	}
	kind, id, err := parseToken(text)
	if err != nil {
		return invalidKey(), known{}
	}
	if kind != kindIntegration {
		return wrongKind(kind), known{}
	}
	grant, found, err := p.store.Grant(ctx, id)
	if err != nil {
		return unavailable(), known{}
	}
	k := known{id, grant, found}
	v := p.judgeKey(c, text, grant, found)
	if !v.OK() {
		return v, k
	}
	applications, blacklist, refused := p.resolve(ctx, c.Query, grant)
	switch refused.Code {
	case Unavailable:
		return refused, known{} // neither admitted nor refused
	case "":
		return Verdict{
			KeyID: id, SubscriptionID: grant.SubscriptionID, Write: grant.Write, Applications: applications, Blacklist: blacklist,
		}, k
	}
	return refused, k
}

// judgeKey judges a well-formed token against what its key ID stands for.
func (p *Porter) judgeKey(c Call, text string, g Grant, found bool) Verdict {
	// An unknown ID is compared with the zero hash, so that it costs what a wrong secret costs.
	var room [maxToken]byte // on the stack; what parseToken took is not longer
	sum := sha256.Sum256(room[:copy(room[:], text)])
	same := subtle.ConstantTimeCompare(sum[:], g.Hash[:]) == 1
	switch {
	case !found || g.Deleted || !same:
		return invalidKey()
	case !g.On:
		return no(FeatureDisabled, "Integration Keys are off for this subscription. A Subscription admin can switch them on under Settings, Integrations.")
	case !g.Write && !p.reads(c):
		return no(WriteAccessRequired, "This key can only read. Create a key with write access for requests that change something.")
	}
	return Verdict{}
}

func unavailable() Verdict {
	return no(Unavailable, "The key cannot be checked just now. Try again in a moment.")
}

func invalidKey() Verdict {
	return no(KeyInvalid, "This is not a valid integration key. It may be mistyped or deleted; a lost key cannot be shown again, so create a new one.")
}

func wrongKind(k kind) Verdict {
	if k == kindApplication {
		return no(KeyWrongKind, "This is an application key, which belongs in an install snippet. The API takes an integration key, made under Settings, Integrations, Integration Keys.")
	}
	return no(KeyWrongKind, "This is a Feedback API key. The API takes an integration key, made under Settings, Integrations, Integration Keys.")
}

const bearer = "Bearer"

// token returns the one token that the call presents.
func (p Presented) token() (string, Verdict) {
	ambiguous := no(KeyAmbiguous, "Send the key once, in one header.")
	if len(p.IntegrationKey) > 1 || len(p.PendoIntegrationKey) > 1 || len(p.Authorization) > 1 {
		return "", ambiguous
	}
	text, found := "", 0
	for _, header := range [][]string{p.IntegrationKey, p.PendoIntegrationKey} {
		if len(header) == 1 {
			text, found = header[0], found+1
		}
	}
	if len(p.Authorization) == 1 {
		if value, ok := bearerToken(p.Authorization[0]); ok {
			text, found = value, found+1
		}
	}
	switch found {
	case 0:
		return "", no(KeyMissing, "Send an integration key in the header X-Integration-Key, X-Pendo-Integration-Key, or Authorization: Bearer.")
	case 1:
		return text, Verdict{}
	}
	return "", ambiguous
}

// bearerToken reports false for another scheme. An empty header has no scheme: it is a token that is malformed.
func bearerToken(header string) (string, bool) {
	scheme, value, _ := strings.Cut(strings.Trim(header, " \t"), " ")
	if scheme == "" {
		return "", true
	}
	return strings.TrimLeft(value, " "), strings.EqualFold(scheme, bearer)
}

// reads reports whether the call only reads.
func (p *Porter) reads(c Call) bool {
	if c.Override {
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
}

// Verify judges like [Porter.Judge] and adds what the key is called and whose it is, which needs the database.
func (p *Porter) Verify(ctx context.Context, c Call) Verified {
	var found Verified
	v := p.judgeAndRead(ctx, c, func(tx Tx, v Verdict) error {
		key, err := tx.Key(v.SubscriptionID, v.KeyID)
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
		if _, err = tx.Key(v.SubscriptionID, v.KeyID); err == nil {
			all, err = tx.Applications(v.SubscriptionID)
		}
		return err
	})
	if !v.OK() {
		return nil, v
	}
	return all, v
}

// judgeAndRead judges, and has fn read what an admitted call asks for; what fn does not find is a key that was deleted
// since it was judged.
func (p *Porter) judgeAndRead(ctx context.Context, c Call, fn func(Tx, Verdict) error) Verdict {
	v, k := p.judge(ctx, c)
	if v.OK() {
		admitted := v
		err := p.store.Read(ctx, func(tx Tx) error { return fn(tx, admitted) })
		switch {
		case isNotFound(err):
			v = invalidKey()
		case err != nil:
			return unavailable() // neither admitted nor refused
		}
	}
	p.note(v, k, &c)
	return v
}
