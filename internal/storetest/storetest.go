// Package storetest makes databases for tests, on SQLite and on PostgreSQL: empty ones, copies, and ones that fail. It
// also starts PostgreSQL servers, standbys, poolers and a proxy that loses packets. Only tests import it, and the
// command withpostgres, which starts the server that tests use.
package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Variable is the name of the environment variable with the address of a PostgreSQL server on which tests may create
// databases. With the value [Off], tests run on SQLite alone.
const (
	Variable = "KEYPORTER_TEST_POSTGRES"
	Off      = "off"
)

// errUnset makes a run fail that would otherwise pass without having tested PostgreSQL.
var errUnset = errors.New(Variable + " is not set: run make test, or make test-quick for SQLite alone")

// An Engine makes databases for tests. Its methods fail the test on any error, and undo what they did when it ends.
type Engine interface {
	// String returns "sqlite" or "postgres".
	String() string
	// Model returns the address of an empty database for tests to copy, and the function that removes it. It fails if
	// the server cannot create one.
	Model() (address string, remove func(), err error)
	// Empty returns the address of an empty database for the test alone.
	Empty(t testing.TB) string
	// Copy returns the address of a copy of model for the test alone. No process may have model open.
	Copy(t testing.TB, model string) string
	// OpenRaw opens a database without the store, to read or to change its rows.
	OpenRaw(t testing.TB, address string) *sql.DB
	// Disconnect makes an open database unreachable until reconnect is called.
	Disconnect(t testing.TB, address string) (reconnect func())
	// FailWrites makes all writes fail until restore is called; the gate can go on judging.
	FailWrites(t testing.TB, address string) (restore func())
	// BlockWriters makes every writer wait until unblock is called; reading goes on.
	BlockWriters(t testing.TB, address string) (unblock func())
	// Contents returns everything that is stored, in a form in which texts can be searched for: by the name of the file
	// or of the table.
	Contents(t testing.TB, address string) map[string]string
}

// Engines returns the engines to test on. If [Variable] is not set, it returns SQLite and an error.
func Engines() ([]Engine, error) {
	switch address := os.Getenv(Variable); address {
	case "":
		return []Engine{sqlite{}}, errUnset
	case Off:
		return []Engine{sqlite{}}, nil
	default:
		return []Engine{sqlite{}, cluster{address}}, nil
	}
}

// Each runs a test on every engine, and fails if [Variable] is not set.
func Each(t *testing.T, test func(t *testing.T, e Engine)) {
	t.Helper()
	engines, err := Engines()
	for _, e := range engines {
		t.Run(e.String(), func(t *testing.T) { test(t, e) })
	}
	if err != nil {
		t.Run("postgres", func(t *testing.T) { t.Fatal(err) })
	}
}

// Run runs all of a package's tests on one engine after another, and returns the exit code. Before the tests of an
// engine it calls use with the engine and with the address of an empty database, which use may fill for the tests to
// copy.
func Run(m *testing.M, use func(e Engine, model string)) int {
	engines, unset := Engines()
	code := 0
	for _, e := range engines {
		model, remove, err := e.Model()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Printf("# on %s\n", e)
		use(e, model)
		code = max(code, m.Run())
		remove()
	}
	if unset != nil {
		fmt.Fprintln(os.Stderr, unset)
		return 1
	}
	return code
}

// sqlite is the [Engine] whose addresses are paths of files.
type sqlite struct{}

func (sqlite) String() string { return "sqlite" }

func (sqlite) Model() (string, func(), error) {
	folder, err := os.MkdirTemp("", "keyporter-test-")
	return filepath.Join(folder, "keyporter.db"), func() { os.RemoveAll(folder) }, err
}

func (sqlite) Empty(t testing.TB) string { return filepath.Join(t.TempDir(), "data", "keyporter.db") }

func (sqlite) Copy(t testing.TB, model string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyporter.db")
	text, err := os.ReadFile(model)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func (sqlite) Disconnect(t testing.TB, address string) func() {
	t.Helper()
	rename := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	rename(address, address+".away")
	return func() { rename(address+".away", address) }
}

// FailWrites removes the file, which the store notices before each write.
func (e sqlite) FailWrites(t testing.TB, address string) func() { return e.Disconnect(t, address) }

func (e sqlite) BlockWriters(t testing.TB, address string) func() {
	t.Helper()
	return blockWriters(t, e.OpenRaw(t, address+"?_txlock=immediate"))
}

// blockWriters begins a transaction and runs the statements that take the locks in it. The function returned ends it.
func blockWriters(t testing.TB, db *sql.DB, statements ...string) func() {
	t.Helper()
	lock, err := db.BeginTx(context.Background(), nil)
	for _, statement := range statements {
		if err == nil {
			_, err = lock.ExecContext(context.Background(), statement)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() { lock.Rollback() }
}

func (sqlite) Contents(t testing.TB, address string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(address + "*")
	if err != nil || len(files) < 3 {
		t.Fatalf("the database has the files %v, %v; want the file, -wal and -shm", files, err)
	}
	all := map[string]string{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = string(text)
	}
	return all
}

func (sqlite) OpenRaw(t testing.TB, address string) *sql.DB {
	return openRaw(t, "sqlite", "file:"+address)
}

func openRaw(t testing.TB, driver, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err == nil {
		err = db.PingContext(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
