package store

import (
	"database/sql"

	"keyporter/internal/keyporter"
)

const subscriptionColumns = `s.id, s.name, s.created_at, s.feature_available, s.feature_on,
	s.longest_key_life, s.write_needs_addresses`

func scanSubscription(r row) (keyporter.Subscription, error) {
	var s keyporter.Subscription
	var created sql.NullInt64
	err := r.Scan(&s.ID, &s.Name, &created, &s.Available, &s.On, &s.KeyPolicy.LongestLife,
		&s.KeyPolicy.WriteNeedsAddresses)
	s.Created = fromMS(created)
	return s, err
}

func (t *tx) Subscription(id string) (keyporter.Subscription, error) {
	return queryOne(t, scanSubscription, `SELECT `+subscriptionColumns+` FROM subscriptions s WHERE s.id = $1`, id)
}

func (t *tx) InsertSubscription(s keyporter.Subscription) error {
	return t.change(change{kind: subscriptionCreated, subscription: s.ID},
		`INSERT INTO subscriptions (id, name, created_at, feature_available, feature_on, guard)
			VALUES ($1, $2, $3, $4, $5, 0)`,
		s.ID, s.Name, toMS(s.Created), s.Available, s.On)
}

func (t *tx) LockSubscription(id string) error {
	return t.execExisting(`UPDATE subscriptions SET guard = guard + 1 WHERE id = $1`, id)
}

func (t *tx) RenameSubscription(id, name string) error {
	return t.execExisting(`UPDATE subscriptions SET name = $1 WHERE id = $2`, name, id)
}

func (t *tx) SetFeature(id string, available, on bool) error {
	return t.change(change{kind: featureSet, subscription: id},
		`UPDATE subscriptions SET feature_available = $1, feature_on = $2 WHERE id = $3`, available, on, id)
}

func (t *tx) SetKeyPolicy(id string, policy keyporter.KeyPolicy) error {
	return t.execExisting(`UPDATE subscriptions SET longest_key_life = $1, write_needs_addresses = $2
		WHERE id = $3`, policy.LongestLife, policy.WriteNeedsAddresses, id)
}

func (t *tx) Subscriptions(pos keyporter.Position, n int) ([]keyporter.Subscription, error) {
	where, order, args := keyset(pos, "s.created_at", "s.id", []any{n})
	return queryAll(t, func(r row) (s keyporter.Subscription, err error) {
		var created sql.NullInt64
		err = r.Scan(&s.ID, &s.Name, &created, &s.Available, &s.On, &s.KeyPolicy.LongestLife,
			&s.KeyPolicy.WriteNeedsAddresses, &s.Members)
		s.Created = fromMS(created)
		return s, err
	}, `SELECT `+subscriptionColumns+`,
			(SELECT count(*) FROM members m WHERE m.subscription_id = s.id AND m.user_id IS NOT NULL)
		FROM subscriptions s WHERE TRUE`+where+order+` LIMIT $1`, args...)
}

func (t *tx) SubscriptionsOf(userID string) ([]keyporter.Subscription, error) {
	return queryAll(t, scanSubscription, `SELECT `+subscriptionColumns+`
		FROM members m JOIN subscriptions s ON s.id = m.subscription_id
		WHERE m.user_id = $1 ORDER BY s.name, s.id`, userID)
}
