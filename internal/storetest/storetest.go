// Package storetest gives tests databases of their own on every engine that the store knows. It is imported by tests
// alone, and by the command "with", which starts the PostgreSQL that they use.
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

// Variable names the environment variable with the address of a PostgreSQL cluster in which tests may create databases.
// Its value [Off] leaves PostgreSQL out.
const (
	Variable = "KEYPORTER_TEST_POSTGRES"
	Off      = "off"
)

// errUnset keeps a run from passing because a server was not there.
var errUnset = errors.New(Variable + " is not set: run make test, or make test-quick for SQLite alone")

// An Engine makes databases for tests.
type Engine interface {
	// String is "sqlite" or "postgres".
	String() string
	// Model returns the address of an empty database that tests copy, and what removes it.
	Model() (address string, remove func(), err error)
	// Empty returns the address of an empty database of the test's own.
	Empty(t testing.TB) string
	// Copy returns the address of a copy, of the test's own, of a database that nobody has open.
	Copy(t testing.TB, model string) string
	// OpenRaw opens a database apart from the store, to read or to change its rows.
	OpenRaw(t testing.TB, address string) *sql.DB
	// Disconnect makes an open database unreachable until back is called.
	Disconnect(t testing.TB, address string) (back func())
	// FailWrites makes all writing fail, while the gate can go on judging, until on is called.
	FailWrites(t testing.TB, address string) (on func())
	// BlockWriters keeps every writer waiting until free is called; reading goes on.
	BlockWriters(t testing.TB, address string) (free func())
	// Contents is all that is stored, by the places where it is, in a form in which texts can be searched for.
	Contents(t testing.TB, address string) map[string]string
}

// Engines returns the engines to test on.
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

// Each runs a test on every engine.
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

// Run runs all of a package's tests on one engine after another. Before each, use is told the engine, and an empty
// database to fill as a model for the tests' own.
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

func (e sqlite) FailWrites(t testing.TB, address string) func() { return e.Disconnect(t, address) }

func (e sqlite) BlockWriters(t testing.TB, address string) func() {
	t.Helper()
	return blockWriters(t, e.OpenRaw(t, address+"?_txlock=immediate"))
}

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
		t.Fatalf("the database is only %v, %v", files, err)
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
