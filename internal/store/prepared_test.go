package store

import (
	"testing"

	"keyporter/internal/storetest"
	"keyporter/internal/token"
)

// TestGrantIsPrepared checks that the gate's statement is prepared on direct connections, and not behind a pooler.
func TestGrantIsPrepared(t *testing.T) {
	for want, e := range []storetest.Engine{storetest.Pooled(t), storetest.Postgres(t)} {
		s, err := Open(t.Context(), e.Empty(t))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		s.engine.gatePool.SetMaxOpenConns(1)
		id, _ := token.ParseKeyID("key000000000")
		for range 3 {
			if _, found, err := s.Grant(t.Context(), id); found || err != nil {
				t.Fatal(found, err)
			}
		}
		got := 0
		if err := s.engine.gatePool.QueryRow(`SELECT count(*) FROM pg_prepared_statements`).Scan(&got); got != want ||
			err != nil {
			t.Errorf("%d statements are prepared, want %d, %v", got, want, err)
		}
	}
}
