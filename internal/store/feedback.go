package store

import (
	"fmt"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

const (
	feedbackTables = ` FROM feedback_keys k JOIN users u ON u.id = k.user_id `
	feedbackQuery  = `SELECT ` + keyColumns + feedbackTables
	ofTheUser      = `WHERE k.subscription_id = $1 AND k.user_id = $2`
)

func scanFeedbackKey(r row) (keyporter.Key, error) {
	var s scannedKey
	err := r.Scan(s.fields()...)
	return s.finish(), err
}

func (t *tx) InsertFeedbackKey(k keyporter.Key, searchText, hashName string, hash [32]byte) error {
	return t.run(`INSERT INTO feedback_keys (id, subscription_id, user_id, description, search_text, hash_name, hash,
		created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		k.ID.String(), k.SubscriptionID, k.CreatedBy, k.Description, searchText, hashName, hash[:], toMS(k.Created))
}

func (t *tx) FeedbackKey(subscription, userID string, id token.KeyID) (keyporter.Key, error) {
	return one(t, scanFeedbackKey, feedbackQuery+ofTheUser+` AND k.id = $3`, subscription, userID, id.String())
}

func (t *tx) FeedbackKeys(subscription, userID string, f keyporter.KeyFilter, pos keyporter.Position,
	n int) ([]keyporter.Key, error) {
	where, args := chosen(f, []any{subscription, userID, n})
	from, order, args := keyset(pos, "k.created_at", "k.id", args)
	return many(t, scanFeedbackKey, feedbackQuery+ofTheUser+where+from+order+` LIMIT $3`, args...)
}

func (t *tx) CountFeedbackKeys(subscription, userID string, f keyporter.KeyFilter, most int) (int, error) {
	where, args := chosen(f, []any{subscription, userID, most})
	return t.number(`SELECT count(*) FROM (SELECT k.id FROM feedback_keys k `+ofTheUser+where+` LIMIT $3) AS counted`,
		args...)
}

func (t *tx) DeleteFeedbackKey(id token.KeyID) error {
	return t.must(`DELETE FROM feedback_keys WHERE id = $1`, id.String())
}

func (t *tx) PresentedFeedbackKey(id token.KeyID) (keyporter.Key, [32]byte, error) {
	var hash []byte
	key, err := one(t, func(r row) (keyporter.Key, error) {
		var s scannedKey
		err := r.Scan(append(s.fields(), &hash)...)
		return s.finish(), err
	}, `SELECT `+keyColumns+`, k.hash`+feedbackTables+`WHERE k.id = $1`, id.String())
	if err == nil && len(hash) != len([32]byte{}) {
		err = fmt.Errorf("the row of Feedback API key %s is damaged", id)
	}
	if err != nil {
		return keyporter.Key{}, [32]byte{}, err
	}
	return key, [32]byte(hash), nil
}
