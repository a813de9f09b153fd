package store

import (
	"database/sql"
	"time"

	"keyporter/internal/keyporter"
)

func (t *tx) LockInstallation() error {
	return t.execExisting(`UPDATE installation SET guard = guard + 1 WHERE id = 1`)
}

func (t *tx) IsSetUp() (bool, error) {
	n, err := t.queryInt(`SELECT count(*) FROM (SELECT id FROM users LIMIT 1) AS counted`)
	return n > 0, err
}

func (t *tx) PublicURL() (string, error) {
	return queryOne(t, func(r row) (url string, err error) {
		err = r.Scan(&url)
		return url, err
	}, `SELECT public_url FROM installation WHERE id = 1`)
}

func (t *tx) SetPublicURL(url string) error {
	return t.execExisting(`UPDATE installation SET public_url = $1 WHERE id = 1`, url)
}

const userColumns = `id, name, email, password_hash, operator, created_at, failed_sign_ins, last_failed_at,
	last_subscription_id, invited_by, invited_to, invited_at`

func scanUser(r row) (keyporter.User, error) {
	var u keyporter.User
	var stored string
	var created, failed, invited sql.NullInt64
	var last, by, to sql.NullString
	err := r.Scan(&u.ID, &u.Name, &u.Email, &stored, &u.Operator, &created, &u.FailedSignIns, &failed, &last, &by, &to,
		&invited)
	u.Created, u.LastFailed, u.Last = fromMS(created), fromMS(failed), last.String
	u.InvitedBy, u.InvitedTo, u.Invited = by.String, to.String, fromMS(invited)
	return u.WithPasswordHash(stored), err
}

func (t *tx) User(id string) (keyporter.User, error) {
	return queryOne(t, scanUser, `SELECT `+userColumns+` FROM users WHERE id = $1`, id)
}

func (t *tx) UserByEmail(folded string) (keyporter.User, error) {
	return queryOne(t, scanUser, `SELECT `+userColumns+` FROM users WHERE email_folded = $1`, folded)
}

func (t *tx) InsertUser(u keyporter.User, folded string) error {
	return t.exec(`INSERT INTO users (id, name, email, email_folded, password_hash, operator, created_at,
		failed_sign_ins,
			invited_by, invited_to, invited_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10)`,
		u.ID, u.Name, u.Email, folded, u.PasswordHash(), u.Operator, toMS(u.Created),
		orNull(u.InvitedBy), orNull(u.InvitedTo), toMS(u.Invited))
}

func (t *tx) LockUser(id string) error {
	return t.execExisting(`UPDATE users SET name = name WHERE id = $1`, id)
}

func scanEmail(r row) (e keyporter.StoredEmail, err error) {
	err = r.Scan(&e.ID, &e.SubscriptionID, &e.Email, &e.Folded)
	return e, err
}

func (t *tx) UserEmails() ([]keyporter.StoredEmail, error) {
	return queryAll(t, scanEmail, `SELECT id, '', email, email_folded FROM users ORDER BY created_at, id`)
}

func (t *tx) SetUserEmailForm(id, folded string) error {
	return t.execExisting(`UPDATE users SET email_folded = $1 WHERE id = $2`, folded, id)
}

func (t *tx) MemberEmails() ([]keyporter.StoredEmail, error) {
	return queryAll(t, scanEmail,
		`SELECT id, subscription_id, email, email_folded FROM members ORDER BY invited_at, id`)
}

func (t *tx) SetMemberEmailForm(id, folded string) error {
	return t.execExisting(`UPDATE members SET email_folded = $1 WHERE id = $2`, folded, id)
}

func (t *tx) SetUserName(id, name string) error {
	return t.execExisting(`UPDATE users SET name = $1 WHERE id = $2`, name, id)
}

func (t *tx) SetPassword(id, stored string) error {
	return t.execExisting(`UPDATE users SET password_hash = $1 WHERE id = $2`, stored, id)
}

func (t *tx) SetOperator(id string, operator bool) error {
	return t.execExisting(`UPDATE users SET operator = $1 WHERE id = $2`, operator, id)
}

func (t *tx) CountOperators() (int, error) {
	return t.queryInt(`SELECT count(*) FROM users WHERE operator`)
}

func (t *tx) SetLastSubscription(id, subscription string) error {
	return t.exec(`UPDATE users SET last_subscription_id = $1 WHERE id = $2`, subscription, id)
}

func (t *tx) CountFailedSignIn(id string, at time.Time) error {
	return t.exec(`UPDATE users SET failed_sign_ins = failed_sign_ins + 1, last_failed_at = $1 WHERE id = $2`, toMS(at),
		id)
}

func (t *tx) ClearFailedSignIns(id string) error {
	return t.exec(`UPDATE users SET failed_sign_ins = 0, last_failed_at = NULL WHERE id = $1`, id)
}
