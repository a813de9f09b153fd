package store

import (
	"database/sql"

	"keyporter/internal/keyporter"
)

const applicationQuery = `SELECT a.id, a.subscription_id, a.name, a.platform, a.application_key, a.created_at,
	coalesce(s.default_application_id = a.id, FALSE)
	FROM applications a JOIN subscriptions s ON s.id = a.subscription_id WHERE a.subscription_id = $1`

func scanApplication(r row) (keyporter.Application, error) {
	var a keyporter.Application
	var created sql.NullInt64
	err := r.Scan(&a.ID, &a.SubscriptionID, &a.Name, &a.Platform, &a.Key, &created, &a.Default)
	a.Created = fromMS(created)
	return a, err
}

func (t *tx) Applications(subscription string) ([]keyporter.Application, error) {
	return queryAll(t, scanApplication, applicationQuery+` ORDER BY a.id`, subscription)
}

func (t *tx) Application(subscription string, id keyporter.ApplicationID) (keyporter.Application, error) {
	return queryOne(t, scanApplication, applicationQuery+` AND a.id = $2`, subscription, int64(id))
}

func (t *tx) InsertApplication(a keyporter.Application) error {
	return t.change(change{kind: applicationCreated, subscription: a.SubscriptionID, application: a.ID},
		`INSERT INTO applications (id, subscription_id, name, platform, application_key, created_at)
			VALUES ($1, $2, $3, $4, $5, $6)`,
		int64(a.ID), a.SubscriptionID, a.Name, string(a.Platform), a.Key, toMS(a.Created))
}

func (t *tx) RenameApplication(id keyporter.ApplicationID, name string) error {
	return t.execExisting(`UPDATE applications SET name = $1 WHERE id = $2`, name, int64(id))
}

func (t *tx) SetDefaultApplication(subscription string, id keyporter.ApplicationID) error {
	return t.change(change{kind: defaultApplicationSet, subscription: subscription, application: id},
		`UPDATE subscriptions SET default_application_id = $1 WHERE id = $2`, int64(id), subscription)
}

func (t *tx) DeleteApplication(subscription string, id keyporter.ApplicationID) error {
	return t.change(change{kind: applicationDeleted, subscription: subscription, application: id},
		`DELETE FROM applications WHERE id = $1 AND subscription_id = $2`, int64(id), subscription)
}
