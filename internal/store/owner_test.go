package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"keyporter/internal/store"
)

// TestExclusiveByAnyName opens one file under other names, and after its lock file was removed.
func TestExclusiveByAnyName(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "keyporter.db")
	first, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	for name, prepare := range map[string]func(string) error{
		"symbolic link": func(to string) error { return os.Symlink(path, to) },
		"hard link":     func(to string) error { return os.Link(path, to) },
		"the same path": func(string) error { return os.Remove(path + ".lock") },
	} {
		other := filepath.Join(folder, name)
		if name == "the same path" {
			other = path
		}
		if err := prepare(other); err != nil {
			t.Fatal(err)
		}
		if second, err := store.Open(t.Context(), other); err == nil {
			second.Close()
			t.Errorf("%s: a second process would own the database", name)
		}
	}
}
