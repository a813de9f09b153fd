package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

// excludeEntries is the table, with its columns in the order in which rows are inserted.
var excludeEntries = table{
	name:    "exclude_entries",
	columns: []string{"id", "subscription_id", "kind", "pattern", "search_text", "created_at", "created_by"},
}

func scanExcludeEntry(r row) (keyporter.ExcludeEntry, error) {
	var e keyporter.ExcludeEntry
	var created sql.NullInt64
	err := r.Scan(&e.ID, &e.SubscriptionID, &e.Kind, &e.Pattern, &created, &e.CreatedBy, &e.Creator, &e.CreatorEmail)
	e.Created = fromMS(created)
	return e, err
}

const excludeQuery = `SELECT e.id, e.subscription_id, e.kind, e.pattern, e.created_at, e.created_by, u.name, u.email
	FROM exclude_entries e JOIN users u ON u.id = e.created_by `

// excludeConditions returns the condition for a kind and a text, each of which may be empty, and the arguments, which
// go on from those given.
func excludeConditions(kind exclude.Kind, text string, args []any) (string, []any) {
	where := ""
	if kind != "" {
		args = append(args, string(kind))
		where += fmt.Sprintf(` AND e.kind = $%d`, len(args))
	}
	if text != "" {
		args = append(args, "%"+likeEscaper.Replace(text)+"%")
		where += fmt.Sprintf(` AND e.search_text LIKE $%d ESCAPE '!'`, len(args))
	}
	return where, args
}

func (t *tx) ExcludeEntries(subscription string, kind exclude.Kind, text string, pos keyporter.Position,
	n int) ([]keyporter.ExcludeEntry, error) {
	where, args := excludeConditions(kind, text, []any{subscription, n})
	from, order, args := keyset(pos, "e.created_at", "e.id", args)
	return queryAll(t, scanExcludeEntry, excludeQuery+`WHERE e.subscription_id = $1`+where+from+order+` LIMIT $2`,
		args...)
}

func (t *tx) CountExcludeEntries(subscription string, kind exclude.Kind, text string) (int, error) {
	where, args := excludeConditions(kind, text, []any{subscription})
	return t.queryInt(`SELECT count(*) FROM exclude_entries e WHERE e.subscription_id = $1`+where, args...)
}

func (t *tx) ExcludeEntry(subscription, id string) (keyporter.ExcludeEntry, error) {
	return queryOne(t, scanExcludeEntry, excludeQuery+`WHERE e.id = $1 AND e.subscription_id = $2`, id, subscription)
}

func (t *tx) AllExcludeEntries(subscription string) ([]exclude.Entry, error) {
	return queryAll(t, func(r row) (e exclude.Entry, err error) {
		err = r.Scan(&e.Kind, &e.Pattern)
		return e, err
	}, `SELECT e.kind, e.pattern FROM exclude_entries e WHERE e.subscription_id = $1 ORDER BY e.kind, e.pattern, e.id`,
		subscription)
}

// entriesAtOnce is how many one statement inserts. SQLite goes through all arguments before it for each, so a statement
// of ten times as many takes a hundred times as long.
const entriesAtOnce = 25

func (t *tx) InsertExcludeEntries(all []keyporter.ExcludeEntry, searchText func(keyporter.ExcludeEntry) string) error {
	for some := range slices.Chunk(all, entriesAtOnce) {
		var args []any
		for _, e := range some {
			args = append(args, e.ID, e.SubscriptionID, string(e.Kind), e.Pattern, searchText(e), toMS(e.Created),
				e.CreatedBy)
		}
		if err := t.exec(insertStatement(excludeEntries, len(some)), args...); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) DeleteExcludeEntry(id string) error {
	return t.execExisting(`DELETE FROM exclude_entries WHERE id = $1`, id)
}

func (t *tx) ExcludeVersion(subscription string) (string, error) {
	version, err := queryOne(t, func(r row) (version string, err error) {
		err = r.Scan(&version)
		return version, err
	}, `SELECT version FROM exclude_lists WHERE subscription_id = $1`, subscription)
	if errors.Is(err, keyporter.ErrNotFound) {
		return "", nil
	}
	return version, err
}

func (t *tx) SetExcludeVersion(subscription, version string) error {
	return t.exec(`INSERT INTO exclude_lists (subscription_id, version) VALUES ($1, $2)
		ON CONFLICT (subscription_id) DO UPDATE SET version = excluded.version`, subscription, version)
}
