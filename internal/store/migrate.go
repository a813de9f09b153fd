package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"

	"keyporter/migrations"
)

// newestSchema is the version that this binary is for: the number of the last migration.
func newestSchema() int64 {
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(files) == 0 {
		panic("no migrations are embedded")
	}
	number, _, _ := strings.Cut(files[len(files)-1], "_")
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		panic(err)
	}
	return version
}

// migrate brings the schema up to date. The caller owns the database, because goose does not lock SQLite.
func migrate(ctx context.Context, db *sql.DB) error {
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	version, err := provider.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	if version > newestSchema() {
		return tooNew(version)
	}
	_, err = provider.Up(ctx)
	return err
}

func checkSchema(ctx context.Context, db *sql.DB) error {
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	version, err := provider.GetDBVersion(ctx)
	switch {
	case err != nil:
		return err
	case version > newestSchema():
		return tooNew(version)
	case version < newestSchema():
		return fmt.Errorf("its schema is version %d, older than this binary's %d: start keyporter serve of this version first", version, newestSchema())
	}
	return nil
}

func tooNew(version int64) error {
	return fmt.Errorf("its schema is version %d, newer than this binary's %d: use the keyporter that made it, or a later one", version, newestSchema())
}

func newProvider(db *sql.DB) (*goose.Provider, error) {
	return goose.NewProvider(goose.DialectSQLite3, db, migrations.FS, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
}
