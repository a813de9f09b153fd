package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// A cluster is the [Engine] of a PostgreSQL server, or of a pooler before one, on which databases may be created.
type cluster struct{ address string }

func (cluster) String() string { return "postgres" }

func (c cluster) Model() (string, func(), error) {
	name, err := c.create("template0")
	return c.at(name), func() { c.drop(name) }, err
}

func (c cluster) Empty(t testing.TB) string { return c.fresh(t, "template0") }

func (c cluster) Copy(t testing.TB, model string) string {
	t.Helper()
	return c.fresh(t, name(t, model))
}

func (c cluster) OpenRaw(t testing.TB, address string) *sql.DB { return openRaw(t, "pgx", address) }

// name returns the name of the database at an address.
func name(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

// Disconnect refuses new connections to the database and ends those that are open.
func (c cluster) Disconnect(t testing.TB, address string) func() {
	t.Helper()
	allow := func(allowed bool) {
		err := c.run(fmt.Sprintf(`ALTER DATABASE %s ALLOW_CONNECTIONS %v`, name(t, address), allowed))
		if err == nil {
			err = c.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name(t, address))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	allow(false)
	return func() { allow(true) }
}

// FailWrites makes every change fail with the error of a full disk (53100), by a trigger on each table.
func (c cluster) FailWrites(t testing.TB, address string) func() {
	t.Helper()
	db := c.OpenRaw(t, address)
	do := func(statement string) {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	do(`CREATE FUNCTION disk_full() RETURNS TRIGGER LANGUAGE plpgsql AS
		'BEGIN RAISE EXCEPTION ''disk full'' USING ERRCODE = ''53100''; END'`)
	for _, table := range column(t, db, allTables) {
		do(fmt.Sprintf(`CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE OR DELETE ON %s EXECUTE FUNCTION disk_full()`,
			table))
	}
	return func() { do(`DROP FUNCTION disk_full CASCADE`) }
}

const allTables = `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`

func (c cluster) BlockWriters(t testing.TB, address string) func() {
	t.Helper()
	return blockWriters(t, c.OpenRaw(t, address),
		`LOCK TABLE installation, subscriptions, users, sessions IN EXCLUSIVE MODE`)
}

func (c cluster) Contents(t testing.TB, address string) map[string]string {
	t.Helper()
	db := c.OpenRaw(t, address)
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), `SET bytea_output = 'escape'`); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, table := range column(t, db, allTables) {
		all[table] = strings.Join(column(t, db, fmt.Sprintf(`SELECT CAST(r AS TEXT) FROM %s r`, table)), "\n")
	}
	return all
}

// column returns the first column of a query's rows, as text.
func column(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// fresh creates a database from a template, and drops it when the test ends.
func (c cluster) fresh(t testing.TB, template string) string {
	t.Helper()
	name, err := c.create(template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.drop(name); err != nil {
			t.Error(err)
		}
	})
	return c.at(name)
}

// at returns the address of another database on the same server.
func (c cluster) at(name string) string {
	u, err := url.Parse(c.address)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + name
	return u.String()
}

func (c cluster) create(template string) (string, error) {
	fresh := "test_" + strings.ToLower(rand.Text())
	return fresh, c.run(fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s`, fresh, template))
}

func (c cluster) drop(name string) error {
	return c.run(fmt.Sprintf(`DROP DATABASE %s WITH (FORCE)`, name))
}

func (c cluster) run(statement string, args ...any) error {
	db, err := sql.Open("pgx", c.address)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(context.Background(), statement, args...)
	return err
}
