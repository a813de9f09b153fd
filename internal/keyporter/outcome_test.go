package keyporter_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"keyporter/internal/keyporter"
)

func (f *fixture) ok(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// auditEvents returns a subscription's whole audit log, newest first.
func (f *fixture) auditEvents(subscription string) []keyporter.AuditEvent {
	f.t.Helper()
	var all []keyporter.AuditEvent
	f.ok(f.store.Read(f.ctx, func(tx keyporter.Tx) (err error) {
		all, err = tx.AuditEvents(subscription, keyporter.Position{}, 100_000)
		return err
	}))
	return all
}

// contents returns the rows of all tables but those left out.
func (f *fixture) contents(leftOut ...string) string {
	f.t.Helper()
	db := engine.OpenRaw(f.t, f.path)
	var all strings.Builder
	for _, table := range []string{"users", "sessions", "device_cookies", "sign_in_limits", "one_time_links",
		"subscriptions", "members", "integration_keys", "deleted_keys", "feedback_keys", "used_nonces", "audit_lines",
		"exclude_entries", "exclude_lists"} {
		if !strings.Contains(" "+strings.Join(leftOut, " ")+" ", " "+table+" ") {
			f.ok(printTable(&all, db, table))
		}
	}
	return all.String()
}

func printTable(out *strings.Builder, db *sql.DB, table string) error {
	rows, err := db.Query(`SELECT * FROM ` + table + ` ORDER BY 1, 2`)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return err
		}
		out.WriteString(table)
		for i, name := range columns {
			if name != "guard" { // a lock, which says nothing
				fmt.Fprintf(out, " %s=%v", name, *values[i].(*any))
			}
		}
		out.WriteString("\n")
	}
	return rows.Err()
}

// kind names an outcome in tables.
func kind(err error) string {
	var invalid keyporter.Invalid
	var wait *keyporter.TooManyTries
	switch {
	case err == nil:
		return "done"
	case errors.Is(err, keyporter.ErrNotFound):
		return "not found"
	case errors.Is(err, keyporter.ErrForbidden):
		return "forbidden"
	case errors.Is(err, keyporter.ErrConflict):
		return "conflict"
	case errors.Is(err, keyporter.ErrUnavailable):
		return "unavailable"
	case errors.As(err, &wait):
		return "too many tries"
	case errors.As(err, &invalid):
		return err.Error() // "invalid input: " and the fields
	}
	return "an error: " + err.Error()
}

// want fails unless err is of the kind.
func (f *fixture) want(wanted string, err error) {
	f.t.Helper()
	if kind(err) != wanted {
		f.t.Errorf("the outcome is %q (%v), want %q", kind(err), err, wanted)
	}
}
