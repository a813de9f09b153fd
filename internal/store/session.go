package store

import (
	"database/sql"
	"time"

	"keyporter/internal/keyporter"
)

const sessionQuery = `SELECT s.id, s.address, s.agent, s.started_at, s.seen_at, s.hash, s.form_key, s.rotate,
		u.id, u.name, u.email, u.operator, coalesce(u.last_subscription_id, '')
	FROM sessions s JOIN users u ON u.id = s.user_id `

func scanSession(r row) (keyporter.Session, error) {
	var s keyporter.Session
	var started, seen sql.NullInt64
	var hash, formKey []byte
	var rotate bool
	err := r.Scan(&s.ID, &s.Client.Address, &s.Client.Agent, &started, &seen, &hash, &formKey, &rotate,
		&s.User.ID, &s.User.Name, &s.User.Email, &s.User.Operator, &s.User.Last)
	s.Started, s.Seen = fromMS(started), fromMS(seen)
	return s.WithStored(hash, formKey, rotate), err
}

func (t *tx) InsertSession(s keyporter.Session) error {
	hash, formKey, rotate := s.Stored()
	return t.exec(`INSERT INTO sessions (id, user_id, hash, form_key, rotate, address, agent, started_at, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		s.ID, s.User.ID, hash, formKey, rotate, s.Client.Address, s.Client.Agent, toMS(s.Started), toMS(s.Seen))
}

func (t *tx) SessionByHash(hash []byte, after, until time.Time) (keyporter.Session, error) {
	return queryOne(t, scanSession, sessionQuery+`WHERE s.hash = $1
		OR s.previous_hash = $1 AND s.previous_until > $2 AND s.previous_until <= $3`, hash, toMS(after), toMS(until))
}

func (t *tx) Sessions(userID string, valid keyporter.SessionTimes) ([]keyporter.Session, error) {
	return queryAll(t, scanSession, sessionQuery+`WHERE s.user_id = $1
		AND s.seen_at > $2 AND s.started_at > $3 AND s.seen_at <= $4 AND s.started_at <= $4
		ORDER BY s.started_at DESC, s.id`, userID, toMS(valid.SeenAfter), toMS(valid.StartedAfter), toMS(valid.Until))
}

func (t *tx) KeepNewestSessions(userID string, valid keyporter.SessionTimes, n int) error {
	return t.exec(`DELETE FROM sessions WHERE user_id = $1 AND id NOT IN (SELECT id FROM sessions
		WHERE user_id = $1 AND seen_at > $2 AND started_at > $3 AND seen_at <= $4 AND started_at <= $4
		ORDER BY started_at DESC, id LIMIT $5)`,
		userID, toMS(valid.SeenAfter), toMS(valid.StartedAfter), toMS(valid.Until), n)
}

func (t *tx) TouchSession(id string, seen time.Time) error {
	return t.exec(`UPDATE sessions SET seen_at = $1 WHERE id = $2`, toMS(seen), id)
}

func (t *tx) ReplaceSessionValue(id string, oldHash, hash []byte, graceUntil time.Time) (bool, error) {
	n, err := t.execRows(`UPDATE sessions SET previous_hash = hash, previous_until = $1, hash = $2, rotate = FALSE
		WHERE id = $3 AND hash = $4`, toMS(graceUntil), hash, id, oldHash)
	return n == 1, err
}

func (t *tx) RotateSessions(userID string) error {
	return t.exec(`UPDATE sessions SET rotate = TRUE WHERE user_id = $1`, userID)
}

func (t *tx) DeleteSession(userID, id string) (bool, error) {
	n, err := t.execRows(`DELETE FROM sessions WHERE user_id = $1 AND id = $2`, userID, id)
	return n == 1, err
}

func (t *tx) DeleteSessions(userID string) error {
	return t.exec(`DELETE FROM sessions WHERE user_id = $1`, userID)
}

func (t *tx) DeleteInvalidSessions(valid keyporter.SessionTimes) error {
	return t.exec(`DELETE FROM sessions WHERE seen_at <= $1 OR started_at <= $2 OR seen_at > $3 OR started_at > $3`,
		toMS(valid.SeenAfter), toMS(valid.StartedAfter), toMS(valid.Until))
}
