package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// movedTables are all tables but the schema's version and the installation's row, each after those that it refers to.
var movedTables = []string{
	"users", "sessions", "device_cookies", "sign_in_limits", "one_time_links", "subscriptions", "applications",
	"members",
	"integration_keys", "deleted_keys", "feedback_keys", "used_nonces", "audit_lines",
	"key_hours", "key_days", "key_clients", "subscription_hours", "exclude_entries", "exclude_lists",
}

// A table is one that is moved, with all its columns, as the source has them.
type table struct {
	name    string
	columns []string
	bools   []bool // for each column: whether it is true or false, which SQLite keeps as 1 or 0
}

// tableOf asks the database for the columns of a table.
func (e *engine) tableOf(t *tx, name string) (table, error) {
	found := table{name: name}
	_, err := queryAll(t, func(r row) (struct{}, error) {
		var column string
		var isBool bool
		err := r.Scan(&column, &isBool)
		found.columns, found.bools = append(found.columns, column), append(found.bools, isBool)
		return struct{}{}, err
	}, e.columns(), name)
	if err == nil && len(found.columns) == 0 {
		err = errors.New("the source has no such table")
	}
	return found, err
}

// rowsPerInsert is how many rows one statement inserts: few enough that no engine's limit of arguments is near.
const rowsPerInsert = 200

// MoveProgress is how far a move is, in one table.
type MoveProgress struct {
	Table    string
	Rows     int64 // copied so far
	Verified bool  // the target has as many rows, with the same checksum
}

// Move copies all rows of the database at the address from into the one at to, which has to be empty, and compares the
// number of rows of each table and a checksum of their values. If Move fails, the tables of the target are empty. The
// source is read in one snapshot and not written. No other process may serve a source that is a file; whether one
// writes to a source on PostgreSQL is not detected. Move calls report with its progress.
func Move(ctx context.Context, from, to string, report func(MoveProgress)) (err error) {
	defer func() { err = redact(err) }()
	source, err := openEngine(ctx, from, notServed)
	if err != nil {
		return err
	}
	defer source.close()
	target, err := connect(ctx, to, exclusive)
	if err != nil {
		return err
	}
	defer target.close()
	if err := target.checkTables(ctx); err != nil {
		return err
	}
	if err := target.prepare(ctx, exclusive); err != nil {
		return fmt.Errorf("open the database %s: %w", RedactedURL(to), redact(err))
	}
	reading, err := source.readers.BeginTx(ctx, source.read)
	if err != nil {
		return err
	}
	defer reading.Rollback()
	writing, err := target.writer.BeginTx(ctx, target.write)
	if err != nil {
		return err
	}
	defer writing.Rollback()
	m := mover{source: source, from: &tx{ctx: ctx, sql: reading}, to: &tx{ctx: ctx, sql: writing}, report: report}
	if err := m.all(); err != nil {
		return err
	}
	return writing.Commit()
}

// checkTables fails if the database has tables that are not Keyporter's.
func (e *engine) checkTables(ctx context.Context) error {
	names, err := e.tableNames(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.Contains(movedTables, name) && name != goose.DefaultTablename && name != "installation" {
			return fmt.Errorf("the target is not empty: it holds %s, which is not Keyporter's", name)
		}
	}
	return nil
}

type mover struct {
	source   *engine
	from, to *tx
	report   func(MoveProgress)
}

func (m mover) all() error {
	if err := m.to.LockInstallation(); err != nil { // nobody can set the target up meanwhile
		return err
	}
	for _, name := range movedTables {
		n, err := m.to.queryInt(`SELECT count(*) FROM ` + name)
		if err != nil {
			return err
		}
		if n > 0 {
			return errors.New("the target is not empty: it holds " + name)
		}
	}
	for _, name := range movedTables {
		t, err := m.source.tableOf(m.from, name)
		if err == nil {
			err = m.table(t)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, redact(err))
		}
	}
	return nil
}

// table copies one table and reads it again from the target.
func (m mover) table(t table) error {
	var rows []any
	var read checksums
	write := func() error {
		if len(rows) == 0 {
			return nil
		}
		err := m.to.exec(insertStatement(t, len(rows)/len(t.columns)), rows...)
		rows = rows[:0]
		m.report(MoveProgress{Table: t.name, Rows: read.rows})
		return err
	}
	err := m.from.scanAll(t, func(row []any) error {
		if err := read.add(row); err != nil {
			return err
		}
		if rows = append(rows, row...); len(rows) < rowsPerInsert*len(t.columns) {
			return nil
		}
		return write()
	})
	if err = errors.Join(err, write()); err != nil {
		return err
	}
	var written checksums
	err = m.to.scanAll(t, written.add)
	if err == nil && written != read {
		err = fmt.Errorf("rows copied: %d, rows in the target: %d, or their checksums differ", read.rows, written.rows)
	}
	if err != nil {
		return err
	}
	m.report(MoveProgress{Table: t.name, Rows: read.rows, Verified: true})
	return nil
}

// scanAll reads every row of a table, and calls each with the values of one; it may keep them.
func (t *tx) scanAll(from table, each func(row []any) error) error {
	rows, err := t.sql.QueryContext(t.ctx, `SELECT `+strings.Join(from.columns, ", ")+` FROM `+from.name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row := make([]any, len(from.columns))
		fields := make([]any, len(row))
		for i := range row {
			fields[i] = &row[i]
		}
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		for i, isBool := range from.bools {
			if n, number := row[i].(int64); number && isBool {
				row[i] = n != 0
			}
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

func insertStatement(t table, rows int) string {
	var text strings.Builder
	text.WriteString(`INSERT INTO ` + t.name + ` (` + strings.Join(t.columns, ", ") + `) VALUES `)
	for i := range rows * len(t.columns) {
		switch {
		case i == 0:
			text.WriteString("(")
		case i%len(t.columns) == 0:
			text.WriteString("), (")
		default:
			text.WriteString(", ")
		}
		text.WriteString("$" + strconv.Itoa(i+1))
	}
	return text.String() + ")"
}

// checksums are a table's number of rows and their checksum, which does not depend on their order.
type checksums struct {
	rows int64
	all  [sha256.Size]byte // the rows' hashes, added up in each byte
}

func (s *checksums) add(row []any) error {
	hash := sha256.New()
	for _, value := range row {
		kind, text, err := canonical(value)
		if err != nil {
			return err
		}
		hash.Write([]byte{kind})
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text))))
		hash.Write(text)
	}
	s.rows++
	for i, b := range hash.Sum(nil) {
		s.all[i] += b
	}
	return nil
}

// canonical returns a value in the one form that both engines give it.
func canonical(value any) (kind byte, text []byte, err error) {
	switch v := value.(type) {
	case nil:
		return 'n', nil, nil
	case bool:
		return 'b', strconv.AppendBool(nil, v), nil
	case int64:
		return 'i', strconv.AppendInt(nil, v, 10), nil
	case string:
		return 't', []byte(v), nil
	case []byte:
		return 'x', v, nil
	}
	return 0, nil, fmt.Errorf("a column holds %T, which no table of Keyporter's has", value)
}
