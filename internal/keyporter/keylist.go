package keyporter

import (
	"context"
	"errors"
	"time"

	"keyporter/internal/token"
)

// maxSearch is more bytes than any search text has: a longer text finds nothing.
const maxSearch = 8 * maxDescription

// A KeyList is one page of the list and how many keys the filter chooses, up to [CountLimit]+1.
type KeyList struct {
	Page[Key]
	Total int
	// Deleted is set if the filter's text is the key ID of a deleted integration key.
	Deleted *DeletedKey
}

// Keys lists keys, newest first: a subscription's integration keys, for a member with integration key access and
// whatever the state of the feature, or the actor's own Feedback API keys. A text of the filter that is a key ID finds
// that key alone.
func (p *Porter) Keys(
	ctx context.Context, a Actor, subscription string, kind KeyKind, f KeyFilter, pos Position,
) (KeyList, error) {
	var list KeyList
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) error {
		if err := p.checkManage(tx, m, kind); err != nil {
			return err
		}
		owner := keysOf(m, kind)
		f.At = NewTimestamp(p.now())
		if found, err := p.keyByID(tx, owner, f); err != nil || found != nil {
			list.Rows, list.Total = found, len(found)
			return err
		}
		if kind == IntegrationKey {
			if err := findDeleted(tx, m, f, &list); err != nil {
				return err
			}
		}
		f.Text = p.searchedText(f.Text)
		if len(f.Text) > maxSearch {
			return nil
		}
		var err error
		list.Page, err = readPage(pos, func(pos Position) ([]Key, error) {
			return tx.Keys(owner, f, pos, PageSize+1)
		}, func(k Key) Position { return Position{At: k.Created, ID: k.ID.String()} })
		if err != nil {
			return err
		}
		for i, key := range list.Rows {
			list.Rows[i] = p.latest(key)
		}
		if pos.ID == "" && list.Older == nil {
			list.Total = len(list.Rows)
			return nil
		}
		list.Total, err = tx.CountKeys(owner, f, CountLimit+1)
		return err
	})
	return list, err
}

// keyByID answers a search for a whole key ID through the primary key.
func (p *Porter) keyByID(tx Tx, owner KeyOwner, f KeyFilter) ([]Key, error) {
	id, ok := token.PastedKeyID(f.Text)
	if !ok || f.Status != AnyStatus {
		return nil, nil
	}
	key, err := tx.Key(owner, id)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return []Key{p.latest(key)}, err
}

// findDeleted fills in the deleted key that a search for a whole key ID names.
func findDeleted(tx Tx, m Member, f KeyFilter, list *KeyList) error {
	id, ok := token.PastedKeyID(f.Text)
	if !ok {
		return nil
	}
	deleted, err := tx.DeletedKey(m.SubscriptionID, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	list.Deleted = &deleted
	return err
}

// A DeletedKey is what is kept of a deleted integration key.
type DeletedKey struct {
	ID          token.KeyID
	Description string
	Write       bool
	Created     time.Time
	CreatedBy   UserName
	Deleted     time.Time
	DeletedBy   UserName
	Attempts    int64 // requests with it since, all of them refused
	LastAttempt Seen
}

// DeletedKeys lists a subscription's deleted integration keys, the last deleted first. It needs integration key access.
func (p *Porter) DeletedKeys(ctx context.Context, a Actor, subscription string, pos Position) (Page[DeletedKey],
	error) {
	var page Page[DeletedKey]
	p.flushBriefly(ctx)
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		if err := p.checkManagesKeys(tx, m); err != nil {
			return err
		}
		page, err = readPage(pos, func(pos Position) ([]DeletedKey, error) {
			return tx.DeletedKeys(subscription, pos, PageSize+1)
		}, func(d DeletedKey) Position { return Position{At: d.Deleted, ID: d.ID.String()} })
		return err
	})
	return page, err
}
