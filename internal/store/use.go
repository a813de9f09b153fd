package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// dayMS is a day in milliseconds, as part of a statement.
const dayMS = "86400000"

// usesPerStatement is how many uses one statement writes: many, because each statement is a round trip, and yet few,
// because SQLite finds a numbered argument by a linear search. 200 took twice the time of 50.
const usesPerStatement = 50

func (t *tx) AddUses(uses []keyporter.Use) error {
	last, feedback := lastUses{}, lastUses{}
	var hours valueRows
	for i := range uses {
		use := &uses[i]
		if use.Deleted {
			if err := t.addAttempts(use); err != nil {
				return err
			}
			continue
		}
		if use.Feedback {
			feedback.add(use)
			continue
		}
		last.add(use)
		hours.add(use.KeyID.String(), use.Hour.UnixMilli(), use.Admitted, use.Refused)
	}
	if err := t.setLastUses(`UPDATE feedback_keys`, feedback); err != nil {
		return err
	}
	if err := t.setLastUses(`UPDATE integration_keys`, last); err != nil {
		return err
	}
	// A key that was deleted since is not counted. One that is being deleted may be, and its rows go after 90 days.
	err := t.execInBatches(hours, `INSERT INTO key_hours (key_id, hour_at, admitted, refused)
		SELECT k.id, u.column2, u.column3, u.column4
		FROM (VALUES `, []string{"TEXT", "BIGINT", "BIGINT", "BIGINT"}, `) AS u
		JOIN integration_keys k ON k.id = u.column1 WHERE TRUE
		ON CONFLICT (key_id, hour_at) DO UPDATE SET admitted = key_hours.admitted + excluded.admitted,
			refused = key_hours.refused + excluded.refused`)
	if err != nil {
		return err
	}
	return t.addToSubscriptions(uses)
}

// lastUses are the last admitted requests of keys.
type lastUses map[token.KeyID]keyporter.Seen

func (l lastUses) add(use *keyporter.Use) {
	if use.Admitted > 0 && use.Last.At.After(l[use.KeyID].At) {
		l[use.KeyID] = use.Last
	}
}

func (t *tx) setLastUses(update string, last lastUses) error {
	var all valueRows
	for id, seen := range last {
		all.add(id.String(), toMS(seen.At), seen.Address, seen.Agent)
	}
	return t.execInBatches(all, update+
		` SET last_used_at = u.column2, last_used_address = u.column3, last_used_agent = u.column4
		FROM (VALUES `, []string{"TEXT", "BIGINT", "TEXT", "TEXT"}, `) AS u
		WHERE id = u.column1 AND (last_used_at IS NULL OR last_used_at < u.column2)`)
}

// valueRows are the rows of a VALUES list.
type valueRows [][]any

func (r *valueRows) add(values ...any) { *r = append(*r, values) }

// execInBatches runs a statement that has a VALUES list in its middle, for usesPerStatement rows at a time. Both
// engines name the columns column1, column2 and so on; the casts of the first row tell PostgreSQL their types.
func (t *tx) execInBatches(all valueRows, before string, types []string, after string) error {
	for piece := range slices.Chunk(all, usesPerStatement) {
		var list strings.Builder
		var args []any
		for i, values := range piece {
			separator := ", ("
			if i == 0 {
				separator = "("
			}
			for column, value := range values {
				args = append(args, value)
				list.WriteString(separator)
				separator = ", "
				if i == 0 {
					fmt.Fprintf(&list, "CAST($%d AS %s)", len(args), types[column])
				} else {
					fmt.Fprintf(&list, "$%d", len(args))
				}
			}
			list.WriteString(")")
		}
		if err := t.exec(before+list.String()+after, args...); err != nil {
			return err
		}
	}
	return nil
}

// addAttempts counts what was tried with a deleted key.
func (t *tx) addAttempts(use *keyporter.Use) error {
	if err := t.exec(`UPDATE deleted_keys SET attempts = attempts + $1 WHERE id = $2`, use.Refused,
		use.KeyID.String()); err != nil {
		return err
	}
	return t.exec(`UPDATE deleted_keys SET last_attempt_at = $1, last_attempt_address = $2, last_attempt_agent = $3
		WHERE id = $4 AND (last_attempt_at IS NULL OR last_attempt_at < $1)`,
		toMS(use.LastRefused.At), use.LastRefused.Address, use.LastRefused.Agent, use.KeyID.String())
}

func (t *tx) addToSubscriptions(uses []keyporter.Use) error {
	type subscriptionHour struct {
		id   string
		hour int64
	}
	sums := map[subscriptionHour][2]int64{}
	for i := range uses {
		if at := (subscriptionHour{uses[i].SubscriptionID, uses[i].Hour.UnixMilli()}); !uses[i].Deleted &&
			!uses[i].Feedback {
			sum := sums[at]
			sums[at] = [2]int64{sum[0] + uses[i].Admitted, sum[1] + uses[i].Refused}
		}
	}
	for at, sum := range sums {
		err := t.exec(`INSERT INTO subscription_hours (subscription_id, hour_at, admitted, refused)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT (subscription_id, hour_at) DO UPDATE SET
				admitted = subscription_hours.admitted + excluded.admitted,
				refused = subscription_hours.refused + excluded.refused`, at.id, at.hour, sum[0], sum[1])
		if err != nil {
			return err
		}
	}
	return nil
}

func scanCount(r row) (keyporter.Count, error) {
	var c keyporter.Count
	var at sql.NullInt64
	err := r.Scan(&at, &c.Admitted, &c.Refused)
	c.At = fromMS(at)
	return c, err
}

func (t *tx) KeyHours(id token.KeyID, since time.Time) ([]keyporter.Count, error) {
	return queryAll(t, scanCount,
		`SELECT hour_at, admitted, refused FROM key_hours WHERE key_id = $1 AND hour_at >= $2 ORDER BY hour_at`,
		id.String(), toMS(since))
}

func (t *tx) KeyDays(id token.KeyID, since time.Time) ([]keyporter.Count, error) {
	return queryAll(t, scanCount,
		`SELECT day_at, admitted, refused FROM key_days WHERE key_id = $1 AND day_at >= $2 ORDER BY day_at`,
		id.String(), toMS(since))
}

func (t *tx) AdmittedSince(subscription string, since time.Time) (int64, error) {
	n, err := t.queryInt(`SELECT coalesce(sum(admitted), 0) FROM subscription_hours WHERE subscription_id = $1
		AND hour_at >= $2`, subscription, toMS(since))
	return int64(n), err
}

func (t *tx) AddUpHours(before time.Time, after string, rows int) (string, error) {
	if after == "" { // a later piece follows one that found rows
		if n, err := t.queryInt(`SELECT count(*) FROM (SELECT hour_at FROM key_hours WHERE hour_at < $1
			LIMIT 1) AS counted`, toMS(before)); err != nil || n == 0 {
			return "", err
		}
	}
	where, args := `WHERE hour_at < $1 AND key_id > $2`, []any{toMS(before), after}
	last, err := queryOne(t, func(r row) (id string, err error) { return id, r.Scan(&id) },
		`SELECT key_id FROM key_hours WHERE key_id > $1 ORDER BY key_id LIMIT 1 OFFSET $2`, after, rows)
	switch {
	case errors.Is(err, keyporter.ErrNotFound): // this is the last piece
	case err != nil:
		return "", err
	default:
		where, args = where+` AND key_id <= $3`, append(args, last)
	}
	err = t.exec(`INSERT INTO key_days (key_id, day_at, admitted, refused)
		SELECT key_id, hour_at - hour_at % `+dayMS+`, sum(admitted), sum(refused) FROM key_hours `+where+`
		GROUP BY key_id, hour_at - hour_at % `+dayMS+`
		ON CONFLICT (key_id, day_at) DO UPDATE SET admitted = key_days.admitted + excluded.admitted,
			refused = key_days.refused + excluded.refused`, args...)
	if err != nil {
		return "", err
	}
	return last, t.exec(`DELETE FROM key_hours `+where, args...)
}

func (t *tx) DeleteUsage(hours, days time.Time, rows int) (bool, error) {
	more := false
	for _, old := range []struct {
		table, id, at string
		before        time.Time
	}{{"subscription_hours", "subscription_id", "hour_at", hours}, {"key_days", "key_id", "day_at", days}} {
		columns := old.id + ", " + old.at
		n, err := t.execRows(`DELETE FROM `+old.table+` WHERE (`+columns+`) IN (SELECT `+columns+` FROM `+old.table+
			` WHERE `+old.at+` < $1 LIMIT $2)`,
			toMS(old.before), rows)
		if err != nil {
			return false, err
		}
		more = more || n == int64(rows)
	}
	return more, nil
}

const deletedQuery = `SELECT d.id, d.description, d.write_access, d.created_at, c.id, c.name, c.email, d.deleted_at,
	u.id, u.name, u.email,
		d.attempts, d.last_attempt_at, d.last_attempt_address, d.last_attempt_agent
	FROM deleted_keys d JOIN users c ON c.id = d.created_by JOIN users u ON u.id = d.deleted_by
	WHERE d.subscription_id = $1`

func scanDeletedKey(r row) (keyporter.DeletedKey, error) {
	var d keyporter.DeletedKey
	var id string
	var created, deleted, last sql.NullInt64
	var address, agent sql.NullString
	err := r.Scan(&id, &d.Description, &d.Write, &created, &d.CreatedBy.ID, &d.CreatedBy.Name, &d.CreatedBy.Email,
		&deleted, &d.DeletedBy.ID, &d.DeletedBy.Name, &d.DeletedBy.Email, &d.Attempts, &last, &address, &agent)
	copy(d.ID[:], id)
	d.Created, d.Deleted = fromMS(created), fromMS(deleted)
	d.LastAttempt = keyporter.Seen{At: fromMS(last), Address: address.String, Agent: agent.String}
	return d, err
}

func (t *tx) DeletedKeys(subscription string, pos keyporter.Position, n int) ([]keyporter.DeletedKey, error) {
	where, order, args := keyset(pos, "d.deleted_at", "d.id", []any{subscription, n})
	return queryAll(t, scanDeletedKey, deletedQuery+where+order+` LIMIT $2`, args...)
}

func (t *tx) DeletedKey(subscription string, id token.KeyID) (keyporter.DeletedKey, error) {
	return queryOne(t, scanDeletedKey, deletedQuery+` AND d.id = $2`, subscription, id.String())
}
