package main

import (
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPasswordsAreHashedInFull: tests have a cheaper way to hash passwords, which no command uses.
func TestPasswordsAreHashedInFull(t *testing.T) {
	database := filepath.Join(t.TempDir(), "keyporter.db")
	setUp(t, database)
	db, err := sql.Open("sqlite", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var stored string
	if err := db.QueryRow(`SELECT password_hash FROM users`).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("setup stores %s", stored)
	}
	root, callers := os.DirFS(filepath.Join("..", "..")), 0
	err = fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || path == "internal/password/hasher.go" {
			return err
		}
		file, err := fs.ReadFile(root, path)
		if err != nil || !strings.Contains(string(file), "NewWeakHasher") {
			return err
		}
		callers++
		if !strings.HasSuffix(path, "_test.go") {
			t.Errorf("%s makes a hasher that is for tests alone", path)
		}
		return nil
	})
	if err != nil || callers < 2 {
		t.Errorf("%d files make a weak hasher, %v", callers, err)
	}
}
