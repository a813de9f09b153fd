package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"keyporter/internal/keyporter"
)

// A tx is one transaction. It implements [keyporter.Tx].
type tx struct {
	ctx     context.Context
	sql     statements
	changes []change // to what the gate judges by, in order
}

// statements are the methods of a transaction of database/sql, or of a connection on which one was begun.
type statements interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

type row interface{ Scan(...any) error }

func (t *tx) execRows(query string, args ...any) (int64, error) {
	result, err := t.sql.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// exec is execRows where the number of rows does not matter.
func (t *tx) exec(query string, args ...any) error {
	_, err := t.execRows(query, args...)
	return err
}

// execExisting is execRows for a row that has to exist; otherwise it is [keyporter.ErrNotFound].
func (t *tx) execExisting(query string, args ...any) error {
	n, err := t.execRows(query, args...)
	if err == nil && n == 0 {
		err = keyporter.ErrNotFound
	}
	return err
}

func (t *tx) queryInt(query string, args ...any) (int, error) {
	var n int
	err := t.sql.QueryRowContext(t.ctx, query, args...).Scan(&n)
	return n, err
}

// queryOne reads one row; none is [keyporter.ErrNotFound].
func queryOne[T any](t *tx, scan func(row) (T, error), query string, args ...any) (T, error) {
	value, err := scan(t.sql.QueryRowContext(t.ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = keyporter.ErrNotFound
	}
	return value, err
}

func queryAll[T any](t *tx, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := t.sql.QueryContext(t.ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		value, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, value)
	}
	return all, rows.Err()
}

// placeholders lists those of a statement's arguments from number first to number last, with commas between them.
func placeholders(first, last int) string {
	var list []string
	for n := first; n <= last; n++ {
		list = append(list, fmt.Sprintf("$%d", n))
	}
	return strings.Join(list, ", ")
}

// toMS returns a time as the tables keep it: Unix milliseconds, NULL for the zero time.
func toMS(t time.Time) sql.NullInt64 {
	if t.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: true}
}

func fromMS(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}

// orNull returns a text that is NULL where it is empty.
func orNull(text string) sql.NullString { return sql.NullString{String: text, Valid: text != ""} }
