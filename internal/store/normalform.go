package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"

	"keyporter/internal/input"
	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// nfcMigrationVersion is the version in which all text that people type is in NFC, and search texts are folded as
// searches are. It is Go, because neither engine's SQL normalises text in a way that the other has.
const nfcMigrationVersion = 10

// A textColumn is a column that holds text which people typed. Its row may also have a search text, which is made of
// the text and the row's ID.
type textColumn struct {
	table, column string
	search        func(text, id string) string
}

// textColumns are the columns as they were at this version, but for email addresses, by which people sign in, the audit
// log, which says what was written then, and the Exclude List: see [normalisePatterns].
var textColumns = []textColumn{
	{"users", "name", nil},
	{"members", "name", nil},
	{"subscriptions", "name", nil},
	{"applications", "name", nil},
	{"deleted_keys", "description", nil},
	{"integration_keys", "description", keySearchText},
	{"feedback_keys", "description", keySearchText},
}

func keySearchText(description, id string) string {
	keyID, _ := token.ParseKeyID(id)
	return keyporter.SearchText(keyporter.Key{ID: keyID, Description: description})
}

// nfcMigration is the migration. Its statements are here rather than with the others because they are for the
// tables as they were at this version.
func nfcMigration(ctx context.Context, transaction *sql.Tx) error {
	t := &tx{ctx: ctx, sql: transaction}
	for _, c := range textColumns {
		if err := c.normalise(t); err != nil {
			return fmt.Errorf("%s: %w", c.table, err)
		}
	}
	return normalisePatterns(t)
}

// A textRow is a row with text, as it is stored.
type textRow struct {
	id           any // text, or an application's number
	text, search string
}

// normalise goes through the table by its IDs, some rows at once, and writes those that change.
func (c textColumn) normalise(t *tx) error {
	search := "''"
	if c.search != nil {
		search = "search_text"
	}
	read := `SELECT id, ` + c.column + `, ` + search + ` FROM ` + c.table
	where, args := ``, []any{rowsPerInsert}
	for {
		rows, err := queryAll(t, func(r row) (x textRow, err error) {
			return x, r.Scan(&x.id, &x.text, &x.search)
		}, read+where+` ORDER BY id LIMIT $1`, args...)
		if err != nil {
			return err
		}
		for _, x := range rows {
			if err := c.normaliseRow(t, x); err != nil {
				return err
			}
		}
		if len(rows) < rowsPerInsert {
			return nil
		}
		where, args = ` WHERE id > $2`, []any{rowsPerInsert, rows[len(rows)-1].id}
	}
}

func (c textColumn) normaliseRow(t *tx, x textRow) error {
	text, search := input.Normal(x.text), x.search
	if c.search != nil {
		search = c.search(text, fmt.Sprint(x.id))
	}
	switch {
	case text == x.text && search == x.search:
		return nil
	case c.search == nil:
		return t.exec(`UPDATE `+c.table+` SET `+c.column+` = $1 WHERE id = $2`, text, x.id)
	}
	return t.exec(`UPDATE `+c.table+` SET `+c.column+` = $1, search_text = $2 WHERE id = $3`, text, search, x.id)
}

// A patternRow is an entry of an Exclude List, as it is stored.
type patternRow struct{ id, kind, pattern, search string }

// normalisePatterns goes through the lists one after the other: all of them together may not fit into memory.
func normalisePatterns(t *tx) error {
	subscriptions, err := queryAll(t, func(r row) (id string, err error) {
		return id, r.Scan(&id)
	}, `SELECT DISTINCT subscription_id FROM exclude_entries ORDER BY subscription_id`)
	if err != nil {
		return err
	}
	for _, subscription := range subscriptions {
		if err := normaliseList(t, subscription); err != nil {
			return err
		}
	}
	return nil
}

// normaliseList also removes the younger of two entries that become equal: what the list excludes stays the same. A
// list that changes gets another version, so that no process goes on with one that it has read.
func normaliseList(t *tx, subscription string) error {
	rows, err := queryAll(t, func(r row) (x patternRow, err error) {
		return x, r.Scan(&x.id, &x.kind, &x.pattern, &x.search)
	}, `SELECT id, kind, pattern, search_text FROM exclude_entries WHERE subscription_id = $1 ORDER BY created_at, id`,
		subscription)
	if err != nil {
		return err
	}
	type entry struct{ kind, pattern string }
	known, changed := map[entry]bool{}, false
	var updates []patternRow
	for _, x := range rows {
		normal := x
		normal.pattern = input.Normal(x.pattern)
		normal.search = keyporter.ExcludeSearchText(normal.pattern)
		e := entry{x.kind, normal.pattern}
		switch {
		case known[e]:
			if err := t.exec(`DELETE FROM exclude_entries WHERE id = $1`, x.id); err != nil {
				return err
			}
			changed = true
		case normal != x:
			updates = append(updates, normal)
			changed = true
		}
		known[e] = true
	}
	for _, x := range updates { // when none that would be equal to it is left
		err := t.exec(`UPDATE exclude_entries SET pattern = $1, search_text = $2 WHERE id = $3`, x.pattern, x.search,
			x.id)
		if err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	return t.exec(`UPDATE exclude_lists SET version = $1 WHERE subscription_id = $2`, rand.Text(), subscription)
}
