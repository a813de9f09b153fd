package store

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// keyColumns are what both kinds of keys have, in the order of [scannedKey.fields]; an integration key's facts and
// details follow.
const keyColumns = `k.id, k.subscription_id, k.description, k.created_at, k.last_used_at,
		k.last_used_address, k.last_used_agent, u.id, u.name, u.email`

var keyQuery = `SELECT ` + keyColumns + `, m.id IS NULL, ` + keyFieldColumns("k.") + `
	FROM integration_keys k JOIN users u ON u.id = k.created_by
	LEFT JOIN members m ON m.subscription_id = k.subscription_id AND m.user_id = k.created_by `

func scanKey(r row) (keyporter.Key, error) {
	s := scannedKey{key: keyporter.Key{Kind: keyporter.IntegrationKey}}
	fields := append(s.fields(), &s.key.CreatorGone)
	err := r.Scan(append(fields, destinations(keyFields(&s.key))...)...)
	return s.finish(), err
}

// A scannedKey is a key while its columns are scanned.
type scannedKey struct {
	key            keyporter.Key
	id             string
	created, used  sql.NullInt64
	address, agent sql.NullString
}

// fields are the destinations of keyColumns in a Scan.
func (s *scannedKey) fields() []any {
	return []any{
		&s.id, &s.key.SubscriptionID, &s.key.Description, &s.created, &s.used, &s.address, &s.agent,
		&s.key.CreatedBy, &s.key.Creator, &s.key.CreatorEmail,
	}
}

func (s *scannedKey) finish() keyporter.Key {
	copy(s.key.ID[:], s.id)
	s.key.Created, s.key.LastUsed = fromMS(s.created), fromMS(s.used)
	s.key.LastAddress, s.key.LastAgent = s.address.String, s.agent.String
	return s.key
}

func (t *tx) InsertKey(k keyporter.Key, searchText, hashName string, hash [32]byte) error {
	if k.Kind == keyporter.FeedbackKey {
		return t.insertFeedbackKey(k, searchText, hashName, hash)
	}
	fields, args := keyFieldArgs(k, []any{
		k.ID.String(), k.SubscriptionID, k.Description, searchText, hashName, hash[:], toMS(k.Created), k.CreatedBy,
	})
	return t.change(change{kind: keyCreated, subscription: k.SubscriptionID, key: k.ID},
		`INSERT INTO integration_keys (id, subscription_id, description, search_text, hash_name, hash, created_at,
			created_by, `+
			keyFieldColumns("")+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, `+fields+`)`, args...)
}

// keysOf returns the query for an owner's keys, with its condition and arguments, and the function that scans its rows.
func keysOf(o keyporter.KeyOwner) (query string, args []any, scan func(row) (keyporter.Key, error)) {
	if o.Kind == keyporter.FeedbackKey {
		return feedbackQuery + `WHERE k.subscription_id = $1 AND k.user_id = $2`, []any{o.SubscriptionID, o.UserID},
			scanFeedbackKey
	}
	return keyQuery + `WHERE k.subscription_id = $1`, []any{o.SubscriptionID}, scanKey
}

func (t *tx) Key(o keyporter.KeyOwner, id token.KeyID) (keyporter.Key, error) {
	query, args, scan := keysOf(o)
	args = append(args, id.String())
	return queryOne(t, scan, query+fmt.Sprintf(` AND k.id = $%d`, len(args)), args...)
}

// keyConditions returns the condition for a filter, and the arguments, which go on from those given.
func keyConditions(f keyporter.KeyFilter, args []any) (string, []any) {
	where, args := statusCondition(f, args)
	if f.Text != "" {
		args = append(args, "%"+likeEscaper.Replace(f.Text)+"%")
		where += fmt.Sprintf(` AND k.search_text LIKE $%d ESCAPE '!'`, len(args))
	}
	return where, args
}

// statusCondition is keyConditions for the status alone. It must agree with the Status of a [keyporter.Key].
func statusCondition(f keyporter.KeyFilter, args []any) (string, []any) {
	const active = ` AND k.disabled_at = 0 AND (k.ends_at = 0 OR k.ends_at > `
	at := func(t keyporter.Timestamp) string {
		args = append(args, int64(t))
		return fmt.Sprintf(`$%d`, len(args))
	}
	switch f.Status {
	case keyporter.StatusUsed:
		return ` AND k.last_used_at IS NOT NULL`, args
	case keyporter.StatusNeverUsed:
		return ` AND k.last_used_at IS NULL`, args
	case keyporter.StatusActive:
		where := active + at(f.At) + `)`
		return where, args
	case keyporter.StatusUnused:
		before := f.At - keyporter.Timestamp(keyporter.UnusedAfter.Milliseconds())
		where := active + at(f.At) + `) AND k.last_used_at IS NOT NULL AND k.last_used_at <= ` + at(before)
		return where, args
	case keyporter.StatusExpiresSoon:
		until := f.At + keyporter.Timestamp(keyporter.ExpiresSoonWithin.Milliseconds())
		where := ` AND k.disabled_at = 0 AND k.ends_at > ` + at(f.At) + ` AND k.ends_at <= ` + at(until) +
			` AND k.ends_at > 0`
		return where, args
	case keyporter.StatusExpired:
		where := ` AND k.disabled_at = 0 AND k.ends_at > 0 AND k.ends_at <= ` + at(f.At)
		return where, args
	case keyporter.StatusDisabled:
		return ` AND k.disabled_at > 0`, args
	}
	return "", args
}

var likeEscaper = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (t *tx) Keys(
	o keyporter.KeyOwner, f keyporter.KeyFilter, pos keyporter.Position, n int,
) ([]keyporter.Key, error) {
	query, args, scan := keysOf(o)
	where, args := keyConditions(f, args)
	from, order, args := keyset(pos, "k.created_at", "k.id", args)
	args = append(args, n)
	return queryAll(t, scan, query+where+from+order+fmt.Sprintf(` LIMIT $%d`, len(args)), args...)
}

func (t *tx) CountKeys(o keyporter.KeyOwner, f keyporter.KeyFilter, max int) (int, error) {
	tables, args := `integration_keys k WHERE k.subscription_id = $1`, []any{o.SubscriptionID}
	if o.Kind == keyporter.FeedbackKey {
		tables, args = `feedback_keys k WHERE k.subscription_id = $1 AND k.user_id = $2`, append(args, o.UserID)
	}
	where, args := keyConditions(f, args)
	args = append(args, max)
	return t.queryInt(`SELECT count(*) FROM (SELECT k.id FROM `+tables+where+fmt.Sprintf(` LIMIT $%d`, len(args))+
		`) AS counted`,
		args...)
}

func (t *tx) CountKeysMadeBy(subscription, userID string, max int) (int, error) {
	return t.queryInt(`SELECT count(*) FROM (SELECT k.id FROM integration_keys k
		WHERE k.subscription_id = $1 AND k.created_by = $2 LIMIT $3) AS counted`, subscription, userID, max)
}

func (t *tx) CountKeysUsedSince(subscription string, since time.Time, max int) (int, error) {
	return t.queryInt(`SELECT count(*) FROM (SELECT k.id FROM integration_keys k
		WHERE k.subscription_id = $1 AND k.last_used_at IS NOT NULL AND k.last_used_at >= $2 LIMIT $3) AS counted`,
		subscription, toMS(since), max)
}

func (t *tx) UpdateKey(k keyporter.Key, searchText string) error {
	fields, args := keyFieldArgs(k, []any{k.ID.String(), k.Description, searchText})
	return t.change(change{kind: keyEdited, subscription: k.SubscriptionID, key: k.ID},
		`UPDATE integration_keys SET (description, search_text, `+keyFieldColumns("")+`) = ($2, $3, `+fields+
			`) WHERE id = $1`, args...)
}

func (t *tx) DeleteKey(k keyporter.Key, by string, at time.Time) error {
	if k.Kind == keyporter.FeedbackKey {
		return t.execExisting(`DELETE FROM feedback_keys WHERE id = $1`, k.ID.String())
	}
	deleted := change{kind: keyDeleted, subscription: k.SubscriptionID, key: k.ID}
	if err := t.change(deleted, `DELETE FROM integration_keys WHERE id = $1`, k.ID.String()); err != nil {
		return err
	}
	// Days first, as a sweep does: otherwise the two would wait for each other.
	if err := t.exec(`DELETE FROM key_days WHERE key_id = $1`, k.ID.String()); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM key_hours WHERE key_id = $1`, k.ID.String()); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM key_clients WHERE key_id = $1`, k.ID.String()); err != nil {
		return err
	}
	return t.change(deleted,
		`INSERT INTO deleted_keys (id, subscription_id, description, write_access, created_at, created_by, deleted_at,
			deleted_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		k.ID.String(), k.SubscriptionID, k.Description, k.Write, toMS(k.Created), k.CreatedBy, toMS(at), by)
}

func (t *tx) UseNonce(sessionID, nonce string, at time.Time) (bool, error) {
	n, err := t.execRows(`INSERT INTO used_nonces (session_id, nonce, used_at) VALUES ($1, $2, $3)
		ON CONFLICT (session_id, nonce) DO NOTHING`,
		sessionID, nonce, toMS(at))
	return n == 1, err
}

func (t *tx) DeleteNonces(before, until time.Time) error {
	return t.exec(`DELETE FROM used_nonces WHERE (used_at < $1 OR used_at > $2) AND session_id NOT IN (SELECT id
		FROM sessions)`,
		toMS(before), toMS(until))
}
