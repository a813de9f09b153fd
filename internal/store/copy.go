package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"sync"

	"keyporter/internal/keyporter"
)

// A keyCopy holds in memory what the gate judges by. It is exact, not a cache: this process alone writes the database
// (the lock file), and [Store.Write] changes the copy before it returns. Where that cannot be said, the copy is not
// trusted and answers nothing.
type keyCopy struct {
	mu     sync.RWMutex
	known  bool
	at     map[keyporter.KeyID]int32 // places in keys
	keys   []copiedKey
	places map[string]int32 // of subscriptions in owners, by ID
	owners []copiedSubscription

	applications map[keyporter.ApplicationID]int32 // whose they are: places in owners
}

// A copiedKey has no pointers, so that a million of them cost the garbage collector nothing. Deleted ones stay, so that
// attempts on them are told from made-up IDs.
type copiedKey struct {
	hash    [sha256.Size]byte
	owner   int32
	write   bool
	deleted bool
}

type copiedSubscription struct {
	id          string
	on          bool
	application string // the default one's ID
}

// A change is what a transaction does to the copy, once it is committed.
type change func(*keyCopy)

func newKeyCopy() *keyCopy { return &keyCopy{} }

func (c *keyCopy) trusted() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.known
}

// forget makes the copy untrusted until it is loaded anew.
func (c *keyCopy) forget() {
	c.mu.Lock()
	c.known = false
	c.mu.Unlock()
}

func (c *keyCopy) apply(changes []change) {
	if len(changes) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ch := range changes {
		ch(c)
	}
}

func (c *keyCopy) grant(id keyporter.KeyID) (g keyporter.Grant, found, trusted bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	place, found := c.at[id]
	if !found {
		return g, false, c.known
	}
	key := &c.keys[place]
	owner := &c.owners[key.owner]
	return keyporter.Grant{
		Hash: key.hash, SubscriptionID: owner.id, Write: key.write, On: owner.on, Deleted: key.deleted, Application: owner.application,
	}, true, c.known
}

func (c *keyCopy) owns(subscription string, ids []keyporter.ApplicationID) (all, trusted bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	place, found := c.places[subscription]
	for _, id := range ids {
		owner, known := c.applications[id]
		found = found && known && owner == place
	}
	return found, c.known
}

func (c *keyCopy) put(id keyporter.KeyID, key copiedKey) {
	place, found := c.at[id]
	if !found {
		place = int32(len(c.keys))
		c.at[id] = place
		c.keys = append(c.keys, copiedKey{})
	}
	c.keys[place] = key
}

// lower takes write access away from a key. A key that is not there means that the copy is not what it has to be.
func (c *keyCopy) lower(id keyporter.KeyID, write bool) {
	place, found := c.at[id]
	if !found {
		c.known = false
		return
	}
	c.keys[place].write = c.keys[place].write && write
}

// load reads everything from the database. The caller keeps writers away.
func (c *keyCopy) load(ctx context.Context, e *engine) error {
	transaction, err := e.readers.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer transaction.Rollback()
	fresh := keyCopy{at: map[keyporter.KeyID]int32{}, places: map[string]int32{}, applications: map[keyporter.ApplicationID]int32{}}
	t := &tx{ctx: ctx, sql: transaction}
	if err := fresh.loadSubscriptions(t); err != nil {
		return err
	}
	if err := fresh.loadApplications(t); err != nil {
		return err
	}
	if err := fresh.loadKeys(t); err != nil {
		return err
	}
	if err := fresh.loadDeleted(t); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.keys, c.places, c.owners, c.applications, c.known = fresh.at, fresh.keys, fresh.places, fresh.owners, fresh.applications, true
	return nil
}

func (c *keyCopy) loadSubscriptions(t *tx) error {
	_, err := many(t, func(r row) (struct{}, error) {
		var s copiedSubscription
		var application sql.NullInt64
		err := r.Scan(&s.id, &s.on, &application)
		s.application = idText(application)
		c.putSubscription(s)
		return struct{}{}, err
	}, `SELECT id, feature_on, default_application_id FROM subscriptions ORDER BY id`)
	return err
}

// idText is empty where there is no application, as for a moment while a subscription is made.
func idText(id sql.NullInt64) string {
	if !id.Valid {
		return ""
	}
	return keyporter.ApplicationID(id.Int64).String()
}

func (c *keyCopy) loadApplications(t *tx) error {
	_, err := many(t, func(r row) (struct{}, error) {
		var id keyporter.ApplicationID
		var subscription string
		err := r.Scan(&id, &subscription)
		if err == nil && !c.putApplication(id, subscription) {
			err = fmt.Errorf("the row of application %d is damaged", id)
		}
		return struct{}{}, err
	}, `SELECT id, subscription_id FROM applications`)
	return err
}

// putApplication reports false where there is no such subscription: then the copy is not what it has to be.
func (c *keyCopy) putApplication(id keyporter.ApplicationID, subscription string) bool {
	place, found := c.places[subscription]
	if !found {
		c.known = false
		return false
	}
	c.applications[id] = place
	return true
}

func (c *keyCopy) loadKeys(t *tx) error {
	rows, err := t.sql.QueryContext(t.ctx, `SELECT id, subscription_id, write_access, hash FROM integration_keys`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id, subscription, hash []byte
	for rows.Next() {
		var key copiedKey
		if err := rows.Scan((*rawText)(&id), (*rawText)(&subscription), &key.write, (*rawText)(&hash)); err != nil {
			return err
		}
		owner, known := c.places[string(subscription)]
		if !known || len(id) != len(keyporter.KeyID{}) || len(hash) != sha256.Size {
			return fmt.Errorf("the row of key %q is damaged", id)
		}
		key.owner = owner
		copy(key.hash[:], hash)
		c.put(keyporter.KeyID(id), key)
	}
	return rows.Err()
}

func (c *keyCopy) loadDeleted(t *tx) error {
	_, err := many(t, func(r row) (struct{}, error) {
		var id, subscription string
		err := r.Scan(&id, &subscription)
		if keyID, ok := keyporter.ParseKeyID(id); ok {
			c.put(keyID, copiedKey{owner: c.places[subscription], deleted: true})
		}
		return struct{}{}, err
	}, `SELECT id, subscription_id FROM deleted_keys`)
	return err
}

// rawText takes a column into the same bytes each time.
type rawText []byte

func (r *rawText) Scan(value any) error {
	switch v := value.(type) {
	case string:
		*r = append((*r)[:0], v...)
	case []byte:
		*r = append((*r)[:0], v...)
	default:
		return fmt.Errorf("a column holds %T", value)
	}
	return nil
}

func (c *keyCopy) putSubscription(s copiedSubscription) {
	c.places[s.id] = int32(len(c.owners))
	c.owners = append(c.owners, s)
}

// owner returns a subscription to change. One that is not there means that the copy is not what it has to be.
func (c *keyCopy) owner(id string) *copiedSubscription {
	place, found := c.places[id]
	if !found {
		c.known = false
		return &copiedSubscription{}
	}
	return &c.owners[place]
}
