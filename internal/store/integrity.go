package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"keyporter/internal/keyporter"
)

// checkIntegrity fails when a write-ahead log was left by a crash and does not fit the file: somebody has copied a
// backup over the file since. SQLite would mix the two and go on. An orderly stop leaves no log, and then nothing is
// checked.
//
// PRAGMA quick_check does not compare an index with its table and missed 75 of 82 such mixtures that integrity_check
// found, so the slower one is used: about 7 seconds for a million keys. The connection is read-only, because another
// one would write the log into the file when it is closed.
func (f *sqliteFile) checkIntegrity(ctx context.Context) error {
	log, err := os.Stat(f.path + "-wal")
	if errors.Is(err, fs.ErrNotExist) || err == nil && log.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	address := url.URL{Scheme: "file", Path: f.path}
	db, err := sql.Open("sqlite", address.String()+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer db.Close()
	var found string
	err = db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&found)
	if err == nil && found == "ok" {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		if kind := f.errorKind(err); kind != keyporter.ErrUnavailable {
			return err
		}
		found = err.Error()
	}
	return fmt.Errorf("the file is damaged, or the log %s-wal is another file's (%s): restore a backup into an empty "+
		"folder, or remove the files ending in -wal and -shm before you put a backup in this place",
		f.path, strings.Join(strings.Fields(found), " "))
}
