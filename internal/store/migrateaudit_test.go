package store

import (
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/storetest"
)

// TestOldAuditEventsNameAnAddress checks that events from before the migration get the email address of the actor,
// where it is known; the command line's rows, which only name the user they are about, do not.
func TestOldAuditEventsNameAnAddress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, e storetest.Engine) {
		ctx := t.Context()
		const line = `INSERT INTO audit_lines (id, at, subscription_id, user_id, who, action, key_id, detail, address,
			refused) VALUES `
		s := openOld(t, e, 8, func(run func(query string, args ...any)) {
			run(`INSERT INTO users (id, name, email, email_folded, password_hash, operator, created_at, failed_sign_ins)
				VALUES ('ada', 'Ada', 'ada@example.com', 'ada@example.com', 'x', TRUE, 1, 0)`)
			run(line + `('1', 1, 'acme', 'ada', 'Ada', 'key.created', 'k', '', '192.0.2.7', FALSE)`)
			run(line + `('2', 2, 'acme', 'gone', 'Bob', 'key.deleted', 'k', '', '192.0.2.7', TRUE)`)
			run(line + `('3', 3, NULL, 'ada', 'command line', 'account.operator_added', '', '', '', FALSE)`)
			run(line + `('4', 4, 'acme', 'ada', 'command line', 'key.created', 'k', '', '192.0.2.7', FALSE)`)
		})
		var all []keyporter.AuditEvent
		err := s.Read(ctx, func(tx keyporter.Tx) error {
			of, err := tx.AuditEvents("acme", keyporter.Position{}, 10)
			if err != nil {
				return err
			}
			account, err := tx.AccountEvents("ada", 10)
			all = append(of, account...)
			return err
		})
		if err != nil || len(all) != 4 {
			t.Fatalf("%d events, %v", len(all), err)
		}
		want := map[string]string{"1": "ada@example.com", "2": "", "3": "", "4": "ada@example.com"}
		for _, l := range all {
			if l.Email != want[l.ID] || l.Attempts != 1 || !l.Last.IsZero() {
				t.Errorf("%+v, want the address %q", l, want[l.ID])
			}
			if l.Refused && l.Object != "k" {
				t.Errorf("a refused attempt is aimed at %q", l.Object)
			}
		}
	})
}
