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

// A cluster is a PostgreSQL in which databases may be created.
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

func name(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

func (c cluster) Disconnect(t testing.TB, address string) func() {
	t.Helper()
	allow := func(whether bool) {
		err := c.run(fmt.Sprintf(`ALTER DATABASE %s ALLOW_CONNECTIONS %v`, name(t, address), whether))
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

// FailWrites answers every change as a full disk does.
func (c cluster) FailWrites(t testing.TB, address string) func() {
	t.Helper()
	db := c.OpenRaw(t, address)
	do := func(statement string) {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	do(`CREATE FUNCTION no_room() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no room'' USING ERRCODE = ''53100''; END'`)
	for _, table := range column(t, db, allTables) {
		do(fmt.Sprintf(`CREATE TRIGGER no_room BEFORE INSERT OR UPDATE OR DELETE ON %s EXECUTE FUNCTION no_room()`,
			table))
	}
	return func() { do(`DROP FUNCTION no_room CASCADE`) }
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

// at is the address of another database in the cluster.
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
