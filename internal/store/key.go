package store

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"keyporter/internal/keyporter"
)

const keyQuery = `SELECT k.id, k.subscription_id, k.description, k.write_access, k.created_at, k.created_by, u.name, u.email, m.id IS NULL,
		k.last_used_at, k.last_used_address, k.last_used_agent
	FROM integration_keys k JOIN users u ON u.id = k.created_by
	LEFT JOIN members m ON m.subscription_id = k.subscription_id AND m.user_id = k.created_by `

func scanKey(r row) (keyporter.Key, error) {
	var k keyporter.Key
	var id string
	var created, used sql.NullInt64
	var address, agent sql.NullString
	err := r.Scan(&id, &k.SubscriptionID, &k.Description, &k.Write, &created, &k.CreatedBy, &k.Creator, &k.CreatorEmail, &k.CreatorGone,
		&used, &address, &agent)
	k.Created, k.LastUsed, k.LastAddress, k.LastAgent = fromMS(created), fromMS(used), address.String, agent.String
	copy(k.ID[:], id)
	return k, err
}

func (t *tx) InsertKey(k keyporter.Key, searchText, hashName string, hash [32]byte) error {
	t.changes = append(t.changes, func(c *keyCopy) {
		c.put(k.ID, copiedKey{hash: hash, owner: c.places[k.SubscriptionID], write: k.Write})
	})
	return t.run(`INSERT INTO integration_keys (id, subscription_id, description, search_text, write_access, hash_name, hash, created_at, created_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		k.ID.String(), k.SubscriptionID, k.Description, searchText, k.Write, hashName, hash[:], toMS(k.Created), k.CreatedBy)
}

func (t *tx) Key(subscription string, id keyporter.KeyID) (keyporter.Key, error) {
	return one(t, scanKey, keyQuery+`WHERE k.id = $1 AND k.subscription_id = $2`, id.String(), subscription)
}

// chosen returns the condition for a filter, and the arguments, which go on from those given.
func chosen(f keyporter.KeyFilter, args []any) (string, []any) {
	where := ""
	switch f.Used {
	case keyporter.EverUsed:
		where += ` AND k.last_used_at IS NOT NULL`
	case keyporter.NeverUsed:
		where += ` AND k.last_used_at IS NULL`
	}
	if f.Text != "" {
		args = append(args, "%"+likeEscaper.Replace(f.Text)+"%")
		where += fmt.Sprintf(` AND k.search_text LIKE $%d ESCAPE '!'`, len(args))
	}
	return where, args
}

var likeEscaper = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (t *tx) Keys(subscription string, f keyporter.KeyFilter, pos keyporter.Position, n int) ([]keyporter.Key, error) {
	where, args := chosen(f, []any{subscription, n})
	from, order, args := keyset(pos, "k.created_at", "k.id", args)
	return many(t, scanKey, keyQuery+`WHERE k.subscription_id = $1`+where+from+order+` LIMIT $2`, args...)
}

func (t *tx) CountKeys(subscription string, f keyporter.KeyFilter, most int) (int, error) {
	where, args := chosen(f, []any{subscription, most})
	return t.number(`SELECT count(*) FROM (SELECT k.id FROM integration_keys k WHERE k.subscription_id = $1`+where+` LIMIT $2) AS counted`, args...)
}

func (t *tx) CountKeysMadeBy(subscription, userID string, most int) (int, error) {
	return t.number(`SELECT count(*) FROM (SELECT k.id FROM integration_keys k
		WHERE k.subscription_id = $1 AND k.created_by = $2 LIMIT $3) AS counted`, subscription, userID, most)
}

func (t *tx) CountKeysUsedSince(subscription string, since time.Time, most int) (int, error) {
	return t.number(`SELECT count(*) FROM (SELECT k.id FROM integration_keys k
		WHERE k.subscription_id = $1 AND k.last_used_at IS NOT NULL AND k.last_used_at >= $2 LIMIT $3) AS counted`, subscription, toMS(since), most)
}

func (t *tx) UpdateKey(id keyporter.KeyID, description, searchText string, write bool) error {
	t.changes = append(t.changes, func(c *keyCopy) {
		c.lower(id, write)
	})
	return t.must(`UPDATE integration_keys SET description = $1, search_text = $2, write_access = (write_access AND $3) WHERE id = $4`,
		description, searchText, write, id.String())
}

func (t *tx) DeleteKey(k keyporter.Key, by string, at time.Time) error {
	t.changes = append(t.changes, func(c *keyCopy) {
		c.put(k.ID, copiedKey{owner: c.places[k.SubscriptionID], deleted: true})
	})
	if err := t.must(`DELETE FROM integration_keys WHERE id = $1`, k.ID.String()); err != nil {
		return err
	}
	// Days first, as a sweep does: otherwise the two would wait for each other.
	if err := t.run(`DELETE FROM key_days WHERE key_id = $1`, k.ID.String()); err != nil {
		return err
	}
	if err := t.run(`DELETE FROM key_hours WHERE key_id = $1`, k.ID.String()); err != nil {
		return err
	}
	return t.run(`INSERT INTO deleted_keys (id, subscription_id, description, write_access, created_at, created_by, deleted_at, deleted_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		k.ID.String(), k.SubscriptionID, k.Description, k.Write, toMS(k.Created), k.CreatedBy, toMS(at), by)
}

func (t *tx) UseNonce(sessionID, nonce string, at time.Time) (bool, error) {
	n, err := t.exec(`INSERT INTO used_nonces (session_id, nonce, used_at) VALUES ($1, $2, $3) ON CONFLICT (session_id, nonce) DO NOTHING`,
		sessionID, nonce, toMS(at))
	return n == 1, err
}

func (t *tx) DeleteNonces(before, until time.Time) error {
	return t.run(`DELETE FROM used_nonces WHERE (used_at < $1 OR used_at > $2) AND session_id NOT IN (SELECT id FROM sessions)`,
		toMS(before), toMS(until))
}
