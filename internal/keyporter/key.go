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
	Kind           KeyKind
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

// CountLimit is how far keys are counted. Beyond it a page says "more than 1,000 keys".
const CountLimit = 1000

// maxDescription is how long a key's description may be, in characters.
const maxDescription = 200

// A KeyFilter chooses keys of a list. The zero value chooses all.
type KeyFilter struct {
	Text string  // folded, within the description or the key ID; "" for any
	Used KeyUsed // by whether it was ever used
}

// A KeyUsed chooses keys by whether they were ever used.
type KeyUsed string

// The choices of the list's filter.
const (
	AnyUse    KeyUsed = ""
	EverUsed  KeyUsed = "active"
	NeverUsed KeyUsed = "never"
)

type keyRows interface {
	// InsertKey inserts a key of either kind. A Feedback API key belongs to k.CreatedBy, who has to be a member.
	InsertKey(k Key, searchText, hashName string, hash [32]byte) error
	Key(o KeyOwner, id token.KeyID) (Key, error)
	// Keys lists keys, newest first.
	Keys(o KeyOwner, f KeyFilter, pos Position, n int) ([]Key, error)
	// CountKeys counts up to max.
	CountKeys(o KeyOwner, f KeyFilter, max int) (int, error)
	// PresentedFeedbackKey finds a key by its ID alone, and the hash of its token.
	PresentedFeedbackKey(id token.KeyID) (Key, [32]byte, error)
	// CountKeysMadeBy counts up to max of the integration keys that a user created.
	CountKeysMadeBy(subscription, userID string, max int) (int, error)
	// CountKeysUsedSince counts up to max of the integration keys.
	CountKeysUsedSince(subscription string, since time.Time, max int) (int, error)
	// UpdateKey writes an integration key's description and facts. The caller took the subscription's lock before it
	// read the key.
	UpdateKey(k Key, searchText string) error
	// DeleteKey deletes a key of either kind. Of an integration key, what it was and who deleted it is kept.
	DeleteKey(k Key, by string, at time.Time) error
	// AddUses adds recorded uses. Admitted requests of a deleted key change nothing; its refused ones are counted as
	// attempts.
	AddUses(uses []Use) error

	// UseNonce reports false if the session has used the nonce before.
	UseNonce(sessionID, nonce string, at time.Time) (bool, error)
	// DeleteNonces deletes those used earlier than before, or later than until, whose session has ended.
	DeleteNonces(before, until time.Time) error
}

// A KeyForm is what a member fills in for a new key. Once keeps the key from being created twice.
type KeyForm struct {
	Description string
	Write       bool // of an integration key alone
	Once        Once
}

// SearchText returns the text in which the list's search looks.
func SearchText(description string, id token.KeyID) string {
	return input.Fold(description) + "\n" + input.Fold(id.String())
}

// CreateKey creates a key and returns its token, which nobody can return again. It fails with [Invalid] for
// "description" and "nonce", with [ErrForbidden] for an integration key without integration key access or while the
// feature is not on, with [ErrConflict] for a form that was sent before, and with [TooManyTries] after 60 Feedback API
// keys of a member within an hour.
func (p *Porter) CreateKey(
	ctx context.Context, a Actor, subscription string, kind KeyKind, form KeyForm,
) (Key, token.Token, error) {
	invalid := Invalid{}
	form.Description = invalid.cleanLine("description", form.Description, maxDescription)
	form.Once.check(invalid)
	if kind == FeedbackKey {
		form.Write = false
		if err := p.countFeedbackTry(ctx, a, subscription); len(invalid) == 0 && err != nil {
			return Key{}, token.Token{}, err
		}
	}
	key := Key{
		ID: token.NewKeyID(), Kind: kind, SubscriptionID: subscription, Description: form.Description,
		KeyFacts: KeyFacts{Write: form.Write},
		Created:  p.now(), CreatedBy: a.UserID, Creator: a.Name, CreatorEmail: a.Email,
	}
	minted, hash := token.Mint(p.options.TokenPrefix, kind.tokenKind(), key.ID)
	err := p.inWriteTx(ctx, a, subscription, kind.createdAction(), "", func(tx Tx, m Member) error {
		if err := p.checkCreate(tx, m, kind); err != nil {
			return err
		}
		if err := invalid.errorOrNil(); err != nil {
			return err
		}
		if fresh, err := form.Once.use(tx, key.Created); err != nil {
			return err
		} else if !fresh {
			return &Conflict{"This key was already created", "Its value was shown once and cannot be shown again. " +
				"If you did not store it, delete the key and add a new one."}
		}
		if err := tx.InsertKey(key, SearchText(key.Description, key.ID), token.HashName, hash); err != nil {
			return err
		}
		return p.appendKeyAudit(tx, a, key, kind.createdAction(), createdDetail(key))
	})
	if err != nil {
		return Key{}, token.Token{}, err
	}
	return key, minted, nil
}

// createdDetail is what the audit log says of a new key.
func createdDetail(k Key) string {
	if k.Kind == FeedbackKey {
		return k.Description
	}
	return k.Description + ", " + access(k.Write)
}

func access(write bool) string {
	if write {
		return "Read and write"
	}
	return "Read"
}

// CheckMayCreate fails as [Porter.CreateKey] would if the actor may not create a key now.
func (p *Porter) CheckMayCreate(ctx context.Context, a Actor, subscription string, kind KeyKind) error {
	return p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) error { return p.checkCreate(tx, m, kind) })
}

// Key returns one key with its latest use. It fails with [ErrForbidden] for an integration key without integration key
// access. A key that does not exist, of another subscription, or another user's Feedback API key is [ErrNotFound].
func (p *Porter) Key(ctx context.Context, a Actor, subscription string, kind KeyKind, id string) (Key, error) {
	var key Key
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		if err := p.checkManage(tx, m, kind); err != nil {
			return err
		}
		key, err = p.findKey(tx, keysOf(m, kind), id)
		return err
	})
	return key, err
}

// findKey returns a key with its latest use, written or not.
func (p *Porter) findKey(tx Tx, owner KeyOwner, id string) (Key, error) {
	keyID, ok := token.ParseKeyID(id)
	if !ok {
		return Key{}, ErrNotFound
	}
	key, err := tx.Key(owner, keyID)
	return p.latest(key), err
}

// EditKey changes a key's description and, with lower, its access to Read; access is never raised. It applies to every
// judgement that begins after it returned. It fails with [Invalid] for "description".
func (p *Porter) EditKey(ctx context.Context, a Actor, subscription, id, description string, lower bool) error {
	if _, ok := token.ParseKeyID(id); !ok {
		return ErrNotFound
	}
	return p.inWriteTx(ctx, a, subscription, ActionEditedKey, id, func(tx Tx, m Member) error {
		if err := p.checkManagesKeys(tx, m); err != nil {
			return err
		}
		key, err := p.findKey(tx, keysOf(m, IntegrationKey), id)
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
			if err := p.appendKeyAudit(tx, a, key, ActionEditedKey, key.Description+" → "+description); err != nil {
				return err
			}
		}
		if edited.Write != key.Write {
			return p.appendKeyAudit(tx, a, key, ActionLoweredKey, description)
		}
		return nil
	})
}

func (p *Porter) appendKeyAudit(tx Tx, a Actor, key Key, action Action, detail string) error {
	l := p.auditEvent(a, key.SubscriptionID, action, detail)
	l.KeyID = key.ID.String()
	return tx.AppendAudit(l)
}

// recentUse is how long after a key's last use its deletion asks for the description.
const recentUse = 7 * 24 * time.Hour

// NeedsConfirmation reports whether deleting the key asks for its description, because it was used in the last 7 days.
func (p *Porter) NeedsConfirmation(k Key) bool {
	return !k.LastUsed.IsZero() && p.now().Sub(k.LastUsed) < recentUse
}

// DeleteKey deletes a key for good. Every judgement that begins after it returned refuses the key. It fails with
// [Invalid] for "confirm", which has to be the description if the key was used in the last 7 days, and with
// [ErrNotFound] for a key that was deleted.
func (p *Porter) DeleteKey(ctx context.Context, a Actor, subscription string, kind KeyKind, id, confirm string) error {
	if _, ok := token.ParseKeyID(id); !ok {
		return ErrNotFound
	}
	return p.inWriteTx(ctx, a, subscription, kind.deletedAction(), id, func(tx Tx, m Member) error {
		if err := p.checkManage(tx, m, kind); err != nil {
			return err
		}
		key, err := p.findKey(tx, keysOf(m, kind), id)
		if err != nil {
			return err
		}
		if p.NeedsConfirmation(key) && !input.LooksSame(confirm, key.Description) {
			return Invalid{"confirm": "This is not the description."}
		}
		if err := tx.DeleteKey(key, a.UserID, p.now()); err != nil {
			return err
		}
		return p.appendKeyAudit(tx, a, key, kind.deletedAction(), key.Description)
	})
}
