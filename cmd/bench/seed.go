package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
	"keyporter/internal/token"
)

const (
	email    = "ada@example.com"
	password = "correct horse battery staples"
)

// A dataset is a database with one subscription and many keys.
type dataset struct {
	path         string
	subscription string
	tokens       []string // of all keys that are in use
	spare        []string // tokens of keys to be deleted
	lastID       string   // of the oldest key, which is last in the list
}

// unused is how many keys are never presented: more than a page of the list.
const unused = 60

// seed creates a database with keys in use, spare ones, and [unused] ones. It inserts rows, many in one transaction,
// because creating each key with an operation of its own would take an hour.
func (b *bench) seed(name string, keys, spare int) (*dataset, error) {
	s := &dataset{path: filepath.Join(b.folder, name, "keyporter.db")}
	db, err := store.Open(b.ctx, s.path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	begin := time.Now()
	porter := keyporter.New(db, keyporter.Options{})
	form := keyporter.SetUpForm{Subscription: "Acme", Name: "Ada Lindqvist", Email: email, Password: password}
	if s.subscription, err = porter.SetUpFromCommandLine(b.ctx, form); err != nil {
		return nil, err
	}
	value, _, err := porter.SignIn(b.ctx, email, password, "", keyporter.ClientInfo{Address: "127.0.0.1"})
	if err != nil {
		return nil, err
	}
	session, _, err := porter.FindSession(b.ctx, value.Reveal())
	if err != nil {
		return nil, err
	}
	if err := porter.SwitchFeature(b.ctx, session.Actor(keyporter.ClientInfo{}), s.subscription, true); err != nil {
		return nil, err
	}
	if err := s.fill(b, db, session.User.ID, keys+spare+unused); err != nil {
		return nil, err
	}
	s.tokens, s.spare = s.tokens[:keys], s.tokens[keys:keys+spare]
	fmt.Fprintf(os.Stderr, "made a database of %d keys in %s\n", keys, time.Since(begin).Round(time.Second))
	return s, nil
}

const rowsPerWrite = 20_000

// fill inserts n keys, the oldest first. The newest 1,000 have another description, for the search to find.
func (s *dataset) fill(b *bench, db *store.Store, userID string, n int) error {
	now := time.Now().Add(-time.Hour)
	for left := n; left > 0; {
		batch := min(left, rowsPerWrite)
		err := db.Write(b.ctx, func(tx keyporter.Tx) error {
			for i := left; i > left-batch; i-- {
				if err := s.insert(tx, userID, i, now.Add(-time.Duration(i)*time.Second)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		left -= batch
	}
	return nil
}

func (s *dataset) insert(tx keyporter.Tx, userID string, number int, at time.Time) error {
	id, _ := token.ParseKeyID(rand.Text()[:12])
	if s.lastID == "" {
		s.lastID = id.String()
	}
	description := fmt.Sprintf("Integration number %d for the warehouse", number)
	if number <= 1000 {
		description = fmt.Sprintf("Nightly export %d", number)
	}
	minted, hash := token.Mint("kp", token.Integration, id)
	s.tokens = append(s.tokens, minted.Reveal())
	key := keyporter.Key{ID: id, SubscriptionID: s.subscription, Description: description, Created: at,
		CreatedBy: userID}
	return tx.InsertKey(key, keyporter.SearchText(key), token.HashName, hash)
}
