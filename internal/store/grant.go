package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"keyporter/internal/keyporter"
)

const (
	// grantTime bounds a judgement's question to the database.
	grantTime = 5 * time.Second
	// grantTry bounds it on one connection, which may have to be made: a healthy database answers in a thousandth of
	// that, and a connection that was lost without a word never does.
	grantTry = time.Second
)

// Grant answers from the copy in memory where there is one. Where the copy cannot be trusted it is read anew first.
func (s *Store) Grant(ctx context.Context, id keyporter.KeyID) (keyporter.Grant, bool, error) {
	if s.engine.shared {
		return s.ask(ctx, id)
	}
	if s.copy == nil {
		return keyporter.Grant{}, false, keyporter.ErrUnavailable
	}
	grant, found, trusted := s.copy.grant(id)
	if trusted {
		return grant, found, nil
	}
	if err := s.reload(ctx); err != nil {
		return keyporter.Grant{}, false, err
	}
	if grant, found, trusted = s.copy.grant(id); !trusted {
		return keyporter.Grant{}, false, keyporter.ErrUnavailable
	}
	return grant, found, nil
}

// OwnsApplications answers from where Grant answers.
func (s *Store) OwnsApplications(ctx context.Context, subscription string, ids []keyporter.ApplicationID) (bool, error) {
	if s.engine.shared {
		return s.askOwner(ctx, subscription, ids)
	}
	if s.copy == nil {
		return false, keyporter.ErrUnavailable
	}
	owns, trusted := s.copy.owns(subscription, ids)
	if trusted {
		return owns, nil
	}
	if err := s.reload(ctx); err != nil {
		return false, err
	}
	if owns, trusted = s.copy.owns(subscription, ids); !trusted {
		return false, keyporter.ErrUnavailable
	}
	return owns, nil
}

// reload reads the copy anew while nothing can be written.
func (s *Store) reload(ctx context.Context) error {
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.giveTurn()
	if s.copy.trusted() {
		return nil
	}
	if err := s.engine.there(); err != nil {
		return err
	}
	return s.engine.kind(s.copy.load(ctx, s.engine))
}

// grantQuery returns one row for an unknown ID too, with the answer of [readOnlyServer] and NULLs: a standby must not
// decide that a key does not exist either. A key is in one of the two tables at any moment.
const grantQuery = `SELECT ` + readOnlyServer + `,
		k.hash, coalesce(k.subscription_id, d.subscription_id), k.write_access, s.feature_on, d.id IS NOT NULL,
		s.default_application_id
	FROM (SELECT CAST($1 AS TEXT) AS id) AS asked
	LEFT JOIN integration_keys k ON k.id = asked.id
	LEFT JOIN subscriptions s ON s.id = k.subscription_id
	LEFT JOIN deleted_keys d ON d.id = asked.id`

// ask reads what stands in the database now. Nothing is kept from one judgement to the next, so what any process has
// committed binds the next judgement of every process. A client that goes away does not cost its connection, which
// cancelling a statement would.
func (s *Store) ask(ctx context.Context, id keyporter.KeyID) (keyporter.Grant, bool, error) {
	var hash []byte
	var subscription sql.NullString
	var write, on sql.NullBool
	var deleted bool
	var application sql.NullInt64
	err := s.askOne(ctx, []any{&hash, &subscription, &write, &on, &deleted, &application}, grantQuery, id.String())
	if err != nil || !subscription.Valid {
		return keyporter.Grant{}, false, err
	}
	g := keyporter.Grant{
		SubscriptionID: subscription.String, Write: write.Bool, On: on.Bool, Deleted: deleted,
		Application: idText(application),
	}
	if copy(g.Hash[:], hash) != len(g.Hash) && !g.Deleted {
		return keyporter.Grant{}, false, keyporter.ErrUnavailable
	}
	return g, true, nil
}

func (s *Store) askOwner(ctx context.Context, subscription string, ids []keyporter.ApplicationID) (bool, error) {
	args, list := []any{subscription}, ""
	for _, id := range ids {
		args = append(args, int64(id))
		list += fmt.Sprintf(", $%d", len(args))
	}
	owned := 0
	query := `SELECT ` + readOnlyServer + `, count(*) FROM applications
		WHERE subscription_id = $1 AND id IN (` + list[2:] + `)`
	err := s.askOne(ctx, []any{&owned}, query, args...)
	return owned == len(ids), err
}

// askOne reads one row for a judgement, on another connection where one is broken or does not answer. The query's first
// column is [readOnlyServer], the others are scanned into row. A server that only reads is [keyporter.ErrUnavailable].
func (s *Store) askOne(ctx context.Context, row []any, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grantTime)
	defer cancel()
	return s.engine.onWhole(ctx, func() error {
		try, cancel := context.WithTimeoutCause(ctx, grantTry, errSlow)
		defer cancel()
		var readOnly bool
		err := s.engine.judges.QueryRowContext(try, query, args...).Scan(append([]any{&readOnly}, row...)...)
		if err == nil && readOnly {
			return errReadOnlyServer
		}
		return s.engine.failed(try, s.engine.judges, err)
	})
}
