package keyporter

import (
	"context"
	"errors"

	"keyporter/internal/token"
)

// maxSearch is longer than any search text, in bytes, so that what is longer is not looked for.
const maxSearch = 8 * maxDescription

// A KeyList is one page of the list and how many keys the filter chooses, up to [CountLimit]+1.
type KeyList struct {
	Page[Key]
	Total int
	// Deleted is there where the filter's text is the key ID of an integration key that was deleted.
	Deleted *DeletedKey
}

// Keys lists keys, newest first: for who has integration key access, whatever the feature's state. A text of the
// filter that is a key ID finds that key alone.
func (p *Porter) Keys(ctx context.Context, a Actor, subscription string, f KeyFilter, pos Position) (KeyList, error) {
	return p.listKeys(ctx, integrationKeys, a, subscription, f, pos)
}

func (p *Porter) listKeys(ctx context.Context, of keyKind, a Actor, subscription string, f KeyFilter, pos Position) (KeyList, error) {
	var list KeyList
	err := p.view(ctx, a, subscription, func(tx Tx, m Member) error {
		if err := of.mayManage(p, tx, m); err != nil {
			return err
		}
		rows := of.rows(tx, m)
		if found, err := p.keyByID(rows, f); err != nil || found != nil {
			list.Rows, list.Total = found, len(found)
			return err
		}
		if of.kind == token.Integration {
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
			return rows.keys(f, pos, PageSize+1)
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
		list.Total, err = rows.count(f, CountLimit+1)
		return err
	})
	return list, err
}

// keyByID answers a search for a whole key ID through the primary key.
func (p *Porter) keyByID(rows keyTable, f KeyFilter) ([]Key, error) {
	id, ok := token.PastedKeyID(f.Text)
	if !ok || f.Used != AnyUse {
		return nil, nil
	}
	key, err := rows.key(id)
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
