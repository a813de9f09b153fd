package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"

	"keyporter/internal/keyporter"
)

// An engine is an open database. What differs between SQLite and PostgreSQL is chosen here and done in the files of one
// of them: sqlite.go and integrity.go for SQLite; postgres.go, postgresrole.go, primary.go and redact.go for
// PostgreSQL. Which [keySource] an engine has is decided in openSQLite and openPostgres.
type engine struct {
	writer     *sql.DB
	readers    *sql.DB // which write nothing
	gatePool   *sql.DB // for the gate, apart from what pages use; nil where keys does not ask the database
	write      *sql.TxOptions
	read       *sql.TxOptions // of one consistent snapshot
	goose      goose.Dialect
	schema     int64 // the version of the schema that this binary is for
	keys       keySource
	writerSlot chan struct{} // taken by the one writer; nil where the database isolates several
	dialect
}

// A dialect holds the operations that each engine does in its own way.
type dialect interface {
	// beginRead begins a transaction that reads one consistent snapshot of a database that takes writes; end ends it.
	beginRead(ctx context.Context, pool *sql.DB) (snapshot statements, end func(), err error)
	// checkFile fails if the database that was opened is not the one at its path any more, where the engine itself
	// would not notice.
	checkFile() error
	// errorKind returns the kind of a database error: [keyporter.ErrFull], [keyporter.ErrUnavailable], or nil.
	errorKind(err error) error
	// retryable reports whether a transaction that failed with err had no effect and may succeed when it is repeated.
	retryable(err error) bool
	// commitUnknown reports whether a commit that failed with err may have been done nevertheless.
	commitUnknown(err error) bool
	// badConn reports whether err means that the connection was broken; another one may work.
	badConn(err error) bool
	// tables is the statement that lists the names of all tables.
	tables() string
	// columns is the statement that lists a table's columns in their order: name, and whether they are true or false.
	columns() string
	// schemaVersion asks for the version of the newest migration that was applied, where the gate asks.
	schemaVersion(ctx context.Context, e *engine) (int64, error)
	// resetIdleConns closes a pool's idle connections, because the database did not answer in time: a network that
	// drops packets reports no broken connection.
	resetIdleConns(pool *sql.DB)
	// withMigrationLock runs a change of the schema while no other process changes it.
	withMigrationLock(ctx context.Context, db *sql.DB, change func() error) error
	// release gives up what the process holds besides its connections.
	release() error
}

// An openMode is how a process opens a database.
type openMode int

const (
	exclusive openMode = iota // to serve it; a missing file is created, and no other process may serve it
	attached                  // for a short command; it has to exist, and another process may serve it
	notServed                 // as the source of [Move]; it has to exist, and no other process may serve it
)

func openEngine(ctx context.Context, address string, mode openMode) (*engine, error) {
	e, err := connect(ctx, address, mode)
	if err != nil {
		return nil, err
	}
	if err := e.prepare(ctx, mode); err != nil {
		e.close()
		return nil, fmt.Errorf("open the database %s: %w", RedactedURL(address), redact(err))
	}
	return e, nil
}

// prepare brings the schema up to date, or fails if it is not this binary's.
func (e *engine) prepare(ctx context.Context, mode openMode) error {
	provider, err := newProvider(e)
	if err != nil {
		return err
	}
	e.schema = newestSchema(provider)
	if mode != exclusive {
		return e.checkSchema(ctx)
	}
	return e.withMigrationLock(ctx, e.writer, func() error { return e.migrate(ctx, provider) })
}

// tableNames lists all tables of the database.
func (e *engine) tableNames(ctx context.Context) ([]string, error) {
	return queryAll(&tx{ctx: ctx, sql: e.writer}, func(r row) (name string, err error) {
		err = r.Scan(&name)
		return name, err
	}, e.tables())
}

func connect(ctx context.Context, address string, mode openMode) (*engine, error) {
	if isPostgres(address) {
		return openPostgres(ctx, address)
	}
	return openSQLite(ctx, address, mode)
}

func (e *engine) close() error {
	var errs []error
	for _, db := range []*sql.DB{e.gatePool, e.readers, e.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, e.release())...)
}

// badConnTries is how many broken connections in a row are passed over.
const badConnTries = 3

// retryBadConn runs what has no effect when it fails, and runs it again on another connection where one was broken.
func (e *engine) retryBadConn(ctx context.Context, do func() error) error {
	err := do()
	for tries := 1; tries < badConnTries && err != nil && ctx.Err() == nil && e.badConn(err); tries++ {
		err = do()
	}
	return err
}

func (e *engine) begin(ctx context.Context, db *sql.DB, options *sql.TxOptions) (transaction *sql.Tx, err error) {
	err = e.retryBadConn(ctx, func() error {
		transaction, err = db.BeginTx(ctx, options)
		return err
	})
	return transaction, err
}

// errSlow is the cause of the end of a context whose deadline the store set, as opposed to its caller.
var errSlow = errors.New("the database did not answer in time")

// wrapError classifies an error of what was done on a pool's connection. Where the store's own deadline passed, the
// pool's idle connections are closed; and those of all pools where it is the gate's, whose statements wait for no lock.
func (e *engine) wrapError(ctx context.Context, pool *sql.DB, err error) error {
	if err != nil && context.Cause(ctx) == errSlow {
		e.resetIdleConns(pool)
		if pool == e.gatePool {
			e.resetIdleConns(e.readers)
			e.resetIdleConns(e.writer)
		}
	}
	return e.classify(err)
}

// classify wraps an error of the database in its kind. The text has nothing of the address but the host.
func (e *engine) classify(err error) error {
	if err == nil || errors.Is(err, keyporter.ErrUnavailable) {
		return err
	}
	if kind := e.errorKind(err); kind != nil {
		return fmt.Errorf("%w: %w", kind, redact(err))
	}
	// database/sql has no value for the error of a closed database (Go 1.26).
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, sql.ErrTxDone) ||
		strings.Contains(err.Error(), "database is closed") {
		return fmt.Errorf("%w: %w", keyporter.ErrUnavailable, redact(err))
	}
	return err
}
