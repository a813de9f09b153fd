package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

// crashAfter runs another process that writes keys until it has acknowledged n of them, and kills it. It returns how
// many it has acknowledged by then, which may be more.
func crashAfter(t *testing.T, path string, n int) (acknowledged int) {
	t.Helper()
	cmd, said := child(t, path)
	for killed := false; said.Scan(); {
		if strings.HasPrefix(said.Text(), "acknowledged") {
			acknowledged++
		}
		if acknowledged >= n && !killed {
			killed = true
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd.Wait()
	if info, err := os.Stat(path + "-wal"); said.Err() != nil || err != nil || info.Size() == 0 {
		t.Fatalf("the crash left no write-ahead log: %v, %v, %v", info, err, said.Err())
	}
	return acknowledged
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestBackupOverStaleLog checks that a backup that was copied over a database next to the log of a crash is refused,
// and both files stay as they are. Among the cases are mixtures in which PRAGMA quick_check finds nothing.
func TestBackupOverStaleLog(t *testing.T) {
	for name, change := range map[string]func(tx keyporter.Tx, n int) error{
		"added": func(tx keyporter.Tx, n int) error { return insertKey(tx, newKey(1000+n, false)) },
		"deleted": func(tx keyporter.Tx, n int) error {
			return tx.DeleteKey(newKey(n, false), userID, start)
		},
		"edited": func(tx keyporter.Tx, n int) error {
			key := newKey(n, false)
			key.Description = "was " + strconv.Itoa(n)
			return tx.UpdateKey(key, keyporter.SearchText(key))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			backup, log := backupAndLaterLog(t, path, change)
			for ending, text := range map[string][]byte{"": backup, "-wal": log} {
				if err := os.WriteFile(path+ending, text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := store.Open(t.Context(), path)
			if err == nil || !strings.Contains(err.Error(), "-wal") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("opened with another file's log: %v", err)
			}
			if !bytes.Equal(readFile(t, path), backup) || !bytes.Equal(readFile(t, path+"-wal"), log) {
				t.Error("a refused database was changed")
			}
			if err := os.Remove(path + "-wal"); err != nil {
				t.Fatal(err)
			}
			if err := open(t, path).Ready(t.Context()); err != nil {
				t.Errorf("the backup alone: %v", err)
			}
		})
	}
}

// backupAndLaterLog returns a database's file, and the log that it has after 53 changes, of which the file then holds
// the first 50.
func backupAndLaterLog(t *testing.T, path string, change func(tx keyporter.Tx, n int) error) (backup, log []byte) {
	t.Helper()
	s := open(t, path)
	err := seed(t.Context(), s)
	for n := 0; n < 300 && err == nil; n++ {
		err = s.Write(t.Context(), func(tx keyporter.Tx) error { return insertKey(tx, newKey(n, false)) })
	}
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	backup = readFile(t, path)
	s = open(t, path)
	for n := range 53 {
		if n == 50 {
			checkpoint(t, path)
		}
		write(t, s, func(tx keyporter.Tx) error { return change(tx, n*97%300) })
	}
	log = readFile(t, path+"-wal")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return backup, log
}

// TestLogAfterCrash checks that a log that belongs to its file is no damage.
func TestLogAfterCrash(t *testing.T) {
	path := newPath(t)
	checkKeys(t, path, crashAfter(t, path, 400))
}

// TestLogShrinks checks that the write-ahead log does not keep the largest size that it ever had.
func TestLogShrinks(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	if err := seed(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var largest int64
	next := 0
	writeKeys := func(n int) {
		write(t, s, func(tx keyporter.Tx) error {
			for range n {
				if err := insertKey(tx, newKey(next, false)); err != nil {
					return err
				}
				next++
			}
			return nil
		})
	}
	release := holdSnapshot(t, path)
	for largest < 20<<20 {
		writeKeys(5000)
		largest = logSize(t, path)
	}
	release()
	checkpoint(t, path)
	writeKeys(1)
	if now := logSize(t, path); now > 16<<20 {
		t.Errorf("the log has %d bytes after it restarted, and had %d", now, largest)
	}
}

// holdSnapshot reads the database and keeps the snapshot until it is released, as [store.Store.Read] does for 5 seconds
// at most: meanwhile the log cannot restart, and grows.
func holdSnapshot(t *testing.T, path string) (release func()) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	transaction, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var users int
	if err := transaction.QueryRow(`SELECT count(*) FROM users`).Scan(&users); err != nil {
		t.Fatal(err)
	}
	return func() { transaction.Rollback() }
}

func logSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// checkpoint writes the whole log into the file, so that the next write restarts it.
func checkpoint(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var busy, log, moved int
	err = db.QueryRowContext(context.Background(), `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &log, &moved)
	if err != nil || busy != 0 || log != moved {
		t.Fatalf("checkpoint: busy %d, %d of %d pages, %v", busy, moved, log, err)
	}
}
