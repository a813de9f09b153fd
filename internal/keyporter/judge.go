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
	On             bool // the subscription's feature
	Deleted        bool // the key is no more: it opens nothing, and has no hash
	Feedback       bool // it is a Feedback API key
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
)

// A Call is the request that is judged.
type Call struct {
	Presented
	Method   string // as sent
	Path     string // as sent, without the query
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
	text, id, refused := c.token(kindIntegration)
	if refused.Code != "" {
		return refused, known{}
	}
	grant, found, err := p.store.Grant(ctx, id)
	if err != nil {
		return unavailable(), known{}
	}
	v := p.judgeKey(c, text, grant, found)
	if v.OK() {
		v.KeyID, v.SubscriptionID, v.Write = id, grant.SubscriptionID, grant.Write
	}
	return v, known{id, grant, found}
}

// judgeKey judges a well-formed token against what its key ID stands for.
func (p *Porter) judgeKey(c Call, text string, g Grant, found bool) Verdict {
	switch {
	case !opens(text, g, found):
		return invalidKey(kindIntegration)
	case !g.On:
		return no(FeatureDisabled, "Integration Keys are off for this subscription. A Subscription admin can switch them on under Settings, Integrations.")
	case !g.Write && !p.reads(c):
		return no(WriteAccessRequired, "This key can only read. Create a key with write access for requests that change something.")
	}
	return Verdict{}
}

// opens reports whether a well-formed token is the one that its key ID stands for.
func opens(text string, g Grant, found bool) bool {
	// An unknown ID is compared with the zero hash, so that it costs what a wrong secret costs.
	var room [maxToken]byte // on the stack; what parseToken took is not longer
	sum := sha256.Sum256(room[:copy(room[:], text)])
	same := subtle.ConstantTimeCompare(sum[:], g.Hash[:]) == 1
	return found && !g.Deleted && same
}

func unavailable() Verdict {
	return no(Unavailable, "The key cannot be checked just now. Try again in a moment.")
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

	// Whose a Feedback API key is.
	UserID, UserName string
}

// Verify judges like [Porter.Judge] and adds what the key is called and whose it is, which needs the database.
func (p *Porter) Verify(ctx context.Context, c Call) Verified {
	v, k := p.verify(ctx, c)
	p.note(v.Verdict, k, &c)
	return v
}

func (p *Porter) verify(ctx context.Context, c Call) (v Verified, k known) {
	if v.Verdict, k = p.judge(ctx, c); !v.OK() {
		return v, k
	}
	err := p.store.Read(ctx, func(tx Tx) error {
		key, err := tx.Key(v.SubscriptionID, v.KeyID)
		if err != nil {
			return err
		}
		v.Description = key.Description
		v.Subscription, err = tx.Subscription(v.SubscriptionID)
		return err
	})
	switch {
	case err == nil:
		return v, k
	case isNotFound(err): // deleted since it was judged
		return Verified{Verdict: invalidKey(kindIntegration)}, k
	}
	return Verified{Verdict: unavailable()}, known{} // neither admitted nor refused
}
