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

// An engine is a database as it was opened. What differs between SQLite and PostgreSQL is in this file, in sqlite*.go
// and in postgres*.go, and nowhere else.
type engine struct {
	writer  *sql.DB
	readers *sql.DB // which write nothing
	judges  *sql.DB // which the gate asks, apart from what pages read; nil where it has a copy
	write   *sql.TxOptions
	read    *sql.TxOptions // of one consistent snapshot
	dialect goose.Dialect
	alone   bool // no other process writes what the gate judges by
	shared  bool // many processes may write at once; the database keeps them apart
	differences
}

// The differences are what an engine answers in its own way.
type differences interface {
	// beginRead begins a transaction that reads one consistent snapshot of a database that takes writes; end ends it.
	beginRead(ctx context.Context, pool *sql.DB) (snapshot statements, end func(), err error)
	// there fails when what was opened is not what is asked now, and the engine would not say so by itself.
	there() error
	// fault returns the kind of a fault of the database: [keyporter.ErrFull], [keyporter.ErrUnavailable], or nil.
	fault(err error) error
	// again reports whether a transaction that failed so left nothing, and may work when it is done again.
	again(err error) bool
	// doubtful reports whether a commit that failed so may have been done all the same.
	doubtful(err error) bool
	// stale reports whether a connection that stood in the pool turned out to be broken: another one may be whole.
	stale(err error) bool
	// tables is the statement that lists the names of all tables.
	tables() string
	// doubt is told that a pool's connections may be broken without a word: the database did not answer in time.
	doubt(pool *sql.DB)
	// alter runs a change of the schema while no other process changes it.
	alter(ctx context.Context, db *sql.DB, change func() error) error
	release() error
}

// A claim is how a process wants a database.
type claim int

const (
	own    claim = iota // to serve it, creating its tables if need be; a file alone
	beside              // an existing one, for a short command beside who serves it
)

func openEngine(ctx context.Context, address string, c claim) (*engine, error) {
	e, err := connect(ctx, address, c)
	if err != nil {
		return nil, err
	}
	if err := e.prepare(ctx, c); err != nil {
		e.close()
		return nil, fmt.Errorf("open the database %s: %w", Shown(address), redact(err))
	}
	return e, nil
}

// prepare makes the schema this binary's, or says why it is not.
func (e *engine) prepare(ctx context.Context, c claim) error {
	if c == beside {
		return checkSchema(ctx, e)
	}
	return e.alter(ctx, e.writer, func() error { return migrate(ctx, e) })
}

func connect(ctx context.Context, address string, c claim) (*engine, error) {
	if isPostgres(address) {
		return openPostgres(ctx, address)
	}
	return openSQLite(ctx, address, c)
}

func (e *engine) close() error {
	var errs []error
	for _, db := range []*sql.DB{e.judges, e.readers, e.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, e.release())...)
}

// staleTries is how many broken connections in a row are passed over.
const staleTries = 3

// onWhole runs what leaves nothing when it fails, and runs it again on another connection where one was broken.
func (e *engine) onWhole(ctx context.Context, do func() error) error {
	err := do()
	for tries := 1; tries < staleTries && err != nil && ctx.Err() == nil && e.stale(err); tries++ {
		err = do()
	}
	return err
}

func (e *engine) begin(ctx context.Context, db *sql.DB, options *sql.TxOptions) (transaction *sql.Tx, err error) {
	err = e.onWhole(ctx, func() error {
		transaction, err = db.BeginTx(ctx, options)
		return err
	})
	return transaction, err
}

// errSlow is the cause of the end of a context whose time the store gave, as opposed to a caller's, who may have less patience.
var errSlow = errors.New("the database did not answer in time")

// failed is kind, for what was done on a pool's connection. Where the store's own time ran out, the pool is in doubt from then on;
// and all are where it is the gate's, whose statements wait for no lock.
func (e *engine) failed(ctx context.Context, pool *sql.DB, err error) error {
	if err != nil && context.Cause(ctx) == errSlow {
		e.doubt(pool)
		if pool == e.judges {
			e.doubt(e.readers)
			e.doubt(e.writer)
		}
	}
	return e.kind(err)
}

// kind marks a fault of the database as [keyporter.ErrUnavailable]. Its text shows nothing of the address but the host.
func (e *engine) kind(err error) error {
	if err == nil || errors.Is(err, keyporter.ErrUnavailable) {
		return err
	}
	if kind := e.fault(err); kind != nil {
		return fmt.Errorf("%w: %w", kind, redact(err))
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, sql.ErrTxDone) || strings.Contains(err.Error(), "database is closed") {
		return fmt.Errorf("%w: %w", keyporter.ErrUnavailable, redact(err))
	}
	return err
}
