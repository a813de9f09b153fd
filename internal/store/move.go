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
)

// A table is one that is moved, with all its columns.
type table struct {
	name    string
	columns []string
	bools   []string // those of the columns that are true or false, which SQLite keeps as 1 or 0
}

// movedTables are all tables but the schema's version, each behind those that it refers to.
var movedTables = []table{
	{"users", []string{"id", "name", "email", "email_folded", "password_hash", "operator", "created_at", "failed_sign_ins", "last_failed_at", "last_subscription_id", "invited_by", "invited_to", "invited_at"}, []string{"operator"}},
	{"sessions", []string{"id", "user_id", "hash", "previous_hash", "previous_until", "form_key", "rotate", "address", "agent", "started_at", "seen_at"}, []string{"rotate"}},
	{"device_cookies", []string{"hash", "user_id", "tries", "used_at"}, nil},
	{"sign_in_limits", []string{"scope", "tries", "next_at", "expires_at"}, nil},
	{"one_time_links", []string{"hash", "purpose", "subject", "created_at", "expires_at"}, nil},
	{"subscriptions", []string{"id", "name", "created_at", "feature_available", "feature_on", "guard", "default_application_id"}, []string{"feature_available", "feature_on"}},
	{"applications", []string{"id", "subscription_id", "name", "platform", "application_key", "created_at"}, nil},
	{"members", []string{"id", "subscription_id", "user_id", "name", "email", "email_folded", "role", "key_access", "invited_at", "invited_by", "joined_at"}, []string{"key_access"}},
	{"integration_keys", []string{"id", "subscription_id", "description", "search_text", "write_access", "hash_name", "hash", "created_at", "created_by", "last_used_at", "last_used_address", "last_used_agent"}, []string{"write_access"}},
	{"deleted_keys", []string{"id", "subscription_id", "description", "write_access", "created_at", "created_by", "deleted_at", "deleted_by", "attempts", "last_attempt_at", "last_attempt_address", "last_attempt_agent"}, []string{"write_access"}},
	{"feedback_keys", []string{"id", "subscription_id", "user_id", "description", "search_text", "hash_name", "hash", "created_at", "last_used_at", "last_used_address", "last_used_agent"}, nil},
	{"used_nonces", []string{"session_id", "nonce", "used_at"}, nil},
	{"audit_lines", []string{"id", "at", "subscription_id", "user_id", "who", "action", "key_id", "detail", "address", "refused",
		"email", "object", "attempts", "last_at", "last_address"}, []string{"refused"}},
	{"key_hours", []string{"key_id", "hour_at", "admitted", "refused"}, nil},
	{"key_days", []string{"key_id", "day_at", "admitted", "refused"}, nil},
	{"subscription_hours", []string{"subscription_id", "hour_at", "admitted", "refused"}, nil},
	excludeEntries,
	{"exclude_lists", []string{"subscription_id", "version"}, nil},
}

// rowsAtOnce is how many rows one statement inserts: few enough that no engine's limit of arguments is near.
const rowsAtOnce = 200

// Moved is how far a move is, in one table.
type Moved struct {
	Table    string
	Rows     int64 // copied so far
	Verified bool  // as many rows with the same checksum stand in the target
}

// Move copies everything that the database at the address from holds into the one at to, which has to be empty, and
// verifies it: the number of rows of each table, and a checksum over all their values. The target has everything or, if
// anything fails, empty tables at most. The source is read in one snapshot and not written. A file must have no other
// process; who else writes a PostgreSQL source is not noticed here. The function report hears of progress.
func Move(ctx context.Context, from, to string, report func(Moved)) (err error) {
	defer func() { err = redact(err) }()
	source, err := openEngine(ctx, from, beside)
	if err != nil {
		return err
	}
	defer source.close()
	if !source.shared && !source.alone {
		return fmt.Errorf("the database %s is in use by another keyporter process: stop it first", from)
	}
	target, err := connect(ctx, to, own)
	if err != nil {
		return err
	}
	defer target.close()
	if err := target.ours(ctx); err != nil {
		return err
	}
	if err := target.prepare(ctx, own); err != nil {
		return fmt.Errorf("open the database %s: %w", Shown(to), redact(err))
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
	m := mover{from: &tx{ctx: ctx, sql: reading}, to: &tx{ctx: ctx, sql: writing}, report: report}
	if err := m.all(); err != nil {
		return err
	}
	return writing.Commit()
}

// ours fails when somebody else keeps tables in the database.
func (e *engine) ours(ctx context.Context) error {
	rows, err := e.writer.QueryContext(ctx, e.tables())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		isOurs := slices.ContainsFunc(movedTables, func(t table) bool { return t.name == name })
		if !isOurs && name != "goose_db_version" && name != "installation" {
			return fmt.Errorf("the target is not empty: it holds %s, which is not Keyporter's", name)
		}
	}
	return rows.Err()
}

type mover struct {
	from, to *tx
	report   func(Moved)
}

func (m mover) all() error {
	if err := m.to.LockInstallation(); err != nil { // whoever sets the target up meanwhile waits
		return err
	}
	for _, t := range movedTables {
		n, err := m.to.number(`SELECT count(*) FROM ` + t.name)
		if err != nil {
			return err
		}
		if n > 0 {
			return errors.New("the target is not empty: it holds " + t.name)
		}
	}
	for _, t := range movedTables {
		if err := m.table(t); err != nil {
			return fmt.Errorf("%s: %w", t.name, redact(err))
		}
	}
	return nil
}

// table copies one table and reads it again from the target.
func (m mover) table(t table) error {
	var rows []any
	var read sums
	write := func() error {
		if len(rows) == 0 {
			return nil
		}
		err := m.to.run(insertion(t, len(rows)/len(t.columns)), rows...)
		rows = rows[:0]
		m.report(Moved{Table: t.name, Rows: read.rows})
		return err
	}
	err := m.from.scanAll(t, func(row []any) error {
		if err := read.add(row); err != nil {
			return err
		}
		if rows = append(rows, row...); len(rows) < rowsAtOnce*len(t.columns) {
			return nil
		}
		return write()
	})
	if err = errors.Join(err, write()); err != nil {
		return err
	}
	var stands sums
	err = m.to.scanAll(t, stands.add)
	if err == nil && stands != read {
		err = fmt.Errorf("rows copied: %d, rows in the target: %d, or their checksums differ", read.rows, stands.rows)
	}
	if err != nil {
		return err
	}
	m.report(Moved{Table: t.name, Rows: read.rows, Verified: true})
	return nil
}

// scanAll reads every row of a table. The values given to each are its own.
func (t *tx) scanAll(from table, each func(row []any) error) error {
	rows, err := t.sql.QueryContext(t.ctx, `SELECT `+strings.Join(from.columns, ", ")+` FROM `+from.name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row := make([]any, len(from.columns))
		places := make([]any, len(row))
		for i := range row {
			places[i] = &row[i]
		}
		if err := rows.Scan(places...); err != nil {
			return err
		}
		for i, name := range from.columns {
			if n, number := row[i].(int64); number && slices.Contains(from.bools, name) {
				row[i] = n != 0
			}
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

func insertion(t table, rows int) string {
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

// sums tell tables apart, in whatever order their rows come.
type sums struct {
	rows int64
	all  [sha256.Size]byte // the rows' hashes, added up in each byte
}

func (s *sums) add(row []any) error {
	hash := sha256.New()
	for _, value := range row {
		kind, text, err := written(value)
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

// written is a value in the one form that stands for it on every engine.
func written(value any) (kind byte, text []byte, err error) {
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
