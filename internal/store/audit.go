package store

import (
	"database/sql"

	"keyporter/internal/keyporter"
)

const lineQuery = `SELECT id, at, subscription_id, user_id, who, action, key_id, detail, address, refused FROM audit_lines `

func scanLine(r row) (keyporter.AuditLine, error) {
	var l keyporter.AuditLine
	var at sql.NullInt64
	var subscription, user sql.NullString
	err := r.Scan(&l.ID, &at, &subscription, &user, &l.Who, &l.Action, &l.KeyID, &l.Detail, &l.Address, &l.Refused)
	l.At, l.SubscriptionID, l.UserID = fromMS(at), subscription.String, user.String
	return l, err
}

func (t *tx) InsertLine(l keyporter.AuditLine) error {
	return t.run(`INSERT INTO audit_lines (id, at, subscription_id, user_id, who, action, key_id, detail, address, refused)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		l.ID, toMS(l.At), orNull(l.SubscriptionID), orNull(l.UserID), l.Who, string(l.Action), l.KeyID, l.Detail, l.Address, l.Refused)
}

func (t *tx) Lines(subscription string, pos keyporter.Position, n int) ([]keyporter.AuditLine, error) {
	where, order, args := keyset(pos, "at", "id", []any{subscription, n})
	return many(t, scanLine, lineQuery+`WHERE subscription_id = $1`+where+order+` LIMIT $2`, args...)
}

func (t *tx) AccountLines(userID string, n int) ([]keyporter.AuditLine, error) {
	return many(t, scanLine, lineQuery+`WHERE user_id = $1 AND subscription_id IS NULL ORDER BY at DESC, id DESC LIMIT $2`, userID, n)
}
