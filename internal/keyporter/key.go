package keyporter

import (
	"context"
	"time"

	"keyporter/internal/input"
	"keyporter/internal/token"
)

// KeyFacts are what the gate judges an integration key by, besides its token and its subscription. A Feedback API key
// has none.
type KeyFacts struct {
	Write bool // access is Read and write
}

// A Key is an integration key or a Feedback API key without its token, which is kept nowhere.
type Key struct {
	ID             token.KeyID
	SubscriptionID string
	Description    string
	KeyFacts
	Created      time.Time
	CreatedBy    string // the user's ID
	Creator      string // the user's name, filled when read
	CreatorEmail string // filled when read
	CreatorGone  bool   // they do not belong to the subscription any more, filled when read
	LastUsed     time.Time
	LastAddress  string
	LastAgent    string
}

// CountLimit is how far keys are counted: what is more is "more than 1,000 keys".
const CountLimit = 1000

// maxDescription is how long a key's description may be, in characters.
const maxDescription = 200

// A KeyFilter chooses keys of a list. The zero value chooses all.
type KeyFilter struct {
	Text string  // folded, within the description or the key ID; "" for any
	Used KeyUsed // by whether it was ever used
}

// KeyUsed chooses by use.
type KeyUsed string

// The choices of the list's filter.
const (
	AnyUse    KeyUsed = ""
	EverUsed  KeyUsed = "active"
	NeverUsed KeyUsed = "never"
)

type keyRows interface {
	InsertKey(k Key, searchText string, hashName string, hash [32]byte) error
	Key(subscription string, id token.KeyID) (Key, error)
	// Keys lists a subscription's keys, newest first.
	Keys(subscription string, f KeyFilter, pos Position, n int) ([]Key, error)
	// CountKeys counts up to most.
	CountKeys(subscription string, f KeyFilter, most int) (int, error)
	// CountKeysMadeBy counts up to most of those that a user made.
	CountKeysMadeBy(subscription, userID string, most int) (int, error)
	// CountKeysUsedSince counts up to most.
	CountKeysUsedSince(subscription string, since time.Time, most int) (int, error)
	// UpdateKey writes a key's description and facts. The caller took the subscription's lock before it read the key.
	UpdateKey(k Key, searchText string) error
	// DeleteKey takes the key away and keeps, apart, what it was and who deleted it.
	DeleteKey(k Key, by string, at time.Time) error
	// AddUses adds what was gathered. Admitted requests of a key that is gone change nothing; refused ones are attempts on
	// what was deleted.
	AddUses(uses []Use) error

	// UseNonce reports false if the session has used the nonce before.
	UseNonce(sessionID, nonce string, at time.Time) (bool, error)
	// DeleteNonces deletes those used earlier than before, or later than until, whose session has ended.
	DeleteNonces(before, until time.Time) error
}

// A KeyForm is what an admin fills in for a new key.
type KeyForm struct {
	Description string
	Write       bool
	Nonce       string // of this form: see NewNonce
}

// SearchText is what the list's search looks into.
func SearchText(description string, id token.KeyID) string {
	return input.Fold(description) + "\n" + input.Fold(id.String())
}

// CreateKey makes a key for the subscription and returns its token, which nobody can return again. It fails with
// [Invalid] for "description" and "nonce", with [ErrForbidden] without integration key access or while the feature
// is not on, and with [ErrConflict] for a nonce that was used.
func (p *Porter) CreateKey(ctx context.Context, s Session, o Origin, subscription string, form KeyForm) (Key, token.Token, error) {
	return p.createKey(ctx, integrationKeys, s, o, subscription, form)
}

func (p *Porter) createKey(ctx context.Context, of keyKind, s Session, o Origin, subscription string, form KeyForm) (Key, token.Token, error) {
	a := s.Actor(o)
	invalid := Invalid{}
	form.Description = invalid.line("description", form.Description, maxDescription)
	once := p.Once(s, form.Nonce)
	once.check(invalid)
	key := Key{
		SubscriptionID: subscription, Description: form.Description, KeyFacts: KeyFacts{Write: form.Write},
		Created: p.now(), CreatedBy: a.UserID, Creator: a.Name, CreatorEmail: a.Email,
	}
	key.ID = token.NewKeyID()
	minted, hash := token.Mint(p.options.TokenPrefix, of.kind, key.ID)
	err := p.deed(ctx, a, subscription, of.created, "", func(tx Tx, m Member) error {
		if err := of.mayCreate(p, tx, m); err != nil {
			return err
		}
		if err := invalid.or(); err != nil {
			return err
		}
		if fresh, err := once.use(tx, key.Created); err != nil {
			return err
		} else if !fresh {
			return &Conflict{"This key was already created", "Its value was shown once and cannot be shown again. If you did not store it, delete the key and add a new one."}
		}
		if err := of.rows(tx, m).insert(key, SearchText(key.Description, key.ID), token.HashName, hash); err != nil {
			return err
		}
		return p.keyLine(tx, a, key, of.created, of.detail(key))
	})
	if err != nil {
		return Key{}, token.Token{}, err
	}
	return key, minted, nil
}

func access(write bool) string {
	if write {
		return "Read and write"
	}
	return "Read"
}

// mayCreate checks right and feature.
func (p *Porter) mayCreate(tx Tx, m Member) error {
	if err := p.mustManageKeys(tx, m); err != nil {
		return err
	}
	s, err := tx.Subscription(m.SubscriptionID)
	if err != nil {
		return err
	}
	switch s.Feature() {
	case FeatureUnavailable:
		return p.unavailable()
	case FeatureOff:
		names, err := adminsToAsk(tx, s.ID)
		return firstError(err, &Forbidden{Why: "Integration Keys are switched off for this subscription. A Subscription admin can switch them on.", Ask: names})
	}
	return nil
}

// CheckMayCreate fails as [Porter.CreateKey] would for who may not create a key now: for its form.
func (p *Porter) CheckMayCreate(ctx context.Context, a Actor, subscription string) error {
	return p.view(ctx, a, subscription, p.mayCreate)
}

// Key returns one key with its latest use: for who has integration key access. A missing key and one of another
// subscription are [ErrNotFound].
func (p *Porter) Key(ctx context.Context, a Actor, subscription, id string) (Key, error) {
	return p.readKey(ctx, integrationKeys, a, subscription, id)
}

func (p *Porter) readKey(ctx context.Context, of keyKind, a Actor, subscription, id string) (Key, error) {
	var key Key
	err := p.view(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		if err := of.mayManage(p, tx, m); err != nil {
			return err
		}
		key, err = p.findKey(of.rows(tx, m), id)
		return err
	})
	return key, err
}

// findKey returns a key with its latest use, written or not.
func (p *Porter) findKey(rows keyTable, id string) (Key, error) {
	keyID, ok := token.ParseKeyID(id)
	if !ok {
		return Key{}, ErrNotFound
	}
	key, err := rows.key(keyID)
	return p.latest(key), err
}

// EditKey changes a key's description and, with lower, its access to Read; access is never raised. When it returns,
// every judgement that begins later knows. It fails with [Invalid] for "description".
func (p *Porter) EditKey(ctx context.Context, a Actor, subscription, id, description string, lower bool) error {
	if _, ok := token.ParseKeyID(id); !ok {
		return ErrNotFound
	}
	return p.deed(ctx, a, subscription, ActionEditedKey, id, func(tx Tx, m Member) error {
		if err := p.mustManageKeys(tx, m); err != nil {
			return err
		}
		key, err := p.findKey(integrationKeys.rows(tx, m), id)
		if err != nil {
			return err
		}
		description, sentence := input.CleanLine(description, maxDescription)
		if sentence != "" {
			return Invalid{"description": sentence}
		}
		edited := key
		edited.Description, edited.Write = description, key.Write && !lower
		if err := tx.UpdateKey(edited, SearchText(description, key.ID)); err != nil {
			return err
		}
		if edited.Description != key.Description {
			if err := p.keyLine(tx, a, key, ActionEditedKey, key.Description+" → "+description); err != nil {
				return err
			}
		}
		if edited.Write != key.Write {
			return p.keyLine(tx, a, key, ActionLoweredKey, description)
		}
		return nil
	})
}

func (p *Porter) keyLine(tx Tx, a Actor, key Key, action Action, detail string) error {
	l := p.line(a, key.SubscriptionID, action, detail)
	l.KeyID = key.ID.String()
	return tx.InsertLine(l)
}

// recentUse is how recent a key's last use makes its deletion ask for the description.
const recentUse = 7 * 24 * time.Hour

// NeedsConfirmation reports whether deleting the key asks for its description, because it was used in the last 7 days.
func (p *Porter) NeedsConfirmation(k Key) bool {
	return !k.LastUsed.IsZero() && p.now().Sub(k.LastUsed) < recentUse
}

// DeleteKey deletes a key for good. When it returns, every judgement that begins later refuses it. It fails with
// [Invalid] for "confirm", which has to be the description of a key that was used in the last 7 days, and with
// [ErrNotFound] for a key that was deleted.
func (p *Porter) DeleteKey(ctx context.Context, a Actor, subscription, id, confirm string) error {
	return p.deleteKey(ctx, integrationKeys, a, subscription, id, confirm)
}

func (p *Porter) deleteKey(ctx context.Context, of keyKind, a Actor, subscription, id, confirm string) error {
	if _, ok := token.ParseKeyID(id); !ok {
		return ErrNotFound
	}
	return p.deed(ctx, a, subscription, of.deleted, id, func(tx Tx, m Member) error {
		if err := of.mayManage(p, tx, m); err != nil {
			return err
		}
		rows := of.rows(tx, m)
		key, err := p.findKey(rows, id)
		if err != nil {
			return err
		}
		if p.NeedsConfirmation(key) && !input.LooksSame(confirm, key.Description) {
			return Invalid{"confirm": "This is not the description."}
		}
		if err := rows.remove(key, a.UserID, p.now()); err != nil {
			return err
		}
		return p.keyLine(tx, a, key, of.deleted, key.Description)
	})
}
