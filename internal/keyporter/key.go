package keyporter

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"keyporter/internal/input"
	"keyporter/internal/token"
)

// KeyFacts are what the gate judges an integration key by, besides its token and its subscription. A Feedback API key
// has none.
type KeyFacts struct {
	Write    bool      // access is Read and write
	Ends     Timestamp // from when on the key is Expired; 0 for never
	Disabled Timestamp // since when the key is Disabled; 0 if it is not
	// Addresses are those from which the key may be used; nil for anywhere. They are behind a pointer because few keys
	// have them.
	Addresses *Addresses
}

// KeyDetails are what people know about an integration key. The gate does not use them.
type KeyDetails struct {
	DisabledBy     string // the user's ID; "" if the key is not disabled
	DisabledReason string // may be empty
	Contact        string // whom to ask about the key; may be empty
	Note           string // what to know about the key; may be empty
}

// A Key is an integration key or a Feedback API key without its token, which is kept nowhere.
type Key struct {
	ID             token.KeyID
	Kind           KeyKind
	SubscriptionID string
	Description    string
	KeyFacts
	KeyDetails
	Created      time.Time
	CreatedBy    string // the user's ID
	Creator      string // the user's name, filled when read
	CreatorEmail string // filled when read
	CreatorGone  bool   // they do not belong to the subscription any more, filled when read
	LastUsed     time.Time
	LastAddress  string
	LastAgent    string
	Status       KeyStatus // what is exceptional about it, filled when read; of an integration key alone
	// Disabler is who disabled the key, filled by [Porter.KeyUsage]; zero if it was nobody.
	Disabler UserName
}

// CountLimit is how far keys are counted. Beyond it a page says "more than 1,000 keys".
const CountLimit = 1000

// maxDescription is how long a key's description may be, in characters.
const maxDescription = 200

// A KeyFilter chooses keys of a list. The zero value chooses all.
type KeyFilter struct {
	Text   string    // folded, within the description, the key ID, the contact or the note; "" for any
	Status KeyStatus // of Feedback API keys only AnyStatus, StatusUsed and StatusNeverUsed
	At     Timestamp // the time at which the status holds
}

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
	// UpdateKey writes an integration key's description, facts and details. The caller took the subscription's lock
	// before it read the key.
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
	Write       bool // of an integration key alone, as are the following
	End         EndForm
	Addresses   string // as [ParseAddresses] takes them
	Contact     string
	Note        string
	Once        Once
}

// SearchText returns the text in which the list's search looks.
func SearchText(k Key) string {
	text := input.Fold(k.Description) + "\n" + input.Fold(k.ID.String())
	for _, detail := range []string{k.Contact, k.Note} {
		if detail != "" {
			text += "\n" + input.Fold(detail)
		}
	}
	return text
}

// CreateKey creates a key and returns its token, which nobody can return again. It fails with [Invalid] for
// "description", "ends", "end_date", "allowed_addresses", "contact", "note" and "nonce", with [ErrForbidden] for an
// integration key without integration key access or while the feature is not on, with [ErrConflict] for a form that was
// sent before, and with [TooManyTries] after 60 Feedback API keys of a member within an hour.
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
		Created: p.now(), CreatedBy: a.UserID, Creator: a.Name, CreatorEmail: a.Email,
	}
	if kind == IntegrationKey {
		key.Write = form.Write
		key.Ends = form.End.check(key.Created, invalid)
		key.Addresses = AddressForm{Text: form.Addresses}.check(invalid)
		key.Contact = invalid.optionalLine("contact", form.Contact, maxContact)
		key.Note = invalid.optionalText("note", form.Note, maxNote)
	}
	minted, hash := token.Mint(p.options.TokenPrefix, kind.tokenKind(), key.ID)
	err := p.inWriteTx(ctx, a, subscription, kind.createdAction(), "", func(tx Tx, m Member) error {
		if err := p.checkCreate(tx, m, kind); err != nil {
			return err
		}
		if kind == IntegrationKey {
			s, err := tx.Subscription(subscription)
			if err != nil {
				return err
			}
			s.KeyPolicy.checkEnd(key.Created, key.Ends, form.End.Choice, invalid)
			s.KeyPolicy.checkAddresses(key, invalid)
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
		if err := tx.InsertKey(key, SearchText(key), token.HashName, hash); err != nil {
			return err
		}
		return p.appendKeyAudit(tx, a, key, kind.createdAction(), createdDetail(key))
	})
	if err != nil {
		return Key{}, token.Token{}, err
	}
	return p.latest(key), minted, nil
}

// createdDetail is what the audit log says of a new key.
func createdDetail(k Key) string {
	if k.Kind == FeedbackKey {
		return k.Description
	}
	detail := k.Description + ", " + access(k.Write)
	if k.Ends != 0 {
		detail += ", " + endWords(k.Ends)
	}
	if k.Addresses != nil {
		detail += ", " + addressWords(k.Addresses)
	}
	return detail
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

// A KeyChanges is what a member changes about an integration key.
type KeyChanges struct {
	Description   string
	Contact, Note string
	Lower         bool   // lower access to Read
	Shown         string // the [Key.TextVersion] that the form showed; "" if it does not matter
}

// TextVersion changes with the key's description, contact and note. A form hands it on, so that it does not undo a
// change that it did not show.
func (k Key) TextVersion() string {
	text := fmt.Sprintf("%q %q %q", k.Description, k.Contact, k.Note)
	return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:16]
}

// checkShown fails with [Invalid] for "" if somebody else has changed the key since the form was shown.
func (c KeyChanges) checkShown(k, edited Key) error {
	if c.Shown == "" || c.Shown == k.TextVersion() || edited.TextVersion() == k.TextVersion() {
		return nil
	}
	sentence := "Somebody else changed this key while the form was open. Save again to replace what they typed:"
	for _, each := range []struct{ name, stored, typed string }{
		{"description", k.Description, edited.Description}, {"contact", k.Contact, edited.Contact},
		{"note", k.Note, edited.Note},
	} {
		if each.stored != each.typed {
			sentence += " " + each.name + " “" + each.stored + "”,"
		}
	}
	return Invalid{"": strings.TrimSuffix(sentence, ",") + "."}
}

// EditKey changes an integration key's description, contact and note, and lowers its access to Read; access is never
// raised. It applies to every judgement that begins after it returned. It fails with [Invalid] for "description",
// "contact" and "note", and for "" if somebody else has changed one of them since the form was shown.
func (p *Porter) EditKey(ctx context.Context, a Actor, subscription, id string, changes KeyChanges) error {
	invalid := Invalid{}
	changes.Description = invalid.cleanLine("description", changes.Description, maxDescription)
	changes.Contact = invalid.optionalLine("contact", changes.Contact, maxContact)
	changes.Note = invalid.optionalText("note", changes.Note, maxNote)
	return p.changeKey(ctx, a, subscription, id, ActionEditedKey, func(tx Tx, key Key) error {
		if err := invalid.errorOrNil(); err != nil {
			return err
		}
		edited := key
		edited.Description, edited.Contact, edited.Note = changes.Description, changes.Contact, changes.Note
		edited.Write = key.Write && !changes.Lower
		if err := changes.checkShown(key, edited); err != nil {
			return err
		}
		if err := tx.UpdateKey(edited, SearchText(edited)); err != nil {
			return err
		}
		if detail := editedDetail(key, edited); detail != "" {
			if err := p.appendKeyAudit(tx, a, key, ActionEditedKey, detail); err != nil {
				return err
			}
		}
		if edited.Write != key.Write {
			return p.appendKeyAudit(tx, a, key, ActionLoweredKey, edited.Description)
		}
		return nil
	})
}

// editedDetail is what the audit log says of an edit; "" if nothing but the access changed.
func editedDetail(key, edited Key) string {
	var parts []string
	if edited.Description != key.Description {
		parts = append(parts, key.Description+" → "+edited.Description)
	}
	if edited.Contact != key.Contact {
		parts = append(parts, "contact: "+edited.Contact)
	}
	if edited.Note != key.Note {
		parts = append(parts, "note changed")
	}
	return strings.Join(parts, "; ")
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
