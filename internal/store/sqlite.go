package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"keyporter/internal/keyporter"
)

// A sqliteFile is the [dialect] of SQLite: one file, which one process serves.
type sqliteFile struct {
	path   string
	info   os.FileInfo // the database file as it was opened
	locks  []*flock.Flock
	locked bool
}

const (
	sqliteReaders = 8
	// logSizeLimit is the size in bytes to which the write-ahead log is cut when it restarts. SQLite by itself
	// keeps the largest size that the file ever had. A checkpoint is due at 1,000 pages, which are 4 MB.
	logSizeLimit = 16 << 20
)

func openSQLite(ctx context.Context, address string, mode openMode) (*engine, error) {
	path, err := realPath(address)
	if err != nil {
		return nil, err
	}
	if mode == exclusive {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	} else if _, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("there is no database at %s", path)
	}
	if err != nil {
		return nil, err
	}
	file := &sqliteFile{path: path}
	if err := file.lock(); err != nil {
		file.release()
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	if !file.locked && mode != attached {
		file.release()
		return nil, fmt.Errorf("the database %s is in use by another keyporter process: stop it first", path)
	}
	e := &engine{
		read: &sql.TxOptions{ReadOnly: true}, goose: goose.DialectSQLite3, writerSlot: make(chan struct{}, 1),
		dialect: file,
	}
	e.keys = unavailableSource{}
	if file.locked {
		e.keys = newMemorySource(e)
	}
	if err := file.open(ctx, e); err != nil {
		e.close()
		return nil, fmt.Errorf("open the database %s: %w", path, err)
	}
	return e, nil
}

// realPath resolves symbolic links, so that two names of one file are the same database.
func realPath(address string) (string, error) {
	path, err := filepath.Abs(address)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	if err != nil {
		err = fmt.Errorf("open the database %s: %w", path, err)
	}
	return real, err
}

// lock takes two locks: on a file next to the database, which exists before the database does, and on the database file
// itself, which has one lock whatever its names, and also after the other file was removed. They are not of the kind
// that SQLite uses. The descriptors stay open until release: closing one would drop SQLite's locks.
func (f *sqliteFile) lock() error {
	for _, path := range []string{f.path + ".lock", f.path} {
		lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
		f.locks = append(f.locks, lock)
		locked, err := lock.TryLock()
		if err != nil || !locked {
			return err
		}
	}
	f.locked = true
	return nil
}

func (*sqliteFile) resetIdleConns(*sql.DB) {}

func (*sqliteFile) tables() string {
	return `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name`
}

func (*sqliteFile) columns() string {
	return `SELECT name, type = 'BOOLEAN' FROM pragma_table_info($1) ORDER BY cid`
}

func (*sqliteFile) schemaVersion(ctx context.Context, e *engine) (int64, error) {
	var version int64
	err := e.readers.QueryRowContext(ctx, `SELECT `+newestApplied).Scan(&version)
	return version, err
}

func (f *sqliteFile) open(ctx context.Context, e *engine) error {
	// SQLite would create the file for everybody to read; the files that it creates next to it get this file's mode.
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	f.info, err = file.Stat()
	file.Close()
	if err != nil {
		return err
	}
	if f.locked {
		if err := f.checkIntegrity(ctx); err != nil {
			return err
		}
	}
	if e.writer, err = f.pool(1, "&_txlock=immediate"); err != nil {
		return err
	}
	if e.readers, err = f.pool(sqliteReaders, "&_pragma=query_only(1)"); err != nil {
		return err
	}
	return e.writer.PingContext(ctx)
}

// pool opens a pool. All its connections have the same settings, because these are in the address. synchronous is
// FULL since with NORMAL a power cut can bring a deleted key back.
func (f *sqliteFile) pool(size int, more string) (*sql.DB, error) {
	address := url.URL{Scheme: "file", Path: f.path}
	settings := fmt.Sprintf("?mode=rw&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)"+
		"&_pragma=journal_size_limit(%d)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)", logSizeLimit)
	db, err := sql.Open("sqlite", address.String()+settings+more)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

func (f *sqliteFile) release() error {
	var errs []error
	for _, lock := range f.locks {
		errs = append(errs, lock.Close())
	}
	return errors.Join(errs...)
}

// beginRead needs no check of a role: a file has none.
func (*sqliteFile) beginRead(ctx context.Context, pool *sql.DB) (statements, func(), error) {
	transaction, err := pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	return transaction, func() { transaction.Rollback() }, nil
}

// checkFile fails if the database file was removed or replaced: SQLite would go on with the file that it has open, and
// everything it acknowledged would be lost when the process ends.
func (f *sqliteFile) checkFile() error {
	now, err := os.Stat(f.path)
	if err != nil {
		return fmt.Errorf("%w: %w", keyporter.ErrUnavailable, err)
	}
	if !os.SameFile(now, f.info) {
		return fmt.Errorf("%w: the file %s is not the one that was opened", keyporter.ErrUnavailable, f.path)
	}
	return nil
}

func (f *sqliteFile) errorKind(err error) error {
	var failed *sqlite.Error
	if !errors.As(err, &failed) {
		return nil
	}
	switch failed.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return keyporter.ErrFull
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
		sqlite3.SQLITE_CORRUPT,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOMEM:
		return keyporter.ErrUnavailable
	}
	return nil
}

// retryable is never true: BEGIN IMMEDIATE serialises writers, so write conflicts cannot occur.
func (f *sqliteFile) retryable(error) bool { return false }

// commitUnknown is true where the file could not be written or synced: a crash may bring back what was rolled back. A
// full disk has no effect.
func (f *sqliteFile) commitUnknown(err error) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) && failed.Code()&0xff == sqlite3.SQLITE_IOERR
}

// badConn is never true: no network is between the process and a file.
func (f *sqliteFile) badConn(error) bool { return false }

// withMigrationLock needs no further lock: only the process that has locked the file changes the schema.
func (f *sqliteFile) withMigrationLock(_ context.Context, _ *sql.DB, change func() error) error {
	return change()
}

// Version returns the version of SQLite in this binary, such as "3.50.4". It opens a database in memory for that, and
// fails if SQLite does.
func Version(ctx context.Context) (string, error) {
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		return "", err
	}
	defer db.Close()
	var version string
	err = db.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&version)
	return version, err
}
