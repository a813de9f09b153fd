package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

// TestExcludeRows checks that entries are read as they were written, in order, and that searches find them.
func TestExcludeRows(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		if err := seed(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		const many = 450 // more than two statements' worth
		entry := func(n int, kind exclude.Kind, pattern string) keyporter.ExcludeEntry {
			return keyporter.ExcludeEntry{ID: fmt.Sprintf("%032x", n), SubscriptionID: subID,
				Entry: exclude.Entry{Kind: kind, Pattern: pattern}, Created: start, CreatedBy: userID}
		}
		all := []keyporter.ExcludeEntry{entry(1, exclude.Visitor, "50%_!*"),
			entry(2, exclude.Visitor, "ÄRGER")}
		for n := range many {
			all = append(all, entry(100+n, exclude.Server, fmt.Sprintf("host%03d", n)))
		}
		write(t, s, func(tx keyporter.Tx) error {
			if err := tx.InsertExcludeEntries(all, func(e keyporter.ExcludeEntry) string {
				return "found " +
					e.Pattern
			}); err != nil {
				return err
			}
			return tx.SetExcludeVersion(subID, "first")
		})
		patterns := func(kind exclude.Kind, text string, pos keyporter.Position, n int) []string {
			var got []string
			read(t, s, func(tx keyporter.Tx) error {
				entries, err := tx.ExcludeEntries(subID, kind, text, pos, n)
				for _, e := range entries {
					if e.Creator != "Ada" || !e.Created.Equal(start) {
						t.Errorf("the entry is %+v", e)
					}
					got = append(got, e.Pattern)
				}
				return err
			})
			return got
		}
		at := keyporter.Position{At: start, ID: all[4].ID}
		for _, c := range []struct{ got, want []string }{
			{patterns(exclude.Server, "", keyporter.Position{}, 2), []string{"host449", "host448"}},
			{patterns(exclude.Server, "", at, 5), []string{"host001", "host000"}},
			{patterns(exclude.Server, "", keyporter.Position{At: start, ID: at.ID, Upward: true}, 1),
				[]string{"host003"}},
			{patterns(exclude.Visitor, "50%_!", keyporter.Position{}, 5), []string{"50%_!*"}},
			{patterns(exclude.Visitor, "ÄR", keyporter.Position{}, 5), []string{"ÄRGER"}},
			{patterns(exclude.Visitor, "5_%", keyporter.Position{}, 5), nil},
			{patterns(exclude.Account, "", keyporter.Position{}, 5), nil},
		} {
			if !slices.Equal(c.got, c.want) {
				t.Errorf("%q are read, want %q", c.got, c.want)
			}
		}
		if err := s.Write(t.Context(), func(tx keyporter.Tx) error {
			return tx.InsertExcludeEntries([]keyporter.ExcludeEntry{entry(9, exclude.Server, "host000")},
				func(keyporter.ExcludeEntry) string { return "" })
		}); err == nil {
			t.Error("an entry is there twice")
		}
		write(t, s, func(tx keyporter.Tx) error {
			if err := tx.DeleteExcludeEntry(all[0].ID); err != nil {
				return err
			}
			return tx.SetExcludeVersion(subID, "second")
		})
		read(t, s, func(tx keyporter.Tx) error {
			total, err := tx.CountExcludeEntries(subID, "", "")
			found, err2 := tx.CountExcludeEntries(subID, exclude.Server, "host00")
			whole, err3 := tx.AllExcludeEntries(subID)
			version, err4 := tx.ExcludeVersion(subID)
			none, err5 := tx.ExcludeVersion("x")
			if total != many+1 || found != 10 || len(whole) != many+1 || version != "second" || none != "" {
				t.Errorf("%d entries, %d found, %d in the whole list, the versions %q and %q", total, found, len(whole),
					version, none)
			}
			for _, err := range []error{err, err2, err3, err4, err5} {
				if err != nil {
					return err
				}
			}
			if _, err := tx.ExcludeEntry("x", all[1].ID); !errors.Is(err, keyporter.ErrNotFound) {
				t.Errorf("another subscription's: %v", err)
			}
			return nil
		})
	})
}
