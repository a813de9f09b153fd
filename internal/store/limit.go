package store

import (
	"database/sql"
	"errors"
	"time"

	"keyporter/internal/keyporter"
)

func (t *tx) Limit(key []byte) (keyporter.Limit, error) {
	l, err := queryOne(t, func(r row) (l keyporter.Limit, err error) {
		var next, expires sql.NullInt64
		err = r.Scan(&l.Tries, &next, &expires)
		l.NextAt, l.Expires = fromMS(next), fromMS(expires)
		return l, err
	}, `SELECT tries, next_at, expires_at FROM sign_in_limits WHERE scope = $1`, key)
	if errors.Is(err, keyporter.ErrNotFound) {
		err = nil
	}
	return l, err
}

func (t *tx) PutLimit(key []byte, l keyporter.Limit) error {
	return t.exec(`INSERT INTO sign_in_limits (scope, tries, next_at, expires_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (scope) DO UPDATE SET tries = excluded.tries, next_at = excluded.next_at,
			expires_at = excluded.expires_at`,
		key, l.Tries, toMS(l.NextAt), toMS(l.Expires))
}

func (t *tx) DeleteLimit(key []byte) error {
	return t.exec(`DELETE FROM sign_in_limits WHERE scope = $1`, key)
}

func (t *tx) DeleteInvalidLimits(now, latest time.Time) error {
	return t.exec(`DELETE FROM sign_in_limits WHERE expires_at <= $1 OR expires_at > $2`, toMS(now), toMS(latest))
}

func (t *tx) CountLimits() (int, error) { return t.queryInt(`SELECT count(*) FROM sign_in_limits`) }

func (t *tx) DeleteFewestTries(n int) error {
	return t.exec(`DELETE FROM sign_in_limits WHERE scope IN
		(SELECT scope FROM sign_in_limits ORDER BY tries, expires_at, scope LIMIT $1)`, n)
}
