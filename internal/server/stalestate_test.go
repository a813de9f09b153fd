package server_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

func TestNoStaleAcceptWhileKeysAreDisabled(t *testing.T) {
	f := newFixture(t)
	series := &keySeries{keys: f.watchedKeys(200)}
	s := f.secondNode().startLoad("GET", series)
	c := f.client(ada)
	form := query("csrf", c.csrf())
	f.ok(series.revoke(func(k *watchedKey) *answer {
		return c.send(f.at(keysBelow+"/"+k.id+"/disable"), form)
	}))
	s.finish(t)
}

// TestNoStaleAcceptOfKeysThatExpired: each key is given an end one minute ahead, which the clock then reaches. The
// nodes of a PostgreSQL installation judge by the primary's clock, by which the fixture's time is long past: there a
// key has expired as soon as the form is answered.
func TestNoStaleAcceptOfKeysThatExpired(t *testing.T) {
	var minutes atomic.Int64
	clock := func() time.Time { return start.Add(time.Duration(minutes.Load()) * time.Minute) }
	f := serve(t, engine.Copy(t, theModel.path), clock)
	series := &keySeries{keys: f.watchedKeys(200)}
	s := f.secondNode().startLoad("GET", series)
	c := f.client(ada)
	csrf := c.csrf()
	for _, key := range series.keys {
		date, offset := endOnMinute(clock().Add(time.Minute))
		got := c.send(f.at(keysBelow+"/"+key.id+"/end"),
			query("csrf", csrf, "ends", "date", "end_date", date, "end_offset", strconv.Itoa(offset)))
		minutes.Add(1)
		f.ok(done(got, key))
		series.revoked.Add(1)
	}
	s.finish(t)
}

// endOnMinute returns what a browser in some time zone sends for a key that ends at t, which is a whole minute: a day
// and the minutes by which midnight at its end is behind UTC.
func endOnMinute(t time.Time) (date string, offset int) {
	midnight := t.Truncate(24 * time.Hour)
	offset = int(t.Sub(midnight).Minutes())
	if offset > 12*60 {
		midnight, offset = midnight.AddDate(0, 0, 1), offset-24*60
	}
	return midnight.AddDate(0, 0, -1).Format(time.DateOnly), offset
}
