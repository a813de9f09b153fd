// Package store keeps the product's data in a database. It holds all SQL. Statements on the product's tables are one
// text for both engines, but for those of the gate on PostgreSQL (primary.go); what else differs between SQLite and
// PostgreSQL is listed at the type engine. Everything that [Store.Write] wrote is durable when it returns.
package store

import (
	"context"
	"fmt"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// A Store is an open database. It is safe for concurrent use, and implements [keyporter.Store].
type Store struct {
	engine *engine
	keys   keySource
}

// Open opens the database at the address, which is a path or a postgres:// URL, to serve it. The schema is brought up
// to date; a newer one is refused. A file is created if it is missing, and no other process can open it for serving
// until Close. A PostgreSQL database may be served by any number of processes.
func Open(ctx context.Context, address string) (*Store, error) {
	return openAs(ctx, address, exclusive)
}

// OpenAttached opens an existing database for a short command that changes no keys, also while another process serves
// it. Where another process serves a file, changing what the gate judges by is refused.
func OpenAttached(ctx context.Context, address string) (*Store, error) {
	return openAs(ctx, address, attached)
}

func openAs(ctx context.Context, address string, mode openMode) (*Store, error) {
	e, err := openEngine(ctx, address, mode)
	if err != nil {
		return nil, err
	}
	if err := e.keys.load(ctx); err != nil {
		e.close()
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	return &Store{engine: e, keys: e.keys}, nil
}

// JudgesByOwnClock reports whether the ends of keys are judged by the clock of this process. On PostgreSQL all
// processes judge them by the server's.
func (s *Store) JudgesByOwnClock() bool {
	_, asks := s.keys.(primarySource)
	return !asks
}

// Close waits for the transaction that writes, if there is one, and closes the database.
func (s *Store) Close() error {
	if err := s.engine.acquireWriter(context.Background()); err != nil {
		return err
	}
	defer s.engine.releaseWriter()
	return s.engine.close()
}

// Grant answers from the [keySource] of the database.
func (s *Store) Grant(ctx context.Context, id token.KeyID) (keyporter.Grant, bool, error) {
	return s.keys.grant(ctx, id)
}

// OwnsApplications answers from the same source as Grant.
func (s *Store) OwnsApplications(ctx context.Context, subscription string, ids []keyporter.ApplicationID) (bool,
	error) {
	return s.keys.ownsApplications(ctx, subscription, ids)
}

// readTimeout bounds a transaction that reads, so that no page takes longer.
const readTimeout = 5 * time.Second

// Read runs fn on one consistent snapshot, within readTimeout. An error of the database is [keyporter.ErrUnavailable],
// and so is a server that only reads, whose snapshot may be out of date.
func (s *Store) Read(ctx context.Context, fn func(keyporter.Tx) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readTimeout, errSlow)
	defer cancel()
	if err := s.engine.checkFile(); err != nil {
		return err
	}
	var snapshot statements
	var end func()
	err := s.engine.retryBadConn(ctx, func() (err error) {
		snapshot, end, err = s.engine.beginRead(ctx, s.engine.readers)
		return err
	})
	if err != nil {
		return s.engine.wrapError(ctx, s.engine.readers, err)
	}
	defer end()
	return s.engine.wrapError(ctx, s.engine.readers, fn(&tx{ctx: ctx, sql: snapshot}))
}

// Ready fails unless the database answers on the connections that the gate uses, its schema is this binary's, and, on
// PostgreSQL, the server takes writes. It writes nothing, so it does not notice a full disk.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.engine.checkFile(); err != nil {
		return err
	}
	version, err := s.engine.schemaVersion(ctx, s.engine)
	if err != nil {
		return s.engine.classify(err)
	}
	if version != s.engine.schema {
		return fmt.Errorf("the schema is at version %d, this binary is for %d", version, s.engine.schema)
	}
	return nil
}
