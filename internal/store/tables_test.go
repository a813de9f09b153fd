package store_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keyporter/migrations"
)

// contents is every row of every table, the schema's version included.
func contents(t *testing.T, db *sql.DB) string {
	t.Helper()
	var all []string
	for _, name := range append(tables(t), "goose_db_version") {
		rows, err := db.QueryContext(t.Context(), `SELECT * FROM `+name)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(places...); err != nil {
				t.Fatal(err)
			}
			all = append(all, fmt.Sprint(name, values))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// counts are the rows of every table but the schema's version.
func counts(t *testing.T, db *sql.DB) map[string]int64 {
	t.Helper()
	found := map[string]int64{}
	for _, name := range tables(t) {
		var n int64
		if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM `+name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		found[name] = n
	}
	return found
}

var createTable = regexp.MustCompile(`CREATE TABLE (\w+)`)

// tables are those that the migrations make.
func tables(t *testing.T) []string {
	t.Helper()
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		text, err := fs.ReadFile(migrations.FS, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range createTable.FindAllStringSubmatch(string(text), -1) {
			names = append(names, found[1])
		}
	}
	return names
}
