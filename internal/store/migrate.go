package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/pressly/goose/v3"

	"keyporter/internal/keyporter"
	"keyporter/migrations"
)

// firstApplicationsVersion is the version in which every subscription has an application. It is written in Go because
// the applications' IDs and keys are random, and the two engines have no common SQL for that.
const firstApplicationsVersion = 4

// firstApplicationsMigration makes an application for each subscription that has none. Its statements are here rather
// than with the others because they are for the tables as they were at this version.
func firstApplicationsMigration(ctx context.Context, transaction *sql.Tx) error {
	t := &tx{ctx: ctx, sql: transaction}
	type subscription struct {
		id      string
		created sql.NullInt64
	}
	without, err := queryAll(t, func(r row) (s subscription, err error) {
		return s, r.Scan(&s.id, &s.created)
	}, `SELECT id, created_at FROM subscriptions WHERE default_application_id IS NULL ORDER BY id`)
	if err != nil {
		return err
	}
	for _, s := range without {
		// for its ID and its key: keys with another prefix keep working
		first := keyporter.FirstApplication("kp", s.id, fromMS(s.created))
		err := t.exec(`INSERT INTO applications (id, subscription_id, name, platform, application_key, created_at)
			VALUES ($1, $2, 'Web app', 'web', $3, $4)`,
			int64(first.ID), s.id, first.Key, s.created)
		if err != nil {
			return err
		}
		if err := t.exec(`UPDATE subscriptions SET default_application_id = $1 WHERE id = $2`, int64(first.ID),
			s.id); err != nil {
			return err
		}
	}
	return nil
}

// newestSchema is the version of the last migration.
func newestSchema(provider *goose.Provider) int64 {
	sources := provider.ListSources() // in ascending order, and never empty
	return sources[len(sources)-1].Version
}

// migrate brings the schema up to date. It is called by one process at a time, because goose does not lock SQLite, and
// PostgreSQL not in a way that a pooler lets through.
func (e *engine) migrate(ctx context.Context, provider *goose.Provider) error {
	version, err := provider.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	if version > e.schema {
		return e.tooNew(version)
	}
	_, err = provider.Up(ctx)
	return err
}

// checkSchema fails unless the schema is this binary's. It changes nothing: goose would create its table.
func (e *engine) checkSchema(ctx context.Context) error {
	tables, err := e.tableNames(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(tables, goose.DefaultTablename) {
		return errors.New("there is no Keyporter in it: start keyporter serve first")
	}
	// Not by schemaVersion, which has the short deadline of a judgement: a command may connect over a slow network.
	var version int64
	err = e.writer.QueryRowContext(ctx, `SELECT `+newestApplied).Scan(&version)
	switch {
	case err != nil:
		return err
	case version > e.schema:
		return e.tooNew(version)
	case version < e.schema:
		return fmt.Errorf("its schema is version %d, older than this binary's %d: start keyporter serve of this "+
			"version first", version, e.schema)
	}
	return nil
}

// newestApplied is what goose answers to GetDBVersion. It is asked here because goose needs a connection of its own and
// creates its table where it is missing, and because PostgreSQL has to tell its role in the same statement.
const newestApplied = `max(version_id) FROM ` + goose.DefaultTablename + ` WHERE is_applied`

func (e *engine) tooNew(version int64) error {
	return fmt.Errorf("its schema is version %d, newer than this binary's %d: "+
		"use the keyporter that made it, or a later one", version, e.schema)
}

func newProvider(e *engine) (*goose.Provider, error) {
	return goose.NewProvider(e.goose, e.writer, migrations.FS, goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()),
		goose.WithGoMigrations(
			goose.NewGoMigration(firstApplicationsVersion, &goose.GoFunc{RunTx: firstApplicationsMigration}, nil),
			goose.NewGoMigration(nfcMigrationVersion, &goose.GoFunc{RunTx: nfcMigration}, nil)))
}
