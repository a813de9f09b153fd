package store

import (
	"path/filepath"
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/storetest"
)

// oldDatabase returns the address of a database that an older version has left: with the schema of a version, and what
// fill inserts.
func oldDatabase(t *testing.T, e storetest.Engine, version int64,
	fill func(run func(query string, args ...any))) string {
	t.Helper()
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
	if _, err := provider.UpTo(ctx, version); err != nil {
		t.Fatal(err)
	}
	fill(func(query string, args ...any) {
		t.Helper()
		if _, err := old.writer.ExecContext(ctx, query, args...); err != nil {
			t.Fatal(err)
		}
	})
	if err := old.close(); err != nil {
		t.Fatal(err)
	}
	return address
}

// openOld opens what oldDatabase returns.
func openOld(t *testing.T, e storetest.Engine, version int64, fill func(run func(query string, args ...any))) *Store {
	t.Helper()
	s, err := Open(t.Context(), oldDatabase(t, e, version, fill))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestFirstApplications checks that the migration gives an application to each subscription that has none, and only
// then.
func TestFirstApplications(t *testing.T) {
	storetest.Each(t, func(t *testing.T, e storetest.Engine) {
		ctx := t.Context()
		address := oldDatabase(t, e, firstApplicationsVersion-1, func(run func(query string, args ...any)) {
			for _, id := range []string{"acme00000000", "globex000000"} {
				run(`INSERT INTO subscriptions (id, name, created_at, feature_available, feature_on, guard)
					VALUES ($1, 'A', 7, TRUE, TRUE, 0)`, id)
			}
		})
		keys := map[string]bool{}
		for range 2 { // the second start changes nothing
			s, err := Open(ctx, address)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range []string{"acme00000000", "globex000000"} {
				err := s.Read(ctx, func(tx keyporter.Tx) error {
					all, err := tx.Applications(id)
					if len(all) != 1 || all[0].Name != "Web app" || !all[0].Default || all[0].Created.UnixMilli() != 7 {
						t.Errorf("%s has the applications %+v", id, all)
						return err
					}
					keys[all[0].Key] = true
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if len(keys) != 2 {
			t.Errorf("there are %d application keys", len(keys))
		}
	})
}
