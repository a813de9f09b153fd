package store

import (
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/storetest"
	"keyporter/internal/token"
)

// TestOldLastUsesAreClients checks that the last uses that are known are clients after the migration, those of the 14
// days before the latest one alone.
func TestOldLastUsesAreClients(t *testing.T) {
	storetest.Each(t, func(t *testing.T, e storetest.Engine) {
		const day = 24 * 60 * 60 * 1000
		s := openOld(t, e, 16, func(run func(query string, args ...any)) {
			run(`INSERT INTO users (id, name, email, email_folded, password_hash, operator, created_at, failed_sign_ins)
				VALUES ('ada', 'Ada', 'ada@example.com', 'ada@example.com', 'x', TRUE, 1, 0)`)
			run(`INSERT INTO subscriptions (id, name, created_at, feature_available, feature_on, guard)
				VALUES ('acme', 'Acme', 1, TRUE, TRUE, 0)`)
			for _, key := range [][]any{
				{"k00000000001", 20 * day, "192.0.2.7", "export/1"},
				{"k00000000002", 20 * day, "unknown", nil},
				{"k00000000003", 6 * day, "192.0.2.8", "long ago"},
				{"k00000000004", nil, nil, nil},
			} {
				run(`INSERT INTO integration_keys (id, subscription_id, description, search_text, write_access,
					hash_name, hash, created_at, created_by, last_used_at, last_used_address, last_used_agent)
					VALUES ($1, 'acme', 'a', 'a', FALSE, 'sha256', $5, 1, 'ada', $2, $3, $4)`,
					append(key, make([]byte, 32))...)
			}
		})
		again := keyporter.ClientUse{KeyID: token.KeyID([]byte("k00000000002"))} // of an address that is not known
		again.First, again.Last = time.UnixMilli(21*day), time.UnixMilli(21*day)
		err := s.Write(t.Context(), func(tx keyporter.Tx) error {
			return tx.AddClients([]keyporter.ClientUse{again})
		})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"k00000000001": "192.0.2.7 export/1", "k00000000002": "invalid IP "}
		err = s.Read(t.Context(), func(tx keyporter.Tx) error {
			for _, id := range []string{"k00000000001", "k00000000002", "k00000000003", "k00000000004"} {
				got := ""
				all, err := tx.KeyClients(token.KeyID([]byte(id)), false, time.UnixMilli(1))
				if err != nil {
					return err
				}
				for _, c := range all {
					got += c.Address.String() + " " + c.Agent
				}
				if got != want[id] {
					t.Errorf("the clients of %s are %q, want %q", id, got, want[id])
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
