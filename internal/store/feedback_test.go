package store_test

import (
	"errors"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
	"keyporter/internal/storetest"
	"keyporter/internal/token"
)

// join makes a user a member of the subscription that seed inserts.
func join(tx keyporter.Tx, id, user string) error {
	m := keyporter.Member{ID: id, SubscriptionID: subID, UserID: user, Name: "A.", Email: id, Role: keyporter.Viewer,
		Invited: start, Joined: start}
	return tx.InsertMember(m, id)
}

func insertFeedbackKey(tx keyporter.Tx, k keyporter.Key) error {
	return tx.InsertKey(k, keyporter.SearchText(k), token.HashName,
		[32]byte{byte(k.ID[11])})
}

// TestFeedbackRows checks that only the user to whom a key belongs can read it.
func TestFeedbackRows(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		if err := seed(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		older, newer := feedbackKey(1), feedbackKey(2)
		newer.Created = start.Add(time.Millisecond)
		write(t, s, func(tx keyporter.Tx) error {
			return errors.Join(join(tx, "member000000", userID), insertFeedbackKey(tx, older),
				insertFeedbackKey(tx, newer))
		})
		write(t, s, func(tx keyporter.Tx) error {
			use := keyporter.Use{KeyID: newer.ID, SubscriptionID: subID, Feedback: true, Hour: start, Admitted: 1,
				Last: keyporter.Seen{At: start, Address: "192.0.2.1", Agent: "agent"}}
			gone := use
			gone.KeyID = keyID(9)
			return tx.AddUses([]keyporter.Use{use, gone})
		})
		older.Creator, newer.Creator = "Ada", "Ada"
		older.CreatorEmail, newer.CreatorEmail = "Ada@example.com", "Ada@example.com"
		newer.LastUsed, newer.LastAddress, newer.LastAgent = start, "192.0.2.1", "agent"
		read(t, s, func(tx keyporter.Tx) error {
			for _, want := range []keyporter.Key{older, newer} {
				if got, err := tx.Key(feedbackKeys(subID, userID), want.ID); err != nil || got != want {
					t.Errorf("the key is %+v, %v, want %+v", got, err, want)
				}
				if got, hash, err := tx.PresentedFeedbackKey(want.ID); err != nil || got != want ||
					hash != [32]byte{want.ID[11]} {
					t.Errorf("the presented key is %+v, %v, want %+v", got, err, want)
				}
			}
			for _, c := range []struct {
				filter keyporter.KeyFilter
				pos    keyporter.Position
				want   []keyporter.Key
			}{
				{keyporter.KeyFilter{}, keyporter.Position{}, []keyporter.Key{newer, older}},
				{keyporter.KeyFilter{}, keyporter.Position{At: newer.Created, ID: newer.ID.String()},
					[]keyporter.Key{older}},
				{keyporter.KeyFilter{Status: keyporter.StatusUsed}, keyporter.Position{}, []keyporter.Key{newer}},
				{keyporter.KeyFilter{Status: keyporter.StatusNeverUsed, Text: "key 1"}, keyporter.Position{},
					[]keyporter.Key{older}},
				{keyporter.KeyFilter{Text: "%"}, keyporter.Position{}, nil},
			} {
				got, err := tx.Keys(feedbackKeys(subID, userID), c.filter, c.pos, 10)
				if err != nil || len(got) != len(c.want) {
					t.Errorf("%+v finds %v, %v", c.filter, got, err)
				}
				for i := range got {
					if got[i] != c.want[i] {
						t.Errorf("%+v finds %+v, want %+v", c.filter, got[i], c.want[i])
					}
				}
				if n, err := tx.CountKeys(feedbackKeys(subID, userID), c.filter, 10); c.pos.ID == "" &&
					(n != len(c.want) || err != nil) {
					t.Errorf("%+v counts %d, %v", c.filter, n, err)
				}
			}
			for name, err := range map[string]error{
				"FeedbackKey":        second(tx.Key(feedbackKeys(subID, userID), keyID(9))),
				"another's":          second(tx.Key(feedbackKeys(subID, "x"), older.ID)),
				"a foreign one":      second(tx.Key(feedbackKeys("x", userID), older.ID)),
				"an integration Key": second(tx.Key(integrationKeys(subID), older.ID)),
			} {
				if !errors.Is(err, keyporter.ErrNotFound) {
					t.Errorf("%s is %v", name, err)
				}
			}
			if _, _, err := tx.PresentedFeedbackKey(keyID(9)); !errors.Is(err, keyporter.ErrNotFound) {
				t.Errorf("a missing key is %v", err)
			}
			hours, err := tx.KeyHours(newer.ID, start)
			n, err2 := tx.AdmittedSince(subID, start)
			if len(hours) != 0 || n != 0 || errors.Join(err, err2) != nil {
				t.Errorf("its use is counted: %v, %d", hours, n)
			}
			return nil
		})
		if _, found, err := s.Grant(t.Context(), older.ID); found || err != nil {
			t.Errorf("the gate takes it for an integration key: %v, %v", found, err)
		}
		write(t, s, func(tx keyporter.Tx) error { return tx.DeleteKey(older, userID, start) })
		err := s.Write(t.Context(), func(tx keyporter.Tx) error { return tx.DeleteKey(older, userID, start) })
		if !errors.Is(err, keyporter.ErrNotFound) {
			t.Errorf("deleting what is deleted: %v", err)
		}
	})
}

// TestFeedbackKeysEnd checks that they end with their user's membership and with their user, and that only members have
// any.
func TestFeedbackKeysEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, e storetest.Engine) {
		address := e.Empty(t)
		s := open(t, address)
		if err := seed(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if err := s.Write(t.Context(), func(tx keyporter.Tx) error {
			return insertFeedbackKey(tx,
				feedbackKey(1))
		}); err == nil {
			t.Error("who is no member has a key")
		}
		for _, end := range []string{`DELETE FROM members`, `DELETE FROM users`} {
			write(t, s, func(tx keyporter.Tx) error {
				return errors.Join(join(tx, "member000000", userID), insertFeedbackKey(tx, feedbackKey(1)))
			})
			db, err := e.OpenRaw(t, address).Conn(t.Context())
			if err == nil && e.String() == "sqlite" {
				_, err = db.ExecContext(t.Context(), `PRAGMA foreign_keys = ON`)
			}
			if err == nil {
				_, err = db.ExecContext(t.Context(), end)
			}
			if err != nil {
				t.Fatal(err)
			}
			db.Close()
			if n := counts(t, e.OpenRaw(t, address))["feedback_keys"]; n != 0 {
				t.Errorf("after %s there are %d keys", end, n)
			}
		}
	})
}

func feedbackKey(n int) keyporter.Key {
	k := newKey(n, false)
	k.Kind = keyporter.FeedbackKey
	return k
}
