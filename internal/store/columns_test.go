package store

import (
	"io/fs"
	"regexp"
	"slices"
	"testing"

	"keyporter/internal/storetest"
	"keyporter/migrations"
)

// TestMoveFindsColumns checks that both engines list all columns of a table in the same order, and the same ones as
// true or false.
func TestMoveFindsColumns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, engine storetest.Engine) {
		s, err := Open(t.Context(), engine.Empty(t))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		transaction, err := s.engine.readers.BeginTx(t.Context(), s.engine.read)
		if err != nil {
			t.Fatal(err)
		}
		defer transaction.Rollback()
		known := boolColumns(t)
		for _, name := range movedTables {
			found, err := s.engine.tableOf(&tx{ctx: t.Context(), sql: transaction}, name)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := transaction.QueryContext(t.Context(), `SELECT * FROM `+name)
			if err != nil {
				t.Fatal(err)
			}
			columns, err := rows.Columns()
			rows.Close()
			if err != nil || !slices.Equal(found.columns, columns) {
				t.Errorf("%s has the columns %v, found were %v (%v)", name, columns, found.columns, err)
			}
			for i, isBool := range found.bools {
				if want := known[name+"."+found.columns[i]]; isBool != want {
					t.Errorf("%s.%s is true or false: %v", name, found.columns[i], isBool)
				}
			}
		}
	})
}

var declarations = regexp.MustCompile(`\bTABLE\s+(\w+)|(\w+)\s+BOOLEAN`)

// boolColumns are the columns that the migrations declare as BOOLEAN, each with its table.
func boolColumns(t *testing.T) map[string]bool {
	t.Helper()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range names {
		text, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		table := ""
		for _, part := range declarations.FindAllStringSubmatch(string(text), -1) {
			if part[1] != "" {
				table = part[1]
			} else {
				found[table+"."+part[2]] = true
			}
		}
	}
	if len(found) < 6 {
		t.Fatal("the migrations declare few columns as BOOLEAN:", found)
	}
	return found
}
