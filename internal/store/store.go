// Package store keeps what the product is told, in a database. It holds all SQL, in one text for every engine; what
// differs between engines is in engine.go, sqlite.go and postgres.go. What is written is durable when Write returns.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"keyporter/internal/keyporter"
)

// A Store is an open database. It is safe for concurrent use, and implements [keyporter.Store].
type Store struct {
	engine *engine
	copy   *keyCopy      // nil unless this process alone writes what the gate judges by
	turn   chan struct{} // held while writing; nil where the database keeps writers apart
}

// Open opens the database at the address, which is a path or a postgres:// URL. The schema is brought up to date; a
// newer one is refused. A file is created if it is missing, and this process then owns it: a second one is refused.
// What PostgreSQL keeps may be opened by any number of processes.
func Open(ctx context.Context, address string) (*Store, error) {
	e, err := openEngine(ctx, address, own)
	if err != nil {
		return nil, err
	}
	return opened(ctx, e)
}

// OpenBeside opens an existing database for a short command that does not touch keys, also while another process owns
// it. Writing what the gate judges by is refused in that case.
func OpenBeside(ctx context.Context, address string) (*Store, error) {
	e, err := openEngine(ctx, address, beside)
	if err != nil {
		return nil, err
	}
	return opened(ctx, e)
}

func opened(ctx context.Context, e *engine) (*Store, error) {
	s := &Store{engine: e}
	if !e.shared {
		s.turn = make(chan struct{}, 1)
	}
	if !e.alone {
		return s, nil
	}
	s.copy = newKeyCopy()
	if err := s.copy.load(ctx, e); err != nil {
		e.close()
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	return s, nil
}

// Close ends all work with the database and gives it free for another process.
func (s *Store) Close() error {
	if s.turn != nil {
		s.turn <- struct{}{}
		defer s.giveTurn()
	}
	return s.engine.close()
}

// readTime bounds a transaction that reads: who waits for a page has given up by then.
const readTime = 5 * time.Second

// Read runs fn on one consistent snapshot, within readTime. A fault of the database comes as
// [keyporter.ErrUnavailable], as does a server that only reads, whose snapshot may be of the past.
func (s *Store) Read(ctx context.Context, fn func(keyporter.Tx) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readTime, errSlow)
	defer cancel()
	if err := s.engine.there(); err != nil {
		return err
	}
	var snapshot statements
	var end func()
	err := s.engine.onWhole(ctx, func() (err error) {
		snapshot, end, err = s.engine.beginRead(ctx, s.engine.readers)
		return err
	})
	if err != nil {
		return s.engine.failed(ctx, s.engine.readers, err)
	}
	defer end()
	return s.engine.failed(ctx, s.engine.readers, fn(&tx{ctx: ctx, sql: snapshot}))
}

// Ready fails unless the database answers where judgements ask, takes writes, and its schema is this binary's.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.engine.there(); err != nil {
		return err
	}
	var version int64
	var err error
	if s.engine.shared {
		err = s.askOne(ctx, []any{&version}, `SELECT `+readOnlyServer+`, `+newestApplied)
	} else {
		version, err = schemaVersion(ctx, s.engine.readers)
	}
	if err != nil {
		return s.engine.kind(err)
	}
	if version != newestSchema() {
		return fmt.Errorf("the schema is at version %d, this binary is for %d", version, newestSchema())
	}
	return nil
}

// A tx is one transaction. It implements [keyporter.Tx].
type tx struct {
	ctx     context.Context
	sql     statements
	changes []change // to what the gate judges by, in order
}

// statements is what a transaction runs: of database/sql, or of a connection on which one was begun.
type statements interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

type row interface{ Scan(...any) error }

func (t *tx) exec(query string, args ...any) (int64, error) {
	result, err := t.sql.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// run is exec for those who do not mind how many rows it touches.
func (t *tx) run(query string, args ...any) error {
	_, err := t.exec(query, args...)
	return err
}

// must is exec for one row that has to be there.
func (t *tx) must(query string, args ...any) error {
	n, err := t.exec(query, args...)
	if err == nil && n == 0 {
		err = keyporter.ErrNotFound
	}
	return err
}

func (t *tx) number(query string, args ...any) (int, error) {
	var n int
	err := t.sql.QueryRowContext(t.ctx, query, args...).Scan(&n)
	return n, err
}

// one reads one row; none is [keyporter.ErrNotFound].
func one[T any](t *tx, scan func(row) (T, error), query string, args ...any) (T, error) {
	value, err := scan(t.sql.QueryRowContext(t.ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = keyporter.ErrNotFound
	}
	return value, err
}

func many[T any](t *tx, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := t.sql.QueryContext(t.ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		value, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, value)
	}
	return all, rows.Err()
}

// toMS is a time as the tables keep it: Unix milliseconds, NULL for the zero time.
func toMS(t time.Time) sql.NullInt64 {
	if t.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: true}
}

func fromMS(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}

// orNull is a text that is absent where it is empty.
func orNull(text string) sql.NullString { return sql.NullString{String: text, Valid: text != ""} }
