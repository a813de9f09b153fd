package store

import (
	"context"
	"database/sql"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

const (
	// judgeTimeout bounds a judgement's question to the database.
	judgeTimeout = 5 * time.Second
	// judgeTryTimeout bounds it on one connection, which may have to be made: a healthy database answers in a
	// thousandth of that, and a connection that was lost without notice never does.
	judgeTryTimeout = time.Second
)

// A primarySource is the [keySource] of every process on PostgreSQL. It asks the server for each judgement and keeps
// nothing, so what any process has committed counts for the next judgement of every process.
type primarySource struct{ engine *engine }

func (primarySource) load(context.Context) error { return nil }

func (primarySource) prepare(*tx, []change) (func(error), error) { return ignoreCommit, nil }

// grantQuery returns one row for an unknown ID too, with the answer of [readOnlyServer] and NULLs: a standby must not
// decide that a key does not exist either. A key is in one of the two tables at any moment.
//
// It also returns the server's time: all nodes judge the ends of keys by it.
var grantQuery = `SELECT ` + readOnlyServer + `,
		k.hash, coalesce(k.subscription_id, d.subscription_id), s.feature_on, d.id IS NOT NULL,
		s.default_application_id, CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT), ` +
	factColumns("k.") + `
	FROM (SELECT CAST($1 AS TEXT) AS id) AS asked
	LEFT JOIN integration_keys k ON k.id = asked.id
	LEFT JOIN subscriptions s ON s.id = k.subscription_id
	LEFT JOIN deleted_keys d ON d.id = asked.id`

func (p primarySource) grant(ctx context.Context, id token.KeyID) (keyporter.Grant, bool, error) {
	var g keyporter.Grant
	var hash []byte
	var subscription sql.NullString
	var application sql.NullInt64
	fields := []any{&hash, &subscription, column[bool]{&g.FeatureOn}, &g.Deleted, &application, &g.At}
	err := p.engine.askPrimary(ctx, append(fields, factFields(&g.KeyFacts)...), grantQuery, id.String())
	if err != nil || !subscription.Valid {
		return keyporter.Grant{}, false, err
	}
	g.SubscriptionID, g.Application = subscription.String, applicationText(application)
	if copy(g.Hash[:], hash) != len(g.Hash) && !g.Deleted {
		return keyporter.Grant{}, false, keyporter.ErrUnavailable
	}
	return g, true, nil
}

func (p primarySource) ownsApplications(ctx context.Context, subscription string, ids []keyporter.ApplicationID) (bool,
	error) {
	args := []any{subscription}
	for _, id := range ids {
		args = append(args, int64(id))
	}
	owned := 0
	query := `SELECT ` + readOnlyServer + `, count(*) FROM applications
		WHERE subscription_id = $1 AND id IN (` + placeholders(2, len(args)) + `)`
	err := p.engine.askPrimary(ctx, []any{&owned}, query, args...)
	return owned == len(ids), err
}

// askPrimary reads one row on a connection of the gate, and on another one where that is broken or does not answer. The
// query's first column is [readOnlyServer], the others are scanned into fields. A server that only reads is
// [keyporter.ErrUnavailable]. A client that disconnects does not cancel the statement, which would cost the connection.
func (e *engine) askPrimary(ctx context.Context, fields []any, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), judgeTimeout)
	defer cancel()
	return e.retryBadConn(ctx, func() error {
		try, cancel := context.WithTimeoutCause(ctx, judgeTryTimeout, errSlow)
		defer cancel()
		var readOnly bool
		err := e.gatePool.QueryRowContext(try, query, args...).Scan(append([]any{&readOnly}, fields...)...)
		if err == nil && readOnly {
			return errReadOnlyServer
		}
		return e.wrapError(try, e.gatePool, err)
	})
}
