package store

import (
	"context"
	"errors"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// A keySource answers what the gate judges by. Which one a process has depends on how it opened the database: see
// openSQLite and openPostgres.
type keySource interface {
	// load reads what the source keeps in memory. It is called once, before anything else.
	load(ctx context.Context) error
	// grant answers as [keyporter.Store.Grant].
	grant(ctx context.Context, id token.KeyID) (keyporter.Grant, bool, error)
	// ownsApplications answers as [keyporter.Store.OwnsApplications].
	ownsApplications(ctx context.Context, subscription string, ids []keyporter.ApplicationID) (bool, error)
	// prepare is called with the changes that a transaction is about to commit. It returns a function that has to be
	// called with the result of the commit, or an error if this process must not change what the gate judges by.
	prepare(t *tx, changes []change) (committed func(error), err error)
}

// An unavailableSource belongs to a command that has opened a database file which another process serves. It answers
// nothing and lets nothing be changed that the gate judges by, because the other process would not learn of it.
type unavailableSource struct{}

func (unavailableSource) load(context.Context) error { return nil }

func (unavailableSource) grant(context.Context, token.KeyID) (keyporter.Grant, bool, error) {
	return keyporter.Grant{}, false, keyporter.ErrUnavailable
}

func (unavailableSource) ownsApplications(context.Context, string, []keyporter.ApplicationID) (bool, error) {
	return false, keyporter.ErrUnavailable
}

func (unavailableSource) prepare(_ *tx, changes []change) (func(error), error) {
	if len(changes) > 0 {
		return nil, errors.New("keys cannot be changed while another process serves the database")
	}
	return ignoreCommit, nil
}

// ignoreCommit is for sources that keep nothing.
func ignoreCommit(error) {}
