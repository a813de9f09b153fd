package store

import (
	"path/filepath"
	"slices"
	"testing"
)

// TestAllColumnsAreMoved: a column that a migration adds has to be moved as well.
func TestAllColumnsAreMoved(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "keyporter.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, table := range movedTables {
		rows, err := s.engine.readers.QueryContext(t.Context(), `SELECT * FROM `+table.name)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		rows.Close()
		if err != nil {
			t.Fatal(err)
		}
		moved := slices.Sorted(slices.Values(table.columns))
		slices.Sort(columns)
		if !slices.Equal(moved, columns) {
			t.Errorf("%s has the columns %v, of which %v are moved", table.name, columns, moved)
		}
	}
}
