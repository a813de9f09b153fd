package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// grants is everything that a memory answers.
func grants(t *testing.T, m *memorySource, ids []token.KeyID, subscriptions []string,
	apps []keyporter.ApplicationID) string {
	t.Helper()
	all := ""
	for _, id := range ids {
		g, found, valid := m.lookUp(id)
		if !valid {
			t.Fatal("the memory is not valid")
		}
		all += fmt.Sprintf("%s %v %v\n", id, found, g)
	}
	for _, app := range apps {
		for _, sub := range subscriptions {
			owns, _ := m.owns(sub, []keyporter.ApplicationID{app})
			all += fmt.Sprintf("%s owns %s: %v\n", sub, app, owns)
		}
	}
	return all
}

// compareWithDatabase compares what the gate judges by with the database, which it reads with statements of its own.
func compareWithDatabase(t *testing.T, s *Store, ids []token.KeyID, subscriptions []string,
	apps []keyporter.ApplicationID) {
	t.Helper()
	want := ""
	for _, id := range ids {
		g, found := storedGrant(t, s.engine.readers, id)
		want += fmt.Sprintf("%s %v %v\n", id, found, g)
	}
	for _, app := range apps {
		for _, sub := range subscriptions {
			n := 0
			if err := s.engine.readers.QueryRowContext(t.Context(), `SELECT count(*) FROM applications
				WHERE id = $1 AND subscription_id = $2`, int64(app), sub).Scan(&n); err != nil {
				t.Fatal(err)
			}
			want += fmt.Sprintf("%s owns %s: %v\n", sub, app, n == 1)
		}
	}
	if got := grants(t, s.keys.(*memorySource), ids, subscriptions, apps); got != want {
		t.Fatalf("the gate judges by\n%s\nthe database has\n%s", got, want)
	}
}

// storedGrant returns what the tables say of a key ID. It names the columns itself, so that a mistake in the store's
// lists of columns is found.
func storedGrant(t *testing.T, db *sql.DB, id token.KeyID) (g keyporter.Grant, found bool) {
	t.Helper()
	var hash []byte
	var application sql.NullInt64
	err := db.QueryRowContext(t.Context(), `SELECT k.subscription_id, k.hash, k.write_access, s.feature_on,
		s.default_application_id FROM integration_keys k JOIN subscriptions s ON s.id = k.subscription_id
		WHERE k.id = $1`, id.String()).Scan(&g.SubscriptionID, &hash, &g.Write, &g.FeatureOn, &application)
	if errors.Is(err, sql.ErrNoRows) {
		g.Deleted = true
		err = db.QueryRowContext(t.Context(), `SELECT d.subscription_id, s.feature_on, s.default_application_id
			FROM deleted_keys d JOIN subscriptions s ON s.id = d.subscription_id WHERE d.id = $1`, id.String()).
			Scan(&g.SubscriptionID, &g.FeatureOn, &application)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return keyporter.Grant{}, false
	}
	if err != nil {
		t.Fatal(err)
	}
	copy(g.Hash[:], hash)
	if application.Valid {
		g.Application = keyporter.ApplicationID(application.Int64).String()
	}
	return g, true
}

// TestMemoryEqualsDatabase compares them after random operations, of which some fail at the end, at their commit, or in
// the middle of a transaction.
func TestMemoryEqualsDatabase(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "keyporter.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const owner = "user00000000"
	at := time.UnixMilli(1_700_000_000_000)
	if err := s.Write(ctx, func(tx keyporter.Tx) error {
		return tx.InsertUser(keyporter.User{ID: owner, Name: "Ada", Email: "a", Created: at}, "a")
	}); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(rand.Uint64(), 1))
	failed := errors.New("failed")
	var ids []token.KeyID
	var subscriptions, pending []string // pending until they are committed
	var apps []keyporter.ApplicationID
	operation := func(tx keyporter.Tx) error {
		switch n := rng.IntN(14); {
		case n == 0 || len(subscriptions) == 0:
			id := fmt.Sprintf("sub%09d", rng.IntN(1_000_000_000))
			pending = append(pending, id)
			return tx.InsertSubscription(keyporter.Subscription{ID: id, Name: "S", Created: at, Available: true,
				On: rng.IntN(2) == 0})
		case n < 4 || len(ids) == 0:
			id, _ := token.ParseKeyID(fmt.Sprintf("key%09d", rng.IntN(1_000_000_000)))
			ids = append(ids, id)
			k := keyporter.Key{ID: id, SubscriptionID: subscriptions[rng.IntN(len(subscriptions))], Description: "k",
				KeyFacts: keyporter.KeyFacts{Write: rng.IntN(2) == 0},
				Created:  at, CreatedBy: owner}
			return tx.InsertKey(k, "k", token.HashName, sha256.Sum256(id[:]))
		case n < 8:
			k, found := existingKey(tx, rng, subscriptions, ids)
			switch {
			case !found:
				return keyporter.ErrNotFound
			case n < 6:
				k.Description, k.Write = "other", rng.IntN(2) == 0
				return tx.UpdateKey(k, "other")
			}
			return tx.DeleteKey(k, owner, at)
		case n < 10:
			app := keyporter.FirstApplication("kp", subscriptions[rng.IntN(len(subscriptions))], at)
			apps = append(apps, app.ID)
			return tx.InsertApplication(app)
		case n < 12 && len(apps) > 0:
			app, sub := apps[rng.IntN(len(apps))], subscriptions[rng.IntN(len(subscriptions))]
			if rng.IntN(2) == 0 {
				return tx.DeleteApplication(sub, app)
			}
			return tx.SetDefaultApplication(sub, app)
		}
		available := rng.IntN(2) == 0
		return tx.SetFeature(subscriptions[rng.IntN(len(subscriptions))], available, available && rng.IntN(2) == 0)
	}
	done := 0
	for range 200 {
		pending = nil
		err := s.Write(ctx, func(tx keyporter.Tx) error {
			for range 1 + rng.IntN(3) {
				if err := operation(tx); err != nil {
					return err
				}
			}
			switch rng.IntN(10) {
			case 0:
				return failed
			case 1:
				return breakCommit(tx)
			}
			return nil
		})
		if err == nil {
			done++
			subscriptions = append(subscriptions, pending...)
		}
		if s.keys.(*memorySource).isValid() {
			compareWithDatabase(t, s, ids, subscriptions, apps)
		} else if len(ids) > 0 {
			if _, _, err := s.Grant(ctx, ids[0]); err != nil { // loads it again
				t.Fatal(err)
			}
			compareWithDatabase(t, s, ids, subscriptions, apps)
		}
	}
	if done < 40 {
		t.Errorf("only %d of 200 transactions worked", done)
	}
}

// existingKey picks a key that exists, if a few tries find one.
func existingKey(tx keyporter.Tx, rng *rand.Rand, subscriptions []string, ids []token.KeyID) (keyporter.Key, bool) {
	for range 5 {
		id := ids[rng.IntN(len(ids))]
		for _, sub := range subscriptions {
			if k, err := tx.Key(keyporter.KeyOwner{Kind: keyporter.IntegrationKey, SubscriptionID: sub},
				id); err == nil {
				return k, true
			}
		}
	}
	return keyporter.Key{}, false
}

// breakCommit makes a transaction fail when it is committed, and not before.
func breakCommit(tx keyporter.Tx) error {
	t := tx.(*storeTx)
	if err := t.exec(`PRAGMA defer_foreign_keys = ON`); err != nil {
		return err
	}
	return t.exec(`INSERT INTO members (id, subscription_id, name, email, email_folded, role, key_access, invited_at)
		VALUES ('x', 'missing', 'x', 'x', 'x', 'viewer', FALSE, 0)`)
}

type storeTx = tx

// TestFailedCommit checks that the memory is invalid until it is loaded again, and that the store still works.
func TestFailedCommit(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "keyporter.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sub := keyporter.Subscription{ID: "acme00000000", Name: "Acme", Created: time.UnixMilli(1), Available: true,
		On: true}
	if err := s.Write(ctx, func(tx keyporter.Tx) error { return tx.InsertSubscription(sub) }); err != nil {
		t.Fatal(err)
	}
	err = s.Write(ctx, func(tx keyporter.Tx) error {
		return errors.Join(tx.SetFeature(sub.ID, true, false), breakCommit(tx))
	})
	if err == nil {
		t.Fatal("the commit worked")
	}
	if s.keys.(*memorySource).isValid() {
		t.Error("the memory is valid although it is not known what was committed")
	}
	if _, found, err := s.Grant(ctx, token.KeyID{}); found || err != nil {
		t.Errorf("the gate says %v, %v", found, err)
	}
	memory := s.keys.(*memorySource)
	if !memory.isValid() || !memory.current.Load().subscriptions[memory.subscriptionIndex[sub.ID]].featureOn {
		t.Error("the memory was not loaded again")
	}
	if err := s.Write(ctx, func(tx keyporter.Tx) error { return tx.SetFeature(sub.ID, true, false) }); err != nil {
		t.Errorf("the next transaction: %v", err)
	}
}

// TestInvalidMemoryAnswersNothing checks that every answer is unavailable while the memory cannot be loaded again.
func TestInvalidMemoryAnswersNothing(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "keyporter.db"))
	if err != nil {
		t.Fatal(err)
	}
	s.keys.(*memorySource).invalidate()
	s.Close()
	if _, _, err := s.Grant(context.Background(), token.KeyID{}); !errors.Is(err, keyporter.ErrUnavailable) {
		t.Errorf("the gate says %v", err)
	}
}
