package store

import (
	"testing"

	"keyporter/internal/storetest"
)

// TestLongMigration checks that the migration lock is held until the migration is done, also on a server that ends
// transactions with nothing to do after a second.
func TestLongMigration(t *testing.T) {
	server := storetest.OwnServer(t, "idle_in_transaction_session_timeout=1000")
	s, err := Open(t.Context(), server.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.engine.withMigrationLock(t.Context(), s.engine.writer, func() error {
		free := true
		err := s.engine.readers.QueryRow(`SELECT pg_try_advisory_xact_lock($1) FROM pg_sleep(2)`,
			int64(migrationLock)).Scan(&free)
		if free {
			t.Errorf("another process would change the schema too: %v", err)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
