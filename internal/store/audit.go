package store

import (
	"database/sql"
	"time"

	"keyporter/internal/keyporter"
)

const auditQuery = `SELECT id, at, subscription_id, user_id, who, email, action, object, key_id, detail, address,
	refused,
	attempts, last_at, last_address FROM audit_lines `

func scanAuditEvent(r row) (keyporter.AuditEvent, error) {
	var e keyporter.AuditEvent
	var at, last sql.NullInt64
	var subscription, user sql.NullString
	err := r.Scan(&e.ID, &at, &subscription, &user, &e.ActorName, &e.Email, &e.Action, &e.Object, &e.KeyID, &e.Detail,
		&e.Address,
		&e.Refused, &e.Attempts, &last, &e.LastAddress)
	e.At, e.SubscriptionID, e.UserID, e.Last = fromMS(at), subscription.String, user.String, fromMS(last)
	return e, err
}

func (t *tx) AppendAudit(e keyporter.AuditEvent) error {
	return t.exec(`INSERT INTO audit_lines (id, at, subscription_id, user_id, who, email, action, object, key_id,
		detail,
			address, refused, attempts, last_at, last_address)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		e.ID, toMS(e.At), orNull(e.SubscriptionID), orNull(e.UserID), e.ActorName, e.Email, string(e.Action), e.Object,
		e.KeyID, e.Detail,
		e.Address, e.Refused, e.Attempts, toMS(e.Last), e.LastAddress)
}

func (t *tx) RefusedAttempt(e keyporter.AuditEvent, after, until time.Time) (keyporter.AuditEvent, error) {
	return queryOne(t, scanAuditEvent, auditQuery+`WHERE refused AND user_id = $1 AND at > $2 AND at <= $3
			AND COALESCE(subscription_id, '') = $4 AND action = $5 AND object = $6
		ORDER BY at DESC, id DESC LIMIT 1`,
		e.UserID, toMS(after), toMS(until), e.SubscriptionID, string(e.Action), e.Object)
}

func (t *tx) CountRefusedAttempts(subscription, userID string, after, until time.Time) (int, error) {
	return t.queryInt(`SELECT count(*) FROM audit_lines WHERE refused AND user_id = $1 AND at > $2 AND at <= $3
		AND COALESCE(subscription_id, '') = $4`, userID, toMS(after), toMS(until), subscription)
}

func (t *tx) AddAttempt(id string, last time.Time, address string) error {
	return t.execExisting(`UPDATE audit_lines SET attempts = attempts + 1, last_at = $1, last_address = $2
		WHERE id = $3`,
		toMS(last), address, id)
}

func (t *tx) AuditEvents(subscription string, pos keyporter.Position, n int) ([]keyporter.AuditEvent, error) {
	where, order, args := keyset(pos, "at", "id", []any{subscription, n})
	return queryAll(t, scanAuditEvent, auditQuery+`WHERE subscription_id = $1`+where+order+` LIMIT $2`, args...)
}

func (t *tx) AccountEvents(userID string, n int) ([]keyporter.AuditEvent, error) {
	return queryAll(t, scanAuditEvent, auditQuery+
		`WHERE user_id = $1 AND subscription_id IS NULL ORDER BY at DESC, id DESC LIMIT $2`, userID, n)
}
