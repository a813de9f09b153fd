package store

import (
	"database/sql"
	"time"

	"keyporter/internal/keyporter"
)

func (t *tx) InsertLink(l keyporter.Link) error {
	return t.exec(`INSERT INTO one_time_links (hash, purpose, subject, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5)`,
		l.Hash, string(l.Purpose), l.Subject, toMS(l.Created), toMS(l.Expires))
}

func (t *tx) Link(hash []byte, p keyporter.Purpose) (keyporter.Link, error) {
	return queryOne(t, func(r row) (l keyporter.Link, err error) {
		var created, expires sql.NullInt64
		err = r.Scan(&l.Hash, &l.Purpose, &l.Subject, &created, &expires)
		l.Created, l.Expires = fromMS(created), fromMS(expires)
		return l, err
	}, `SELECT hash, purpose, subject, created_at, expires_at FROM one_time_links WHERE hash = $1 AND purpose = $2`,
		hash, string(p))
}

func (t *tx) DeleteLinks(p keyporter.Purpose, subject string) error {
	return t.exec(`DELETE FROM one_time_links WHERE purpose = $1 AND subject = $2`, string(p), subject)
}

func (t *tx) DeleteInvalidLinks(now, latest, until time.Time) error {
	return t.exec(`DELETE FROM one_time_links WHERE expires_at <= $1 OR expires_at > $2 OR created_at > $3`, toMS(now),
		toMS(latest), toMS(until))
}
