package store

import (
	"database/sql"
	"time"

	"keyporter/internal/keyporter"
)

func (t *tx) Device(hash []byte) (keyporter.Device, error) {
	return queryOne(t, func(r row) (d keyporter.Device, err error) {
		var used sql.NullInt64
		err = r.Scan(&d.Hash, &d.UserID, &d.Tries, &used)
		d.Used = fromMS(used)
		return d, err
	}, `SELECT hash, user_id, tries, used_at FROM device_cookies WHERE hash = $1`, hash)
}

func (t *tx) InsertDevice(d keyporter.Device) error {
	return t.exec(`INSERT INTO device_cookies (hash, user_id, tries, used_at) VALUES ($1, $2, $3, $4)`,
		d.Hash, d.UserID, d.Tries, toMS(d.Used))
}

func (t *tx) UpdateDevice(d keyporter.Device) error {
	return t.exec(`UPDATE device_cookies SET tries = $1, used_at = $2 WHERE hash = $3`, d.Tries, toMS(d.Used), d.Hash)
}

func (t *tx) DeleteDevice(hash []byte) error {
	return t.exec(`DELETE FROM device_cookies WHERE hash = $1`, hash)
}

func (t *tx) DeleteDevices(userID string) error {
	return t.exec(`DELETE FROM device_cookies WHERE user_id = $1`, userID)
}

func (t *tx) KeepNewestDevices(userID string, after, until time.Time, n int) error {
	return t.exec(`DELETE FROM device_cookies WHERE user_id = $1 AND hash NOT IN (SELECT hash FROM device_cookies
		WHERE user_id = $1 AND used_at > $2 AND used_at <= $3 ORDER BY used_at DESC, hash LIMIT $4)`,
		userID, toMS(after), toMS(until), n)
}

func (t *tx) DeleteInvalidDevices(after, until time.Time) error {
	return t.exec(`DELETE FROM device_cookies WHERE used_at <= $1 OR used_at > $2`, toMS(after), toMS(until))
}
