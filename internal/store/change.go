package store

import (
	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// A changeKind says what a transaction changed of what the gate judges by.
type changeKind int

const (
	keyCreated changeKind = iota
	keyEdited
	keyDeleted
	subscriptionCreated
	featureSet
	applicationCreated
	applicationDeleted
	defaultApplicationSet
)

// A change names one row that a transaction changed and that the gate judges by. It holds no values: code that needs
// them reads the row, in the same transaction or after its commit.
type change struct {
	kind         changeKind
	subscription string
	key          token.KeyID             // of the key's kinds alone
	application  keyporter.ApplicationID // of the application's kinds alone
}

// change runs a statement that changes what the gate judges by, and records the change in the transaction. No other
// statement may write the columns that the gate judges by, except in migrations and in [Move], which run before a
// process keeps any of them in memory: TestChangesAreRecorded reads them all. A statement that touches no row is
// [keyporter.ErrNotFound].
func (t *tx) change(c change, query string, args ...any) error {
	t.changes = append(t.changes, c)
	return t.execExisting(query, args...)
}
