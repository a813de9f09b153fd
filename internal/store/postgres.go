package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"keyporter/internal/keyporter"
)

// Connections of one process: few enough that three processes fit into PostgreSQL's default of 100. The gate has a pool
// of its own, so that neither transactions that wait for a lock nor pages take its connections. Behind a pooler with
// fewer connections they share those.
const (
	postgresWriters = 6
	postgresReaders = 6
	postgresJudges  = 20
)

// connectTimeout bounds the making of a connection, where the address says nothing else.
const connectTimeout = 5 * time.Second

func isPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// A postgres is the [dialect] of PostgreSQL, which other processes may use at the same time.
type postgres struct{ pools map[*sql.DB]*pool }

// A pool has the number of connections that may be idle, and when they were last closed, in Unix milliseconds.
type pool struct {
	size    int
	resetAt atomic.Int64
}

// resetPause is how many milliseconds pass before a pool's idle connections are closed again: until then they are new.
const resetPause = 500

// resetIdleConns closes the idle connections of a pool: a network that drops packets reports no broken connection, and
// each would be waited for, one after the other.
func (p *postgres) resetIdleConns(db *sql.DB) {
	pool, now := p.pools[db], time.Now().UnixMilli()
	if last := pool.resetAt.Load(); now-last < resetPause || !pool.resetAt.CompareAndSwap(last, now) {
		return
	}
	db.SetMaxIdleConns(0)
	db.SetMaxIdleConns(pool.size)
}

func openPostgres(ctx context.Context, address string) (*engine, error) {
	settings, err := pgx.ParseConfig(address)
	if err != nil {
		// What pgx says may hold the password.
		return nil, errors.New("the address of the database is not a valid postgres:// URL, or one of its settings " +
			"(sslmode, sslrootcert, connect_timeout and so on) cannot be used")
	}
	// Nothing stays prepared on the server, so that a pooler may give every transaction another connection; and
	// arguments are not part of the text.
	settings.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	if settings.ConnectTimeout == 0 || settings.ConnectTimeout > connectTimeout {
		settings.ConnectTimeout = connectTimeout
	}
	// A standby answers with the past, and the gate would let in what was deleted.
	settings.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	p := &postgres{pools: map[*sql.DB]*pool{}}
	e := &engine{
		writer:   p.open(settings, postgresWriters),
		readers:  p.open(settings, postgresReaders),
		gatePool: p.open(settings, postgresJudges, stdlib.OptionAfterConnect(prepareGrant)),
		// Every rule over several rows takes a lock row first and then reads: at this level it sees everything that was
		// committed before it got the lock. See docs/decisions/postgres.md.
		write: &sql.TxOptions{Isolation: sql.LevelReadCommitted},
		read:  &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		goose: goose.DialectPostgres, dialect: p,
	}
	e.keys = primarySource{e}
	if err := checkServer(ctx, e.writer); err != nil {
		e.close()
		return nil, fmt.Errorf("open the database %s: %w", RedactedURL(address), redact(err))
	}
	return e, nil
}

// checkServer fails where a database cannot keep what Keyporter says of it.
func checkServer(ctx context.Context, db *sql.DB) error {
	var commit, encoding string
	var schema sql.NullString
	var readOnly bool
	err := db.QueryRowContext(ctx,
		`SELECT current_setting('synchronous_commit'), current_setting('server_encoding'), current_schema(), `+
			readOnlyServer).Scan(&commit, &encoding, &schema, &readOnly)
	switch {
	case err != nil:
		return err
	case readOnly:
		return errReadOnlyServer
	case commit == "off":
		return errors.New("synchronous_commit is off there: a crash of the server could bring deleted keys back. Set " +
			"it to on for this role or database")
	case encoding != "UTF8":
		return fmt.Errorf("its encoding is %s, and has to be UTF8: text in other languages would be refused or damaged",
			encoding)
	case !schema.Valid:
		return errors.New("there is no schema for the tables: search_path names none that this role may use")
	}
	return nil
}

// prepareGrant prepares the gate's statement on a new connection to the server, so that it is planned once rather than
// for each judgement. A connection to a pooler, whose process ID the server does not know, is left as it is.
func prepareGrant(ctx context.Context, conn *pgx.Conn) error {
	var process uint32
	if err := conn.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&process); err != nil ||
		process != conn.PgConn().PID() {
		return err
	}
	_, err := conn.Prepare(ctx, grantQuery, grantQuery)
	var said *pgconn.PgError
	if errors.As(err, &said) { // such as: there are no tables yet
		return nil
	}
	return err
}

func (p *postgres) open(settings *pgx.ConnConfig, size int, options ...stdlib.OptionOpenDB) *sql.DB {
	db := stdlib.OpenDB(*settings, options...)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(time.Hour)
	p.pools[db] = &pool{size: size}
	return db
}

func (*postgres) tables() string {
	// Not from information_schema, which leaves out what this role may not use.
	return `SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema() ORDER BY tablename`
}

func (*postgres) columns() string {
	return `SELECT a.attname, a.atttypid = CAST('bool' AS regtype) FROM pg_catalog.pg_attribute a
		JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relname = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`
}

// schemaVersion learns the role of the server with the same statement.
func (*postgres) schemaVersion(ctx context.Context, e *engine) (int64, error) {
	var version int64
	err := e.askPrimary(ctx, []any{&version}, `SELECT `+readOnlyServer+`, `+newestApplied)
	return version, err
}

func (*postgres) checkFile() error { return nil }

func (*postgres) errorKind(err error) error {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return postgresKind(said.Code)
	}
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) || connectionLost(err) {
		return keyporter.ErrUnavailable
	}
	return nil
}

// connectionLost reports whether the connection failed, and not because the caller gave up.
func connectionLost(err error) bool {
	var network net.Error
	return !errors.Is(err, context.Canceled) && (errors.As(err, &network) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, pgconn.ErrConnClosed) || pgconn.SafeToRetry(err))
}

// commitUnknown is true unless the server itself answered that it did not commit, or certainly was not asked. A FATAL
// answer ends a connection, and may be a pooler's, which has lost the server. What pgx says cannot be relied on here:
// it calls an error safe to retry where the answer to a COMMIT that was sent is lost (5.12).
func (*postgres) commitUnknown(err error) bool {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return said.SeverityUnlocalized != "ERROR"
	}
	return !errors.Is(err, sql.ErrTxDone) && !errors.Is(err, pgx.ErrTxCommitRollback)
}

func (*postgres) badConn(err error) bool {
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) {
		return false
	}
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return strings.HasPrefix(said.Code, "08") || strings.HasPrefix(said.Code, "57P") // connection; shutdown
	}
	return connectionLost(err)
}

// postgresKind goes by the classes of https://www.postgresql.org/docs/current/errcodes-appendix.html.
func postgresKind(code string) error {
	if code == "53100" {
		return keyporter.ErrFull
	}
	switch code[:min(2, len(code))] { // a pooler may send codes of another length
	case "08", // connection
		"25", // transaction state: among them a server that has become a standby, and a transaction that was left idle
		"28", // authorization, of a new connection
		"3D", // the database is no more
		"40", // rolled back, as often as it was tried
		"53", // resources
		"55", // a lock
		"57", // an operator's intervention: shutdown, a cancelled statement
		"58", // the system
		"XX": // damage
		return keyporter.ErrUnavailable
	}
	return nil
}

// retryable is true for what PostgreSQL rolled back in favour of another transaction: a serialization failure, a
// deadlock.
func (*postgres) retryable(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && (said.Code == "40001" || said.Code == "40P01")
}

// migrationLock is the number of the lock under which the schema is changed: the letters "keyporte".
const migrationLock = 0x6b6579706f727465

// migrationPause is how long a process waits before it tries again to take the migration lock.
const migrationPause = 50 * time.Millisecond

// withMigrationLock holds an advisory lock of a transaction, which a pooler in transaction mode leaves on its server.
func (*postgres) withMigrationLock(ctx context.Context, db *sql.DB, change func() error) error {
	lock, err := takeMigrationLock(ctx, db)
	if err != nil {
		return redact(err)
	}
	defer lock.Rollback()
	// Its transaction has nothing to do while another connection changes the schema, however long that takes.
	if _, err := lock.ExecContext(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0`); err != nil {
		return redact(err)
	}
	if err := change(); err != nil {
		return err
	}
	return lock.Commit()
}

// takeMigrationLock waits for the lock without keeping a connection: the process that holds it needs a second one, and
// a pooler has few.
func takeMigrationLock(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	for {
		lock, err := db.BeginTx(ctx, nil)
		if err != nil {
			return nil, err
		}
		held := false
		err = lock.QueryRowContext(ctx, `SELECT pg_try_advisory_xact_lock($1)`, int64(migrationLock)).Scan(&held)
		if held && err == nil {
			return lock, nil
		}
		lock.Rollback()
		if err != nil {
			return nil, err
		}
		select {
		case <-time.After(migrationPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (*postgres) release() error { return nil }
