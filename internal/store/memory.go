package store

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// A memorySource is the [keySource] of the one process that serves a database file: all that the gate judges by, in
// memory. It is exact, not a cache: no other process changes what the gate judges by (see [unavailableSource]), and
// [Store.Write] updates the memory before it returns. While it is not valid it answers nothing.
type memorySource struct {
	engine  *engine
	current atomic.Pointer[snapshot] // nil while it is not valid

	mu                  sync.RWMutex                    // of the following, which few judgements need
	subscriptionIndex   map[string]int                  // indices in subscriptions, by ID
	applicationsOwnedBy map[keyporter.ApplicationID]int // indices in subscriptions
}

// A snapshot is what the gate judges keys by at one time. It is never changed: each transaction makes the next one. So
// a judgement sees all of a transaction or nothing of it.
type snapshot struct {
	keys          *keyTable
	subscriptions []memorySubscription
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
	now := m.current.Load()
	if now == nil {
		return g, false, false
	}
	entry, shard := now.keys.find(id)
	if entry == nil {
		return g, false, true
	}
	subscription := &now.subscriptions[entry.subscription&maxSubscription]
	return keyporter.Grant{
		Hash: entry.hash, SubscriptionID: subscription.id, KeyFacts: entry.facts(shard),
		FeatureOn: subscription.featureOn, Deleted: entry.subscription&isDeleted != 0,
		Application: subscription.defaultApplication,
	}, true, true
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
	return all, m.isValid()
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
func (m *memorySource) invalidate() { m.current.Store(nil) }

func (m *memorySource) isValid() bool { return m.current.Load() != nil }

// update makes the next snapshot. A row that belongs to a subscription which is not there makes the memory invalid.
func (m *memorySource) update(rows memoryRows) {
	now := m.current.Load()
	if now == nil {
		return // it will be loaded with what the rows have
	}
	next := &snapshot{keys: now.keys, subscriptions: now.subscriptions}
	if !m.apply(next, rows) {
		next = nil
	}
	m.current.Store(next)
}

// apply takes rows in their order into a snapshot that readers do not have yet. It reports false for a row that belongs
// to a subscription which is not there. It must not run twice at once.
func (m *memorySource) apply(next *snapshot, rows memoryRows) bool {
	if !m.applySubscriptions(next, rows) {
		return false
	}
	if len(rows.keys) == 0 {
		return true
	}
	edit := next.keys.edit()
	next.keys = edit.table
	for _, row := range rows.keys {
		if !m.applyKey(edit, row) {
			return false
		}
	}
	return true
}

func (m *memorySource) applySubscriptions(next *snapshot, rows memoryRows) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, row := range rows.subscriptions {
		m.putSubscription(next, row)
	}
	for _, row := range rows.applications {
		index, found := m.subscriptionIndex[row.subscription]
		switch {
		case row.deleted:
			delete(m.applicationsOwnedBy, row.id)
		case found:
			m.applicationsOwnedBy[row.id] = index
		default:
			return false
		}
	}
	return true
}

func (m *memorySource) applyKey(edit *keyEdit, row keyRow) (found bool) {
	if row.key.subscription, found = m.subscriptionIndex[row.subscription]; found {
		edit.put(row.id, row.key)
	}
	return found
}

// putSubscription appends behind what readers have, and copies the list to change it.
func (m *memorySource) putSubscription(next *snapshot, s memorySubscription) {
	index, found := m.subscriptionIndex[s.id]
	switch {
	case !found:
		m.subscriptionIndex[s.id] = len(next.subscriptions)
		next.subscriptions = append(next.subscriptions, s)
	case next.subscriptions[index] != s:
		next.subscriptions = slices.Clone(next.subscriptions)
		next.subscriptions[index] = s
	}
}
