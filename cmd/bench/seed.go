package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

const (
	email    = "ada@example.com"
	password = "correct horse battery staples"
)

// A seeded is a database with one subscription and many keys.
type seeded struct {
	path         string
	subscription string
	tokens       []string // of the first thousand keys
	lastID       string   // of the oldest of the others, or of the first
}

// seed makes a database. A thousand keys come from the product, with tokens that open; the others are put in as rows,
// because only their number matters.
func (b *bench) seed(name string, keys int) (*seeded, error) {
	s := &seeded{path: filepath.Join(b.folder, name, "keyporter.db")}
	db, err := store.Open(b.ctx, s.path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	begin := time.Now()
	porter := keyporter.New(db, keyporter.Options{})
	form := keyporter.SetUpForm{Subscription: "Acme", Name: "Ada Lindqvist", Email: email, Password: password}
	if s.subscription, err = porter.SetUpHere(b.ctx, form); err != nil {
		return nil, err
	}
	value, _, err := porter.SignIn(b.ctx, email, password, "", keyporter.Origin{Address: "127.0.0.1"})
	if err != nil {
		return nil, err
	}
	session, _, err := porter.FindSession(b.ctx, value.Reveal())
	if err != nil {
		return nil, err
	}
	if err := porter.SwitchFeature(b.ctx, session.Actor(keyporter.Origin{}), s.subscription, true); err != nil {
		return nil, err
	}
	if err := s.fill(b, db, session.User.ID, keys-1000); err != nil {
		return nil, err
	}
	for n := range 1000 {
		key, token, err := porter.CreateKey(b.ctx, session, keyporter.Origin{}, s.subscription, keyporter.KeyForm{
			Description: fmt.Sprintf("Nightly export %d", n), Write: n%3 == 0, Nonce: porter.NewNonce(session),
		})
		if err != nil {
			return nil, err
		}
		s.tokens = append(s.tokens, token.Reveal())
		if s.lastID == "" {
			s.lastID = key.ID.String()
		}
	}
	fmt.Fprintf(os.Stderr, "made a database of %d keys in %s\n", keys, time.Since(begin).Round(time.Second))
	return s, nil
}

const rowsPerWrite = 20_000

// fill puts in n keys, older than those that come after.
func (s *seeded) fill(b *bench, db *store.Store, userID string, n int) error {
	now := time.Now().Add(-time.Hour)
	for n > 0 {
		batch := min(n, rowsPerWrite)
		err := db.Write(b.ctx, func(tx keyporter.Tx) error {
			for i := range batch {
				id, _ := keyporter.ParseKeyID(rand.Text()[:12])
				if s.lastID == "" {
					s.lastID = id.String()
				}
				description := fmt.Sprintf("Integration number %d for the warehouse", n-i)
				key := keyporter.Key{
					ID: id, SubscriptionID: s.subscription, Description: description, Created: now.Add(-time.Duration(n-i) * time.Second), CreatedBy: userID,
				}
				var hash [32]byte
				rand.Read(hash[:])
				if err := tx.InsertKey(key, keyporter.SearchText(description, id), keyporter.HashName, hash); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		n -= batch
	}
	return nil
}
