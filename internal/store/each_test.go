package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
	"keyporter/internal/storetest"
	"keyporter/internal/token"
)

// TestMain lets this binary also be the process that is killed, or whose disk is full.
func TestMain(m *testing.M) {
	if path := os.Getenv("KEYPORTER_TEST_CHILD"); path != "" {
		childWrites(path)
		return
	}
	os.Exit(m.Run())
}

// each runs a test of the store on every engine, and on PostgreSQL behind a pooler, with an empty database.
func each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, e storetest.Engine) { test(t, open(t, e.Empty(t))) })
	t.Run("pooler", func(t *testing.T) { test(t, open(t, storetest.Pooled(t).Empty(t))) })
}

func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "keyporter.db") }

func open(t *testing.T, address string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	userID = "user00000000"
	subID  = "acme00000000"
)

// write and read run one transaction that has to work.
func write(t *testing.T, s *store.Store, fn func(keyporter.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s *store.Store, fn func(keyporter.Tx) error) {
	t.Helper()
	if err := s.Read(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// seed inserts a user and a subscription with the feature on.
func seed(ctx context.Context, s *store.Store) error {
	return s.Write(ctx, func(tx keyporter.Tx) error {
		if err := tx.InsertUser(keyporter.User{ID: userID, Name: "Ada", Email: "Ada@example.com", Created: start},
			"ada@example.com"); err != nil {
			return err
		}
		return tx.InsertSubscription(keyporter.Subscription{ID: subID, Name: "Acme", Created: start, Available: true,
			On: true})
	})
}

func keyID(n int) token.KeyID {
	id, _ := token.ParseKeyID(fmt.Sprintf("key%09d", n))
	return id
}

func newKey(n int, write bool) keyporter.Key {
	return keyporter.Key{ID: keyID(n), Kind: keyporter.IntegrationKey, SubscriptionID: subID,
		Description: fmt.Sprint("key ", n),
		KeyFacts:    keyporter.KeyFacts{Write: write}, Created: start, CreatedBy: userID}
}

func insertKey(tx keyporter.Tx, k keyporter.Key) error {
	return tx.InsertKey(k, keyporter.SearchText(k), token.HashName, [32]byte{byte(k.ID[11])})
}

func integrationKeys(subscription string) keyporter.KeyOwner {
	return keyporter.KeyOwner{Kind: keyporter.IntegrationKey, SubscriptionID: subscription}
}

func feedbackKeys(subscription, user string) keyporter.KeyOwner {
	return keyporter.KeyOwner{Kind: keyporter.FeedbackKey, SubscriptionID: subscription, UserID: user}
}
