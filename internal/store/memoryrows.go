package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// memoryRows are rows of the database as a [memorySource] takes them.
type memoryRows struct {
	subscriptions []memorySubscription
	applications  []applicationRow
	keys          []keyRow
}

type applicationRow struct {
	id           keyporter.ApplicationID
	subscription string
	deleted      bool
}

type keyRow struct {
	id           token.KeyID
	subscription string
	key          memoryKey
}

const (
	subscriptionRowQuery = `SELECT id, feature_on, default_application_id FROM subscriptions`
	applicationRowQuery  = `SELECT id, subscription_id FROM applications`
	deletedRowQuery      = `SELECT id, subscription_id FROM deleted_keys`
)

var keyRowQuery = `SELECT id, subscription_id, hash, ` + factColumns("") + ` FROM integration_keys`

// read adds the row that a change names, as it is in the transaction.
func (rows *memoryRows) read(t *tx, c change) error {
	switch c.kind {
	case subscriptionCreated, featureSet, defaultApplicationSet:
		row, err := queryOne(t, scanSubscriptionRow, subscriptionRowQuery+` WHERE id = $1`, c.subscription)
		rows.subscriptions = append(rows.subscriptions, row)
		return err
	case applicationCreated, applicationDeleted:
		row, err := queryOne(t, scanApplicationRow, applicationRowQuery+` WHERE id = $1`, int64(c.application))
		if errors.Is(err, keyporter.ErrNotFound) {
			row, err = applicationRow{id: c.application, deleted: true}, nil
		}
		rows.applications = append(rows.applications, row)
		return err
	}
	row, err := queryOne(t, scanKeyRow, keyRowQuery+` WHERE id = $1`, c.key.String())
	if errors.Is(err, keyporter.ErrNotFound) {
		row, err = queryOne(t, scanDeletedRow, deletedRowQuery+` WHERE id = $1`, c.key.String())
	}
	rows.keys = append(rows.keys, row)
	return err
}

func scanSubscriptionRow(r row) (memorySubscription, error) {
	var s memorySubscription
	var application sql.NullInt64
	err := r.Scan(&s.id, &s.featureOn, &application)
	s.defaultApplication = applicationText(application)
	return s, err
}

// applicationText is empty where there is no application, as for a moment while a subscription is created.
func applicationText(id sql.NullInt64) string {
	if !id.Valid {
		return ""
	}
	return keyporter.ApplicationID(id.Int64).String()
}

func scanApplicationRow(r row) (applicationRow, error) {
	var a applicationRow
	err := r.Scan(&a.id, &a.subscription)
	return a, err
}

func scanDeletedRow(r row) (keyRow, error) {
	var id string
	deleted := keyRow{key: memoryKey{deleted: true}}
	err := r.Scan(&id, &deleted.subscription)
	copy(deleted.id[:], id)
	return deleted, err
}

func scanKeyRow(r row) (keyRow, error) {
	return newKeyScanner().scan(r)
}

// A keyScanner scans rows of keyRowQuery without allocating for each.
type keyScanner struct {
	id, subscription, hash []byte
	facts                  keyporter.KeyFacts
	fields                 []any
	lastSubscription       string // of the row before, which often has the same
}

func newKeyScanner() *keyScanner {
	s := &keyScanner{}
	s.fields = append([]any{(*rawText)(&s.id), (*rawText)(&s.subscription), (*rawText)(&s.hash)},
		factFields(&s.facts)...)
	return s
}

func (s *keyScanner) scan(r row) (keyRow, error) {
	if err := r.Scan(s.fields...); err != nil {
		return keyRow{}, err
	}
	if len(s.id) != len(token.KeyID{}) || len(s.hash) != sha256.Size {
		return keyRow{}, fmt.Errorf("the row of key %q is damaged", s.id)
	}
	if string(s.subscription) != s.lastSubscription {
		s.lastSubscription = string(s.subscription)
	}
	return keyRow{
		id: token.KeyID(s.id), subscription: s.lastSubscription,
		key: memoryKey{hash: [sha256.Size]byte(s.hash), facts: s.facts},
	}, nil
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

// load reads everything from the database. It must not run while something is written.
func (m *memorySource) load(ctx context.Context) error {
	transaction, err := m.engine.readers.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer transaction.Rollback()
	t := &tx{ctx: ctx, sql: transaction}
	fresh := memorySource{subscriptionIndex: map[string]int{}, applicationsOwnedBy: map[keyporter.ApplicationID]int{}}
	edit := newKeyTable().edit()
	next := &snapshot{keys: edit.table}
	var rows memoryRows
	if rows.subscriptions, err = queryAll(t, scanSubscriptionRow, subscriptionRowQuery+` ORDER BY id`); err != nil {
		return err
	}
	if rows.applications, err = queryAll(t, scanApplicationRow, applicationRowQuery); err != nil {
		return err
	}
	if !fresh.apply(next, rows) {
		return errNoSubscription
	}
	if err := eachRow(t, scanDeletedRow, deletedRowQuery, fresh.keyTaker(edit)); err != nil {
		return err
	}
	if err := eachRow(t, newKeyScanner().scan, keyRowQuery, fresh.keyTaker(edit)); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.subscriptionIndex, m.applicationsOwnedBy = fresh.subscriptionIndex, fresh.applicationsOwnedBy
	m.current.Store(next)
	return nil
}

var errNoSubscription = errors.New("a row belongs to a subscription that is not in the database")

// keyTaker returns the function that takes one key at a time: together the rows would take several times their room in
// memory.
func (m *memorySource) keyTaker(edit *keyEdit) func(keyRow) error {
	return func(row keyRow) error {
		if !m.applyKey(edit, row) {
			return errNoSubscription
		}
		return nil
	}
}

func eachRow(t *tx, scan func(row) (keyRow, error), query string, take func(keyRow) error) error {
	rows, err := t.sql.QueryContext(t.ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := scan(rows)
		if err == nil {
			err = take(row)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// reload loads the memory again while nothing can be written.
func (m *memorySource) reload(ctx context.Context) error {
	if err := m.engine.acquireWriter(ctx); err != nil {
		return err
	}
	defer m.engine.releaseWriter()
	if m.isValid() {
		return nil
	}
	if err := m.engine.checkFile(); err != nil {
		return err
	}
	return m.engine.classify(m.load(ctx))
}
