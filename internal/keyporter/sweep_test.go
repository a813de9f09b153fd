package keyporter_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// usageRows returns the rows of the tables of usage.
func (f *fixture) usageRows() string {
	f.t.Helper()
	var all strings.Builder
	db := engine.OpenRaw(f.t, f.path)
	for _, table := range []string{"key_hours", "key_days", "subscription_hours"} {
		f.ok(printTable(&all, db, table))
	}
	return all.String()
}

func TestUsageIsKeptFor90Days(t *testing.T) {
	f := newFixture(t)
	admin := f.actor(ada)
	key, token := f.key("a key", false)
	f.press(3, "GET", token, "198.51.100.1") // 1 March, 12:00
	f.press(1, "DELETE", token, "198.51.100.1")
	f.clock.pass(time.Hour)
	f.press(2, "GET", token, "198.51.100.1") // 13:00
	sweep := func(pass time.Duration) {
		f.t.Helper()
		f.ok(f.FlushUses(f.ctx))
		f.clock.pass(pass)
		f.ok(f.DeleteExpired(f.ctx))
		f.ok(f.DeleteExpired(f.ctx)) // which adds nothing up twice
	}
	sweep(46 * time.Hour) // 3 March, 11:00
	f.mustShow(admin, "after 47 hours", key.ID, "1 Mar 12:00 3+1, 1 Mar 13:00 2+0", "1 Mar 5+1")
	sweep(time.Hour) // 3 March, 12:00
	f.mustShow(admin, "after 48 hours", key.ID, "1 Mar 13:00 2+0", "1 Mar 5+1")
	sweep(12 * time.Hour) // 4 March, 00:00
	f.mustShow(admin, "added up", key.ID, "", "1 Mar 5+1")
	if rows := f.usageRows(); strings.Contains(rows, "key_hours") || strings.Contains(rows, "subscription_hours") ||
		strings.Count(rows, "key_days") != 1 {
		t.Errorf("the hours are kept for longer than they are shown:\n%s", rows)
	}
	f.press(1, "GET", token, "198.51.100.1")
	sweep(87*24*time.Hour - time.Millisecond) // 29 May, the last moment; 1 March is the 90th day
	f.mustShow(admin, "on the 90th day", key.ID, "", "1 Mar 5+1, 4 Mar 1+0")
	sweep(time.Millisecond)
	f.mustShow(admin, "on the 91st", key.ID, "", "4 Mar 1+0")
	sweep(3 * 24 * time.Hour)
	f.mustShow(admin, "at last", key.ID, "", "")
	if rows := f.usageRows(); rows != "" {
		t.Errorf("counts are kept for ever:\n%s", rows)
	}
	if k := f.stored(key.ID); k.LastUsed.IsZero() || k.LastAddress != "198.51.100.1" ||
		k.LastAgent != "sync/198.51.100.1" {
		t.Errorf("the last use went with the counts: %+v", k)
	}
}

// TestUsageIsSweptInPieces checks that with many keys in use other writers need not wait for all of it, and every
// request is counted once.
func TestUsageIsSweptInPieces(t *testing.T) {
	counting := &countingStore{}
	f := newFixtureWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		counting.Store = s
		return counting
	})
	db := engine.OpenRaw(t, f.path)
	const keys, hours = 340, 15 // of which ten are of 1 March, and five of the day before
	first := start.Add(-5*time.Hour - 12*time.Hour).UnixMilli()
	_, err := db.Exec(fmt.Sprintf(`WITH RECURSIVE
		k (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n < %d),
		t (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM t WHERE n < %d)
		INSERT INTO key_hours (key_id, hour_at, admitted, refused)
		SELECT 'key' || CAST(k.n AS TEXT), %d + t.n * 3600000, k.n, t.n FROM k, t`, keys-1, hours-1, first))
	f.ok(err)
	_, err = db.Exec(fmt.Sprintf(`WITH RECURSIVE k (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n < 4999)
		INSERT INTO key_days (key_id, day_at, admitted, refused) SELECT 'old' || CAST(k.n AS TEXT), %d, 1, 1 FROM k`,
		start.AddDate(-1, 0, 0).Truncate(24*time.Hour).UnixMilli()))
	f.ok(err)
	f.clock.pass(4 * 24 * time.Hour)
	before := counting.writes
	f.ok(f.DeleteExpired(f.ctx))
	if n := counting.writes - before; n != 1+3+3 { // the rest, 5,100 rows of hours, 5,000 of days
		t.Errorf("the sweep took %d transactions", n)
	}
	for query, want := range map[string]string{
		`SELECT count(*) FROM key_hours`: "0",
		`SELECT count(*) FROM key_days`:  fmt.Sprint(2 * keys),
		// Both are arithmetic series, over keys and over hours.
		`SELECT sum(admitted) FROM key_days`: fmt.Sprint(hours * keys * (keys - 1) / 2),
		`SELECT sum(refused) FROM key_days`:  fmt.Sprint(keys * hours * (hours - 1) / 2),

		`SELECT sum(admitted) FROM key_days WHERE day_at % 86400000 <> 0 OR key_id LIKE 'old%'`: "none",
	} {
		got := "none"
		var value sql.NullString
		f.ok(db.QueryRow(query).Scan(&value))
		if value.Valid {
			got = value.String
		}
		if got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// TestSweepEnds checks that a sweep ends with its current transaction when its context ends, so that Run can still
// write the recorded uses.
func TestSweepEnds(t *testing.T) {
	counting := &countingStore{}
	f := newFixtureWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		counting.Store = s
		return counting
	})
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	before := counting.writes
	if err := f.DeleteExpired(ctx); !errors.Is(err, context.Canceled) || counting.writes != before+1 {
		t.Errorf("after %d transactions: %v", counting.writes-before, err)
	}
}
