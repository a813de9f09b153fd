package store

import (
	"context"
	"crypto/sha256"
	"sync"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// A memorySource is the [keySource] of the one process that serves a database file: all that the gate judges by, in
// memory. It is exact, not a cache: no other process changes what the gate judges by (see [unavailableSource]), and
// [Store.Write] updates the memory before it returns. While it is not valid it answers nothing.
type memorySource struct {
	engine *engine

	mu                  sync.RWMutex
	valid               bool
	keyIndex            map[token.KeyID]int32 // indices in keys
	keys                []memoryKey
	subscriptionIndex   map[string]int32 // indices in subscriptions, by ID
	subscriptions       []memorySubscription
	applicationsOwnedBy map[keyporter.ApplicationID]int32 // indices in subscriptions
}

// A memoryKey has no pointer but that of its addresses, which few keys have. Deleted keys stay, so that
// attempts on them are counted, unlike those with an ID that never existed.
type memoryKey struct {
	hash         [sha256.Size]byte
	facts        keyporter.KeyFacts
	subscription int32 // index in subscriptions
	deleted      bool
}

type memorySubscription struct {
	id                 string
	featureOn          bool
	defaultApplication string // its ID
}

func newMemorySource(e *engine) *memorySource { return &memorySource{engine: e} }

func (m *memorySource) grant(ctx context.Context, id token.KeyID) (keyporter.Grant, bool, error) {
	grant, found, valid := m.lookUp(id)
	if valid {
		return grant, found, nil
	}
	if err := m.reload(ctx); err != nil {
		return keyporter.Grant{}, false, err
	}
	if grant, found, valid = m.lookUp(id); !valid {
		return keyporter.Grant{}, false, keyporter.ErrUnavailable
	}
	return grant, found, nil
}

func (m *memorySource) lookUp(id token.KeyID) (g keyporter.Grant, found, valid bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	index, found := m.keyIndex[id]
	if !found {
		return g, false, m.valid
	}
	key := &m.keys[index]
	subscription := &m.subscriptions[key.subscription]
	return keyporter.Grant{
		Hash: key.hash, SubscriptionID: subscription.id, KeyFacts: key.facts, FeatureOn: subscription.featureOn,
		Deleted: key.deleted, Application: subscription.defaultApplication,
	}, true, m.valid
}

func (m *memorySource) ownsApplications(ctx context.Context, subscription string, ids []keyporter.ApplicationID) (bool,
	error) {
	owns, valid := m.owns(subscription, ids)
	if valid {
		return owns, nil
	}
	if err := m.reload(ctx); err != nil {
		return false, err
	}
	if owns, valid = m.owns(subscription, ids); !valid {
		return false, keyporter.ErrUnavailable
	}
	return owns, nil
}

func (m *memorySource) owns(subscription string, ids []keyporter.ApplicationID) (all, valid bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	index, all := m.subscriptionIndex[subscription]
	for _, id := range ids {
		ownedBy, found := m.applicationsOwnedBy[id]
		all = all && found && ownedBy == index
	}
	return all, m.valid
}

// prepare reads the rows that the transaction changed, so that the memory has what the database has once it is
// committed, whatever the statements were.
func (m *memorySource) prepare(t *tx, changes []change) (func(error), error) {
	if len(changes) == 0 {
		return ignoreCommit, nil
	}
	var rows memoryRows
	for _, c := range changes {
		if err := rows.read(t, c); err != nil {
			return nil, err
		}
	}
	return func(err error) {
		if err != nil {
			m.invalidate() // it is not known whether it was committed
		} else {
			m.update(rows)
		}
	}, nil
}

// invalidate makes the memory answer nothing until it is loaded again.
func (m *memorySource) invalidate() {
	m.mu.Lock()
	m.valid = false
	m.mu.Unlock()
}

func (m *memorySource) isValid() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.valid
}

func (m *memorySource) update(rows memoryRows) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.apply(rows)
}

// apply takes rows in their order. A row that belongs to a subscription which is not there makes the memory invalid.
func (m *memorySource) apply(rows memoryRows) {
	for _, row := range rows.subscriptions {
		m.putSubscription(row)
	}
	for _, row := range rows.applications {
		index, found := m.subscriptionIndex[row.subscription]
		switch {
		case row.deleted:
			delete(m.applicationsOwnedBy, row.id)
		case found:
			m.applicationsOwnedBy[row.id] = index
		default:
			m.valid = false
		}
	}
	for _, row := range rows.keys {
		m.applyKey(row)
	}
}

func (m *memorySource) applyKey(row keyRow) {
	subscription, found := m.subscriptionIndex[row.subscription]
	if !found {
		m.valid = false
		return
	}
	row.key.subscription = subscription
	index, found := m.keyIndex[row.id]
	if !found {
		index = int32(len(m.keys))
		m.keyIndex[row.id] = index
		m.keys = append(m.keys, row.key)
	}
	m.keys[index] = row.key
}

func (m *memorySource) putSubscription(s memorySubscription) {
	index, found := m.subscriptionIndex[s.id]
	if !found {
		index = int32(len(m.subscriptions))
		m.subscriptionIndex[s.id] = index
		m.subscriptions = append(m.subscriptions, s)
	}
	m.subscriptions[index] = s
}
