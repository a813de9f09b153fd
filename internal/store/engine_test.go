package store_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
	"keyporter/internal/storetest"
)

func TestFileModes(t *testing.T) {
	path := newPath(t)
	old := syscall.Umask(0) // which would take away what we must not give
	s := open(t, path)
	syscall.Umask(old)
	if err := seed(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(path)
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 4 { // the database, -wal, -shm and the lock
		t.Fatalf("the folder holds %v, %v", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %o, %v", e.Name(), info.Mode().Perm(), err)
		}
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has the mode %o, %v", info.Mode().Perm(), err)
	}
}

func TestExclusiveOpen(t *testing.T) {
	path := newPath(t)
	if _, err := store.OpenAttached(t.Context(), path); err == nil ||
		!strings.Contains(err.Error(), "there is no database at "+path) {
		t.Errorf("attached to a missing database: %v", err)
	}
	owner := open(t, path)
	if err := seed(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), path); err == nil ||
		!strings.Contains(err.Error(), "in use by another keyporter process") {
		t.Errorf("a second process that serves: %v", err)
	}
	attached, err := store.OpenAttached(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, attached, func(tx keyporter.Tx) error { return tx.SetOperator(userID, true) })
	if err := attached.Write(t.Context(), func(tx keyporter.Tx) error {
		return insertKey(tx,
			newKey(1, true))
	}); err == nil {
		t.Error("keys were changed behind the owner's back")
	}
	if _, _, err := attached.Grant(t.Context(), keyID(1)); !errors.Is(err, keyporter.ErrUnavailable) {
		t.Errorf("attached, the gate says %v", err)
	}
	read(t, owner, func(tx keyporter.Tx) error {
		if user, err := tx.User(userID); !user.Operator || err != nil {
			t.Errorf("the serving process sees %+v, %v", user, err)
		}
		if _, err := tx.Key(integrationKeys(subID), keyID(1)); !errors.Is(err, keyporter.ErrNotFound) {
			t.Errorf("the refused key: %v", err)
		}
		return nil
	})
	if err := errors.Join(attached.Close(), owner.Close()); err != nil {
		t.Fatal(err)
	}
	open(t, path) // is free again
}

// TestOpenAttachedLocksAnUnservedFile checks that no process can serve the database while a command has it open alone.
func TestOpenAttachedLocksAnUnservedFile(t *testing.T) {
	path := newPath(t)
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	alone, err := store.OpenAttached(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	if _, err := store.Open(t.Context(), path); err == nil {
		t.Error("a second process serves while a command changes keys")
	}
}

func TestNewerSchema(t *testing.T) {
	storetest.Each(t, func(t *testing.T, e storetest.Engine) {
		path := e.Empty(t)
		open(t, path).Close()
		alter := func(statement string) {
			t.Helper()
			db := e.OpenRaw(t, path)
			_, err := db.Exec(statement)
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		}
		alter(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`)
		for name, opener := range openers {
			if _, err := opener(t.Context(), path); err == nil ||
				!strings.Contains(err.Error(), "version 9999, newer than this binary's") {
				t.Errorf("%s: %v", name, err)
			}
		}
		alter(`DELETE FROM goose_db_version WHERE version_id = 9999`)
		open(t, path)
	})
}

var openers = map[string]func(context.Context, string) (*store.Store, error){"Open": store.Open,
	"OpenAttached": store.OpenAttached}

// TestNotADatabase checks that the error is one clear line, that the file is unchanged, and that nothing stays locked.
func TestNotADatabase(t *testing.T) {
	for name, text := range map[string]string{
		"text":     strings.Repeat("This is a letter to my aunt.\n", 500),
		"cut":      "SQLite format 3\x00",
		"a header": "SQLite format 3\x00" + strings.Repeat("\xff", 4096),
	} {
		for opener, open := range openers {
			path := filepath.Join(t.TempDir(), "keyporter.db")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if s, err := open(t.Context(), path); err == nil {
					s.Close()
					t.Errorf("%s: %s opened it", name, opener)
				} else if !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "in use") {
					t.Errorf("%s: %s says %v", name, opener, err)
				}
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != text {
				t.Errorf("%s: %s changed the file: %v", name, opener, err)
			}
		}
	}
	if _, err := store.Open(t.Context(), t.TempDir()); err == nil {
		t.Error("a folder was opened")
	}
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o600)
	if _, err := store.Open(t.Context(), filepath.Join(file, "keyporter.db")); err == nil {
		t.Error("a file below a file was opened")
	}
}

func TestFileGoneOrReplaced(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	if err := seed(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	unavailable := func(when string) {
		t.Helper()
		nothing := func(keyporter.Tx) error { return nil }
		for name, err := range map[string]error{"Read": s.Read(t.Context(), nothing),
			"Write": s.Write(t.Context(), nothing), "Ready": s.Ready(t.Context())} {
			if !errors.Is(err, keyporter.ErrUnavailable) {
				t.Errorf("%s, %s: %v", when, name, err)
			}
		}
	}
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	unavailable("gone")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a new file was made in its place")
	}
	text, err := os.ReadFile(path + ".away")
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	unavailable("replaced by a copy")
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	write(t, s, func(tx keyporter.Tx) error { return tx.SetUserName(userID, "Back") })
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLocked holds the write lock of another connection for longer than a writer waits, which is five seconds.
func TestLocked(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := open(t, path)
	if err := seed(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lock, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), func(tx keyporter.Tx) error {
		return insertKey(tx,
			newKey(1, true))
	}); !errors.Is(err, keyporter.ErrUnavailable) {
		t.Errorf("writing while it is locked: %v", err)
	}
	if _, found, err := s.Grant(t.Context(), keyID(1)); found || err != nil {
		t.Errorf("the gate knows a key that was not written: %v, %v", found, err)
	}
	read(t, s, func(tx keyporter.Tx) error { return second(tx.User(userID)) })
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	write(t, s, func(tx keyporter.Tx) error { return insertKey(tx, newKey(1, true)) })
}
