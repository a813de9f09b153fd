package store

import (
	"fmt"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

const (
	feedbackTables = ` FROM feedback_keys k JOIN users u ON u.id = k.user_id `
	feedbackQuery  = `SELECT ` + keyColumns + feedbackTables
)

func scanFeedbackKey(r row) (keyporter.Key, error) {
	s := scannedKey{key: keyporter.Key{Kind: keyporter.FeedbackKey}}
	err := r.Scan(s.fields()...)
	return s.finish(), err
}

func (t *tx) insertFeedbackKey(k keyporter.Key, searchText, hashName string, hash [32]byte) error {
	return t.exec(`INSERT INTO feedback_keys (id, subscription_id, user_id, description, search_text, hash_name, hash,
		created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		k.ID.String(), k.SubscriptionID, k.CreatedBy, k.Description, searchText, hashName, hash[:], toMS(k.Created))
}

func (t *tx) PresentedFeedbackKey(id token.KeyID) (keyporter.Key, [32]byte, error) {
	var hash []byte
	key, err := queryOne(t, func(r row) (keyporter.Key, error) {
		s := scannedKey{key: keyporter.Key{Kind: keyporter.FeedbackKey}}
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
