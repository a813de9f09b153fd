package store

import (
	"database/sql"
	"time"

	"keyporter/internal/keyporter"
)

// A member who has joined has the name that the user chose.
const memberQuery = `SELECT m.id, m.subscription_id, m.user_id, coalesce(u.name, m.name), m.email, m.role, m.key_access,
	m.invited_at, m.invited_by, m.joined_at,
		(SELECT max(l.expires_at) FROM one_time_links l WHERE l.purpose = 'invitation' AND l.subject = m.id)
	FROM members m LEFT JOIN users u ON u.id = m.user_id `

func scanMember(r row) (keyporter.Member, error) {
	var m keyporter.Member
	var user, inviter sql.NullString
	var invited, joined, expires sql.NullInt64
	err := r.Scan(&m.ID, &m.SubscriptionID, &user, &m.Name, &m.Email, &m.Role, &m.KeyAccess, &invited, &inviter,
		&joined, &expires)
	m.InvitedBy = inviter.String
	m.UserID, m.Invited, m.Joined, m.LinkExpires = user.String, fromMS(invited), fromMS(joined), fromMS(expires)
	return m, err
}

func (t *tx) MemberOf(subscription, userID string) (keyporter.Member, error) {
	return queryOne(t, scanMember, memberQuery+`WHERE m.subscription_id = $1 AND m.user_id = $2`, subscription, userID)
}

func (t *tx) Member(subscription, id string) (keyporter.Member, error) {
	return queryOne(t, scanMember, memberQuery+`WHERE m.subscription_id = $1 AND m.id = $2`, subscription, id)
}

func (t *tx) MemberByID(id string) (keyporter.Member, error) {
	return queryOne(t, scanMember, memberQuery+`WHERE m.id = $1`, id)
}

func (t *tx) MemberByEmail(subscription, folded string) (keyporter.Member, error) {
	return queryOne(t, scanMember, memberQuery+`WHERE m.subscription_id = $1 AND m.email_folded = $2`, subscription,
		folded)
}

func (t *tx) Members(subscription string) ([]keyporter.Member, error) {
	return queryAll(t, scanMember, memberQuery+`WHERE m.subscription_id = $1 ORDER BY coalesce(u.name, m.name), m.id`,
		subscription)
}

func (t *tx) IsInvited(folded string) (bool, error) {
	n, err := t.queryInt(`SELECT count(*) FROM members WHERE email_folded = $1 AND user_id IS NULL`, folded)
	return n > 0, err
}

func (t *tx) InsertMember(m keyporter.Member, folded string) error {
	return t.exec(`INSERT INTO members (id, subscription_id, user_id, name, email, email_folded, role, key_access,
		invited_at, invited_by, joined_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		m.ID, m.SubscriptionID, orNull(m.UserID), m.Name, m.Email, folded, string(m.Role), m.KeyAccess, toMS(m.Invited),
		orNull(m.InvitedBy), toMS(m.Joined))
}

func (t *tx) SetRights(id string, r keyporter.Role, keyAccess bool) error {
	return t.execExisting(`UPDATE members SET role = $1, key_access = $2 WHERE id = $3`, string(r), keyAccess, id)
}

func (t *tx) Join(id, userID string, at time.Time) error {
	return t.execExisting(`UPDATE members SET user_id = $1, joined_at = $2 WHERE id = $3 AND user_id IS NULL`, userID,
		toMS(at),
		id)
}

func (t *tx) DeleteMember(id string) error {
	return t.execExisting(`DELETE FROM members WHERE id = $1`, id)
}

func (t *tx) CountSubscriptionAdmins(subscription string) (int, error) {
	return t.queryInt(`SELECT count(*) FROM members WHERE subscription_id = $1 AND role = 'subscription_admin'
		AND user_id IS NOT NULL`, subscription)
}

func (t *tx) SubscriptionAdmins(subscription string, n int) ([]keyporter.UserName, error) {
	return queryAll(t, func(r row) (user keyporter.UserName, err error) {
		err = r.Scan(&user.ID, &user.Name, &user.Email)
		return user, err
	}, `SELECT u.id, u.name, u.email FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.subscription_id = $1 AND m.role = 'subscription_admin' ORDER BY m.joined_at, m.id LIMIT $2`,
		subscription, n)
}
