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
	"strings"

	"github.com/gofrs/flock"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"keyporter/internal/keyporter"
)

// An engine is a database as it was opened: this file is the only place that knows which one it is.
type engine struct {
	writer  *sql.DB // one connection
	readers *sql.DB // which cannot write
	path    string
	file    os.FileInfo // the database file as it was opened
	locks   []*flock.Flock
	owned   bool
}

// A claim is how a process wants a database.
type claim int

const (
	own    claim = iota // alone, creating it if need be
	beside              // an existing one, alone or beside the process that owns it
)

const readerConnections = 8

func openEngine(ctx context.Context, address string, c claim) (*engine, error) {
	path, err := realPath(address)
	if err != nil {
		return nil, err
	}
	if c == own {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	} else if _, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("there is no database at %s", path)
	}
	if err != nil {
		return nil, err
	}
	e := &engine{path: path}
	if err := e.claim(); err != nil {
		e.close()
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	if !e.owned && c == own {
		e.close()
		return nil, fmt.Errorf("the database %s is in use by another keyporter process", path)
	}
	if err := e.open(ctx, c); err != nil {
		e.close()
		return nil, fmt.Errorf("open the database %s: %w", path, err)
	}
	return e, nil
}

// realPath resolves links, so that two names of one file are one database.
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

// claim locks a file beside the database, which is there before the database is, and the database file itself, which
// has one lock however it is called and whoever removes the other. These are locks of another kind than SQLite's own.
// The descriptors stay open until the end: closing one would drop SQLite's locks.
func (e *engine) claim() error {
	for _, path := range []string{e.path + ".lock", e.path} {
		lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
		e.locks = append(e.locks, lock)
		locked, err := lock.TryLock()
		if err != nil || !locked {
			return err
		}
	}
	e.owned = true
	return nil
}

func (e *engine) open(ctx context.Context, c claim) error {
	// SQLite would create the file for everybody to read; what it creates beside it takes over this file's mode.
	file, err := os.OpenFile(e.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	e.file, err = file.Stat()
	file.Close()
	if err != nil {
		return err
	}
	if e.writer, err = e.pool(1, "&_txlock=immediate"); err != nil {
		return err
	}
	if e.readers, err = e.pool(readerConnections, "&_pragma=query_only(1)"); err != nil {
		return err
	}
	if err := e.writer.PingContext(ctx); err != nil {
		return err
	}
	if c == own {
		return migrate(ctx, e.writer)
	}
	return checkSchema(ctx, e.writer)
}

// pool opens a pool whose every connection has the same settings, because they stand in its address. synchronous is
// FULL since with NORMAL a power cut can bring a deleted key back.
func (e *engine) pool(size int, more string) (*sql.DB, error) {
	address := url.URL{Scheme: "file", Path: e.path}
	db, err := sql.Open("sqlite", address.String()+"?mode=rw&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"+more)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

func (e *engine) close() error {
	var errs []error
	for _, db := range []*sql.DB{e.readers, e.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	for _, lock := range e.locks {
		errs = append(errs, lock.Close())
	}
	return errors.Join(errs...)
}

// there fails when the database file was taken away or exchanged: SQLite would go on with the file it has open, and
// what it acknowledged would be gone with the process.
func (e *engine) there() error {
	now, err := os.Stat(e.path)
	if err != nil {
		return fmt.Errorf("%w: %w", keyporter.ErrUnavailable, err)
	}
	if !os.SameFile(now, e.file) {
		return fmt.Errorf("%w: the file %s is not the one that was opened", keyporter.ErrUnavailable, e.path)
	}
	return nil
}

// kind marks a fault of the database as [keyporter.ErrUnavailable].
func (e *engine) kind(err error) error {
	var fault *sqlite.Error
	if errors.As(err, &fault) {
		switch fault.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			return fmt.Errorf("%w: %w", keyporter.ErrFull, err)
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT,
			sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOMEM:
			return fmt.Errorf("%w: %w", keyporter.ErrUnavailable, err)
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, sql.ErrTxDone) || err != nil && strings.Contains(err.Error(), "database is closed") {
		return fmt.Errorf("%w: %w", keyporter.ErrUnavailable, err)
	}
	return err
}

// Version returns the version of the database engine in this binary.
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
