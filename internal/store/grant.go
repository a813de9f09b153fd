package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"keyporter/internal/keyporter"
)

const (
	// grantTime bounds a judgement's question to the database.
	grantTime = 5 * time.Second
	// grantTry bounds it on one connection, which may have to be made: a healthy database answers in a thousandth of that, and
	// a connection that was lost without a word never does.
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

// A key is in one of the two tables at any moment, so there is one row at most.
const grantQuery = `SELECT k.hash, k.subscription_id, k.write_access, s.feature_on, FALSE, s.default_application_id
	FROM integration_keys k JOIN subscriptions s ON s.id = k.subscription_id WHERE k.id = $1
	UNION ALL SELECT NULL, d.subscription_id, FALSE, FALSE, TRUE, NULL FROM deleted_keys d WHERE d.id = $1 LIMIT 1`

// ask reads what stands in the database now. Nothing is kept from one judgement to the next, so what any process has
// committed binds the next judgement of every process. A client that goes away does not cost its connection, which
// cancelling a statement would.
func (s *Store) ask(ctx context.Context, id keyporter.KeyID) (keyporter.Grant, bool, error) {
	var g keyporter.Grant
	var hash []byte
	var application sql.NullInt64
	err := s.askOne(ctx, []any{&hash, &g.SubscriptionID, &g.Write, &g.On, &g.Deleted, &application}, grantQuery, id.String())
	if errors.Is(err, sql.ErrNoRows) {
		return keyporter.Grant{}, false, nil
	}
	if err == nil && copy(g.Hash[:], hash) != len(g.Hash) && !g.Deleted {
		err = keyporter.ErrUnavailable
	}
	if err != nil {
		return keyporter.Grant{}, false, err
	}
	g.Application = idText(application)
	return g, true, nil
}

func (s *Store) askOwner(ctx context.Context, subscription string, ids []keyporter.ApplicationID) (bool, error) {
	args, list := []any{subscription}, ""
	for _, id := range ids {
		args = append(args, int64(id))
		list += fmt.Sprintf(", $%d", len(args))
	}
	owned := 0
	err := s.askOne(ctx, []any{&owned}, `SELECT count(*) FROM applications WHERE subscription_id = $1 AND id IN (`+list[2:]+`)`, args...)
	return owned == len(ids), err
}

// askOne reads one row for a judgement, on another connection where one is broken or does not answer.
func (s *Store) askOne(ctx context.Context, row []any, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grantTime)
	defer cancel()
	return s.engine.onWhole(ctx, func() error {
		try, cancel := context.WithTimeoutCause(ctx, grantTry, errSlow)
		defer cancel()
		return s.engine.failed(try, s.engine.judges, s.engine.judges.QueryRowContext(try, query, args...).Scan(row...))
	})
}
