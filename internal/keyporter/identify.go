package keyporter

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
)

// An Identified says what a key ID names in a subscription. At most one of the three is there: none where no key of the
// subscription has the ID.
type Identified struct {
	ID       KeyID
	Active   *Key        // an integration key
	Deleted  *DeletedKey // an integration key
	Feedback *Key        // a Feedback API key of the user who asks
}

const (
	identifyTries  = 30
	identifyWindow = 10 * time.Minute
	maxIdentified  = 1000 // bytes of what is pasted
)

var (
	// writtenKeyID is a key ID behind a token's prefix, with or without more behind it: a token, one as logs mask it,
	// or one without its secret.
	writtenKeyID = regexp.MustCompile(`(?i)[a-z0-9]{2,8}(?:int|fbk)_([0-9A-Za-z]{12})(?:[^0-9A-Za-z]|$)`)

	// bareKeyID is the same without the prefix.
	bareKeyID = regexp.MustCompile(`^([0-9A-Za-z]{12})(?:_[0-9A-Za-z]*)?(?:…|\.\.\.)?$`)

	// cutKeyID is the beginning of a key ID, with or without the prefix.
	cutKeyID = regexp.MustCompile(`^(?:[a-z0-9]{2,8}(?:int|fbk)_)?([0-9A-Za-z]{1,11})(?:…|\.\.\.)+$`)
)

// WrittenKeyID returns the key ID that a text is: the ID alone, a token, or a token as logs mask it; percent-encoded,
// too.
func WrittenKeyID(text string) (KeyID, bool) {
	text, _ = decodeAll(strings.TrimSpace(text))
	found := writtenKeyID.FindStringSubmatch(text)
	if found == nil {
		found = bareKeyID.FindStringSubmatch(text)
	}
	if found == nil {
		return KeyID{}, false
	}
	return ParseKeyID(found[1])
}

// searchedText is what a search looks for: of a key ID that is cut off, such as 4fT9… or kpint_4fT9, what stands there.
// Without the dots it needs the installation's own token prefix: checkpoint_a is taken for a description.
func (p *Porter) searchedText(text string) string {
	text = strings.TrimSpace(text)
	cut := text
	for _, k := range []kind{kindIntegration, kindFeedback} {
		if strings.HasPrefix(text, p.options.TokenPrefix+string(k)+"_") {
			cut += "…"
		}
	}
	if found := cutKeyID.FindStringSubmatch(cut); found != nil {
		text = found[1]
	}
	return fold(text)
}

// LooksLikeToken reports whether a text holds what could be a token or its secret, and so must not get into a URL.
func LooksLikeToken(text string) bool {
	text, settled := decodeAll(text)
	if _, looks := KeyIDIn(text); looks || !settled || bareToken.MatchString(text) {
		return true
	}
	for _, run := range longRun.FindAllString(text, -1) {
		digit, capital := strings.ContainsAny(run, "0123456789"), run != strings.ToLower(run)
		if digit && capital && run != strings.ToUpper(run) {
			return true
		}
	}
	return false
}

// CheckManagesKeys fails with [ErrForbidden] for a member without integration key access: for forms.
func (p *Porter) CheckManagesKeys(ctx context.Context, a Actor, subscription string) error {
	return p.view(ctx, a, subscription, p.mustManageKeys)
}

// IdentifyKey says which key of the subscription a token or a key ID names: for who has integration key access. It does
// not look at a token's secret, so it does not say whether that is right. It fails with [Invalid] for "key" where the
// text holds no key ID, and with [TooManyTries] after 30 tries of a user in 10 minutes.
func (p *Porter) IdentifyKey(ctx context.Context, a Actor, subscription, text string) (Identified, error) {
	if err := p.CheckManagesKeys(ctx, a, subscription); err != nil {
		return Identified{}, err
	}
	if err := p.countTry(ctx, "identify "+a.UserID, identifyTries, identifyWindow); err != nil {
		return Identified{}, err
	}
	id, ok := WrittenKeyID(text)
	if !ok || len(text) > maxIdentified {
		return Identified{}, Invalid{"key": "This is no token and no key ID. A key ID has 12 letters and digits; a token holds it between its two underscores."}
	}
	p.flushBriefly(ctx) // so that attempts on a deleted key are counted
	found := Identified{ID: id}
	err := p.view(ctx, a, subscription, func(tx Tx, m Member) error {
		if err := p.mustManageKeys(tx, m); err != nil {
			return err
		}
		return p.identify(tx, m, &found)
	})
	return found, err
}

func (p *Porter) identify(tx Tx, m Member, found *Identified) error {
	key, err := tx.Key(m.SubscriptionID, found.ID)
	if err == nil {
		key = p.latest(key)
		found.Active = &key
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	deleted, err := tx.DeletedKey(m.SubscriptionID, found.ID)
	if err == nil {
		found.Deleted = &deleted
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	feedback, err := tx.FeedbackKey(m.SubscriptionID, m.UserID, found.ID)
	if err == nil {
		found.Feedback = &feedback
	}
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// countTry counts a try within a scope before it is answered. It fails with [TooManyTries] for more than so many within the
// window that the first of them began.
func (p *Porter) countTry(ctx context.Context, scope string, tries int, window time.Duration) error {
	now, hash := p.now(), scopeHash(scope)
	return p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		l, err := tx.Limit(hash)
		if err != nil {
			return err
		}
		left := l.Expires.Sub(now)
		if left <= 0 || left > window+clockSkew { // over, or from a clock that was ahead
			l, left = Limit{NextAt: now, Expires: now.Add(window)}, window
		}
		if l.Tries >= tries {
			return &TooManyTries{After: left}
		}
		if err := p.makeRoom(tx, now); err != nil {
			return err
		}
		l.Tries++
		return tx.PutLimit(hash, l)
	})
}
