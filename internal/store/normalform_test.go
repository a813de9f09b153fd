package store

import (
	"path/filepath"
	"strconv"
	"testing"

	"keyporter/internal/storetest"
)

// TestStoredTextsAreNormalised migrates text in the two forms of its letters, among it entries of an Exclude List
// that become equal.
func TestStoredTextsAreNormalised(t *testing.T) {
	const composed, decomposed = "Caf\u00e9", "Cafe\u0301"
	storetest.Each(t, func(t *testing.T, e storetest.Engine) {
		ctx, address := t.Context(), e.Empty(t)
		if e.String() == "sqlite" {
			address = filepath.Join(t.TempDir(), "keyporter.db")
		}
		old, err := connect(ctx, address, exclusive)
		if err != nil {
			t.Fatal(err)
		}
		provider, err := newProvider(old)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := provider.UpTo(ctx, nfcMigrationVersion-1); err != nil {
			t.Fatal(err)
		}
		run := func(query string, args ...any) {
			t.Helper()
			if _, err := old.writer.ExecContext(ctx, query, args...); err != nil {
				t.Fatal(err)
			}
		}
		run(`INSERT INTO users (id, name, email, email_folded, password_hash, operator, created_at, failed_sign_ins)
			VALUES ('u', $1, $1, $1, '', FALSE, 1, 0)`, decomposed)
		for _, id := range []string{"s", "other"} {
			run(`INSERT INTO subscriptions (id, name, created_at, feature_available, feature_on, guard)
				VALUES ($1, $2, 1, TRUE, TRUE, 0)`, id, decomposed)
			run(`INSERT INTO exclude_lists (subscription_id, version) VALUES ($1, 'before')`, id)
		}
		run(`INSERT INTO members (id, subscription_id, user_id, name, email, email_folded, role, key_access, invited_at)
			VALUES ('m', 's', 'u', $1, $1, $1, 'viewer', FALSE, 1)`, decomposed)
		for i := range 2*rowsPerInsert + 1 { // more than are read at once
			run(`INSERT INTO applications (id, subscription_id, name, platform, application_key, created_at)
				VALUES ($1, 's', $2, 'web', $3, 1)`, 1000-i, decomposed, strconv.Itoa(i))
		}
		run(`INSERT INTO integration_keys (id, subscription_id, description, search_text, write_access, hash_name, hash,
			created_at, created_by)
			VALUES ('4fT9aQ0bZ7Lm', 's', $1, 'x', FALSE, 'sha256', $2, 1, 'u')`, decomposed, make([]byte, 32))
		run(`INSERT INTO integration_keys (id, subscription_id, description, search_text, write_access, hash_name, hash,
			created_at, created_by)
			VALUES ('5fT9aQ0bZ7Lm', 's', 'Plain', $1, FALSE, 'sha256', $2, 1, 'u')`,
			"plain\n5ft9aq0bz7lm", make([]byte, 32))
		run(`INSERT INTO feedback_keys (id, subscription_id, user_id, description, search_text, hash_name, hash,
			created_at)
			VALUES ('6fT9aQ0bZ7Lm', 's', 'u', $1, 'x', 'sha256', $2, 1)`, decomposed, make([]byte, 32))
		run(`INSERT INTO deleted_keys (id, subscription_id, description, write_access, created_at, created_by,
			deleted_at, deleted_by)
			VALUES ('7fT9aQ0bZ7Lm', 's', $1, FALSE, 1, 'u', 1, 'u')`, decomposed)
		for _, entry := range []struct {
			id, subscription, kind, pattern string
			created                         int
		}{
			{"newer", "s", "visitorId", composed, 9}, {"older", "s", "visitorId", decomposed, 2},
			{"account older", "s", "accountId", composed, 2}, {"account newer", "s", "accountId", decomposed, 2},
			{"another list", "other", "visitorId", composed, 5},
		} {
			run(`INSERT INTO exclude_entries (id, subscription_id, kind, pattern, search_text, created_at, created_by)
				VALUES ($1, $2, $3, $4, $5, $6, 'u')`,
				entry.id, entry.subscription, entry.kind, entry.pattern, "caf\u00e9", entry.created)
		}
		if err := old.close(); err != nil {
			t.Fatal(err)
		}
		s, err := Open(ctx, address)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for _, c := range []struct {
			query string
			want  string
		}{
			{`SELECT name FROM users`, composed},
			{`SELECT email FROM users`, decomposed}, // by which people sign in
			{`SELECT min(name) FROM subscriptions`, composed},
			{`SELECT max(name) FROM subscriptions`, composed},
			{`SELECT name FROM members`, composed},
			{`SELECT min(name) FROM applications`, composed},
			{`SELECT max(name) FROM applications`, composed},
			{`SELECT description FROM deleted_keys`, composed},
			{`SELECT description FROM feedback_keys`, composed},
			{`SELECT search_text FROM feedback_keys`, "caf\u00e9\n6ft9aq0bz7lm"},
			{`SELECT description FROM integration_keys WHERE id = '4fT9aQ0bZ7Lm'`, composed},
			{`SELECT search_text FROM integration_keys WHERE id = '4fT9aQ0bZ7Lm'`, "caf\u00e9\n4ft9aq0bz7lm"},
			{`SELECT search_text FROM integration_keys WHERE id = '5fT9aQ0bZ7Lm'`, "plain\n5ft9aq0bz7lm"},
			{`SELECT pattern FROM exclude_entries WHERE id = 'older'`, composed},
			{`SELECT pattern FROM exclude_entries WHERE kind = 'accountId'`, composed},
			{`SELECT pattern FROM exclude_entries WHERE id = 'another list'`, composed},
			{`SELECT version FROM exclude_lists WHERE subscription_id = 'other'`, "before"},
		} {
			var got string
			if err := s.engine.writer.QueryRowContext(ctx, c.query).Scan(&got); err != nil || got != c.want {
				t.Errorf("%s: %+q, %v, want %+q", c.query, got, err, c.want)
			}
		}
		var entries, unchanged int
		if err := s.engine.writer.QueryRowContext(ctx,
			`SELECT count(*) FROM exclude_entries`).Scan(&entries); err != nil || entries != 3 {
			t.Errorf("%d entries are left, %v", entries, err)
		}
		err = s.engine.writer.QueryRowContext(ctx,
			`SELECT count(*) FROM exclude_lists WHERE subscription_id = 's' AND version = 'before'`).Scan(&unchanged)
		if err != nil || unchanged != 0 {
			t.Errorf("the list has its version from before, %v", err)
		}
	})
}
