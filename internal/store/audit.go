package store

import (
	"database/sql"
	"time"

	"keyporter/internal/keyporter"
)

const lineQuery = `SELECT id, at, subscription_id, user_id, who, email, action, object, key_id, detail, address,
	refused,
	attempts, last_at, last_address FROM audit_lines `

func scanLine(r row) (keyporter.AuditEvent, error) {
	var l keyporter.AuditEvent
	var at, last sql.NullInt64
	var subscription, user sql.NullString
	err := r.Scan(&l.ID, &at, &subscription, &user, &l.ActorName, &l.Email, &l.Action, &l.Object, &l.KeyID, &l.Detail,
		&l.Address,
		&l.Refused, &l.Attempts, &last, &l.LastAddress)
	l.At, l.SubscriptionID, l.UserID, l.Last = fromMS(at), subscription.String, user.String, fromMS(last)
	return l, err
}

func (t *tx) AppendAudit(l keyporter.AuditEvent) error {
	return t.exec(`INSERT INTO audit_lines (id, at, subscription_id, user_id, who, email, action, object, key_id, detail,
			address, refused, attempts, last_at, last_address)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		l.ID, toMS(l.At), orNull(l.SubscriptionID), orNull(l.UserID), l.ActorName, l.Email, string(l.Action), l.Object,
		l.KeyID, l.Detail,
		l.Address, l.Refused, l.Attempts, toMS(l.Last), l.LastAddress)
}

func (t *tx) RefusedAttempt(l keyporter.AuditEvent, after, until time.Time) (keyporter.AuditEvent, error) {
	return queryOne(t, scanLine, lineQuery+`WHERE refused AND user_id = $1 AND at > $2 AND at <= $3
			AND COALESCE(subscription_id, '') = $4 AND action = $5 AND object = $6
		ORDER BY at DESC, id DESC LIMIT 1`,
		l.UserID, toMS(after), toMS(until), l.SubscriptionID, string(l.Action), l.Object)
}

func (t *tx) CountRefusedAttempts(subscription, userID string, after, until time.Time) (int, error) {
	return t.queryInt(`SELECT count(*) FROM audit_lines WHERE refused AND user_id = $1 AND at > $2 AND at <= $3
		AND COALESCE(subscription_id, '') = $4`, userID, toMS(after), toMS(until), subscription)
}

func (t *tx) AddAttempt(id string, last time.Time, address string) error {
	return t.execExisting(`UPDATE audit_lines SET attempts = attempts + 1, last_at = $1, last_address = $2 WHERE id = $3`,
		toMS(last), address, id)
}

func (t *tx) AuditEvents(subscription string, pos keyporter.Position, n int) ([]keyporter.AuditEvent, error) {
	where, order, args := keyset(pos, "at", "id", []any{subscription, n})
	return queryAll(t, scanLine, lineQuery+`WHERE subscription_id = $1`+where+order+` LIMIT $2`, args...)
}

func (t *tx) AccountEvents(userID string, n int) ([]keyporter.AuditEvent, error) {
	return queryAll(t, scanLine, lineQuery+
		`WHERE user_id = $1 AND subscription_id IS NULL ORDER BY at DESC, id DESC LIMIT $2`, userID, n)
}
