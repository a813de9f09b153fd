package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

// TestReadSeesOneMoment checks that a transaction that reads has one snapshot, whatever is written meanwhile.
func TestReadSeesOneMoment(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		if err := seed(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		read(t, s, func(tx keyporter.Tx) error {
			if err := second(tx.Subscription(subID)); err != nil {
				return err
			}
			write(t, s, func(tx keyporter.Tx) error {
				return errors.Join(insertKey(tx, newKey(1, true)), tx.SetUserName(userID, "Later"))
			})
			if _, err := tx.Key(integrationKeys(subID), keyID(1)); !errors.Is(err, keyporter.ErrNotFound) {
				t.Errorf("a key that was made meanwhile: %v", err)
			}
			user, err := tx.User(userID)
			if user.Name != "Ada" {
				t.Errorf("a name that was changed meanwhile is %s", user.Name)
			}
			return err
		})
	})
}

// TestRows checks that rows are read as they were written, and that a missing one is [keyporter.ErrNotFound].
func TestRows(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		read(t, s, func(tx keyporter.Tx) error {
			if done, err := tx.IsSetUp(); done || err != nil {
				t.Errorf("an empty database is set up: %v, %v", done, err)
			}
			return nil
		})
		if err := seed(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		member := keyporter.Member{ID: "member000000", SubscriptionID: subID, UserID: userID, Name: "A.",
			Email: "Ada@example.com", Role: keyporter.SubscriptionAdmin, Invited: start, Joined: start}
		key := newKey(1, true)
		write(t, s, func(tx keyporter.Tx) error {
			return errors.Join(tx.InsertMember(member, "ada@example.com"), insertKey(tx, key))
		})
		read(t, s, func(tx keyporter.Tx) error {
			user, err := tx.UserByEmail("ada@example.com")
			if err != nil || user.ID != userID || !user.Created.Equal(start) || !user.LastFailed.IsZero() {
				t.Errorf("the user is %+v, %v", user, err)
			}
			got, err := tx.Key(integrationKeys(subID), key.ID)
			want := key
			want.Creator, want.CreatorEmail = "Ada", "Ada@example.com"
			if err != nil || got != want {
				t.Errorf("the key is %+v, %v, want %+v", got, err, want)
			}
			m, err := tx.MemberOf(subID, userID)
			want2 := member
			want2.Name = "Ada"
			if err != nil || m != want2 {
				t.Errorf("the member is %+v, %v", m, err)
			}
			for name, err := range map[string]error{
				"User": second(tx.User("x")), "UserByEmail": second(tx.UserByEmail("Ada@example.com")),
				"Subscription":  second(tx.Subscription("x")),
				"Key":           second(tx.Key(integrationKeys(subID), keyID(2))),
				"foreign Key":   second(tx.Key(integrationKeys("x"), key.ID)),
				"MemberOf":      second(tx.MemberOf("x", userID)),
				"SessionByHash": second(tx.SessionByHash([]byte{1}, start, start)),
				"Link":          second(tx.Link([]byte{1}, "invitation")),
			} {
				if !errors.Is(err, keyporter.ErrNotFound) {
					t.Errorf("a missing %s is %v", name, err)
				}
			}
			return nil
		})
		for name, fn := range map[string]func(keyporter.Tx) error{
			"LockSubscription": func(tx keyporter.Tx) error { return tx.LockSubscription("x") },
			"UpdateKey":        func(tx keyporter.Tx) error { return tx.UpdateKey(newKey(9, false), "d") },
			"DeleteKey":        func(tx keyporter.Tx) error { return tx.DeleteKey(newKey(9, false), userID, start) },
			"SetPassword":      func(tx keyporter.Tx) error { return tx.SetPassword("x", "y") },
			"Join again":       func(tx keyporter.Tx) error { return tx.Join(member.ID, userID, start) },
		} {
			if err := s.Write(t.Context(), fn); !errors.Is(err, keyporter.ErrNotFound) {
				t.Errorf("%s of what is not there: %v", name, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestEmailsAreUnique checks that two users cannot have the same folded address.
func TestEmailsAreUnique(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		if err := seed(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		err := s.Write(t.Context(), func(tx keyporter.Tx) error {
			return tx.InsertUser(keyporter.User{ID: "another00000", Name: "B", Email: "ada@example.com",
				Created: start}, "ada@example.com")
		})
		if err == nil || errors.Is(err, keyporter.ErrUnavailable) {
			t.Errorf("two users with one address: %v", err)
		}
	})
}

// TestKeyset reads a list with equal times in both directions.
func TestKeyset(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		if err := seed(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		write(t, s, func(tx keyporter.Tx) error {
			var errs []error
			for n := range 10 {
				k := newKey(n, false)
				k.Created = start.Add(time.Duration(n/4) * time.Millisecond)
				errs = append(errs, insertKey(tx, k))
			}
			return errors.Join(errs...)
		})
		at := func(n int, upward bool) keyporter.Position {
			return keyporter.Position{At: start.Add(time.Duration(n/4) * time.Millisecond), ID: keyID(n).String(),
				Upward: upward}
		}
		for _, c := range []struct {
			pos  keyporter.Position
			want string
		}{
			{keyporter.Position{}, "[9 8 7]"}, {at(7, false), "[6 5 4]"}, {at(4, false), "[3 2 1]"},
			{at(0, false), "[]"},
			{at(4, true), "[5 6 7]"}, {at(9, true), "[]"}, {at(3, true), "[4 5 6]"},
		} {
			read(t, s, func(tx keyporter.Tx) error {
				keys, err := tx.Keys(integrationKeys(subID), keyporter.KeyFilter{}, c.pos, 3)
				got := []int{}
				for _, k := range keys {
					n := 0
					fmt.Sscanf(k.ID.String(), "key%d", &n)
					got = append(got, n)
				}
				if fmt.Sprint(got) != c.want {
					t.Errorf("from %+v on: %v, want %s", c.pos, got, c.want)
				}
				return err
			})
		}
	})
}

// TestFailedTransaction checks that it changes neither the database nor what the gate judges by.
func TestFailedTransaction(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		if err := seed(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		failed := errors.New("failed")
		err := s.Write(t.Context(), func(tx keyporter.Tx) error {
			return errors.Join(insertKey(tx, newKey(1, false)), tx.SetFeature(subID, true, false), failed)
		})
		if !errors.Is(err, failed) {
			t.Error(err)
		}
		if _, found, err := s.Grant(t.Context(), keyID(1)); found || err != nil {
			t.Errorf("the gate knows the key: %v, %v", found, err)
		}
		read(t, s, func(tx keyporter.Tx) error {
			if sub, err := tx.Subscription(subID); !sub.On || err != nil {
				t.Errorf("the subscription is %+v, %v", sub, err)
			}
			return nil
		})
	})
}

// TestReadersCannotWrite.
func TestReadersCannotWrite(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		err := s.Read(t.Context(), func(tx keyporter.Tx) error { return tx.LockInstallation() })
		if err == nil {
			t.Error("a transaction that reads has written")
		}
	})
}

// TestManyAtOnce checks that writers wait for each other, and that readers do not wait.
func TestManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		if err := seed(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for n := range 40 {
			all.Go(func() {
				if err := s.Write(t.Context(), func(tx keyporter.Tx) error {
					return insertKey(tx,
						newKey(n, false))
				}); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				err := s.Read(t.Context(), func(tx keyporter.Tx) error {
					return second(tx.CountKeys(integrationKeys(subID), keyporter.KeyFilter{}, 100))
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		read(t, s, func(tx keyporter.Tx) error {
			if n, err := tx.CountKeys(integrationKeys(subID), keyporter.KeyFilter{}, 100); n != 40 || err != nil {
				t.Errorf("%d keys, %v", n, err)
			}
			return nil
		})
	})
}
