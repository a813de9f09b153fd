package keyporter_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// press asks the gate n times with a method and a token, from an address.
func (f *fixture) press(n int, method, token, address string) {
	f.t.Helper()
	call := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: method, Path: "/",
		Address: address, Agent: keyporter.NewAgent("sync/" + address)}
	for range n {
		f.Judge(f.ctx, call)
	}
}

// wrongSecret is a well-formed token with the key's ID.
func wrongSecret(key keyporter.Key) string {
	return withChecksum("kpint_" + key.ID.String() + "_" + strings.Repeat("a", 32))
}

// used returns what a key's page says to a.
func (f *fixture) used(a keyporter.Actor, id token.KeyID) (keyporter.Key, keyporter.Usage) {
	f.t.Helper()
	key, usage, err := f.KeyUsage(f.ctx, a, f.acme, keyporter.IntegrationKey, id.String())
	f.ok(err)
	if len(usage.Hours) != 48 || len(usage.Days) != 90 {
		f.t.Fatalf("the page shows %d hours and %d days", len(usage.Hours), len(usage.Days))
	}
	return key, usage
}

// counts prints what is not zero: "12:00 3+1" for 3 admitted and 1 refused in that hour.
func counts(all []keyporter.Count, format string) string {
	var text []string
	for _, c := range all {
		if c.Admitted+c.Refused > 0 {
			text = append(text, fmt.Sprintf("%s %d+%d", c.At.Format(format), c.Admitted, c.Refused))
		}
	}
	return strings.Join(text, ", ")
}

const (
	hourly = "2 Jan 15:04"
	daily  = "2 Jan"
)

// mustShow fails unless a key's page shows these hours and days.
func (f *fixture) mustShow(a keyporter.Actor, when string, id token.KeyID, hours, days string) {
	f.t.Helper()
	_, usage := f.used(a, id)
	if got := counts(usage.Hours, hourly); got != hours {
		f.t.Errorf("%s: the hours are %q, want %q", when, got, hours)
	}
	if got := counts(usage.Days, daily); got != days {
		f.t.Errorf("%s: the days are %q, want %q", when, got, days)
	}
}

func TestUsageByHourAndDay(t *testing.T) {
	f := newFixture(t) // it is 1 March, 12:00
	admin := f.actor(ada)
	key, token := f.key("a key", false)
	other, _ := f.key("another", false)
	f.press(3, "GET", token, "198.51.100.1")
	f.press(2, "DELETE", token, "198.51.100.2")
	f.mustShow(admin, "before it is written", key.ID, "1 Mar 12:00 3+2", "1 Mar 3+2")
	f.ok(f.FlushUses(f.ctx))
	f.mustShow(admin, "once it is written", key.ID, "1 Mar 12:00 3+2", "1 Mar 3+2")
	f.press(1, "GET", token, "198.51.100.1")
	f.mustShow(admin, "with more to be written", key.ID, "1 Mar 12:00 4+2", "1 Mar 4+2")
	f.clock.pass(time.Hour - time.Millisecond)
	f.press(1, "GET", token, "198.51.100.1")
	f.clock.pass(time.Millisecond)
	f.press(1, "GET", token, "198.51.100.1")
	f.mustShow(admin, "in two hours at once", key.ID, "1 Mar 12:00 5+2, 1 Mar 13:00 1+0", "1 Mar 6+2")
	f.clock.pass(11 * time.Hour)
	f.press(1, "GET", token, "198.51.100.1")
	for _, when := range []string{"on the next day", "written"} {
		f.mustShow(admin, when, key.ID, "1 Mar 12:00 5+2, 1 Mar 13:00 1+0, 2 Mar 00:00 1+0", "1 Mar 6+2, 2 Mar 1+0")
		f.ok(f.FlushUses(f.ctx))
	}
	f.mustShow(admin, "another key", other.ID, "", "")
	if _, usage := f.used(admin, key.ID); usage.LastDay != 7 {
		t.Errorf("the last 24 hours have %d", usage.LastDay)
	}
	f.clock.pass(12 * time.Hour) // 2 March, 12:00: of the hours that are 24 hours ago the first is not counted any more
	if _, usage := f.used(admin, key.ID); usage.LastDay != 2 {
		t.Errorf("a day later the last 24 hours have %d", usage.LastDay)
	}
}

// TestRefusalsAreNoLastUse checks that a refused request with a key's ID is counted for the key, and is never its last
// use.
func TestRefusalsAreNoLastUse(t *testing.T) {
	f := newFixture(t)
	admin := f.actor(ada)
	key, token := f.key("a key", false)
	for i, refuse := range []struct {
		name string
		do   func()
	}{
		{"a wrong secret", func() { f.press(1, "GET", wrongSecret(key), "198.51.100.66") }},
		{"a read-only key on a write", func() { f.press(1, "DELETE", token, "198.51.100.66") }},
		{"feature off", func() {
			f.ok(f.SwitchFeature(f.ctx, f.actor(ada), f.acme, false))
			f.press(1, "GET", token, "198.51.100.66")
		}},
	} {
		refuse.do()
		for _, written := range []bool{false, true} {
			if written {
				f.ok(f.FlushUses(f.ctx))
			}
			shown, usage := f.used(admin, key.ID)
			if last := usage.Hours[47]; last.Refused != int64(i+1) || last.Admitted != 0 || usage.LastDay != 0 {
				t.Errorf("%s (written: %v): the hour is %+v", refuse.name, written, last)
			}
			if !shown.LastUsed.IsZero() || shown.LastAddress != "" || shown.LastAgent != "" {
				t.Errorf("%s (written: %v) is the key's last use: %+v", refuse.name, written, shown)
			}
		}
	}
}

func TestAttemptsOnADeletedKey(t *testing.T) {
	f := newFixture(t)
	key, token := f.key("a key", false)
	f.press(4, "GET", token, "198.51.100.1") // before: these are not attempts
	f.ok(f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, key.ID.String(), "a key"))
	list := func() keyporter.DeletedKey {
		t.Helper()
		page, err := f.DeletedKeys(f.ctx, f.actor(tom), f.acme, keyporter.Position{})
		f.ok(err)
		if len(page.Rows) != 1 || page.Rows[0].ID != key.ID || page.Rows[0].DeletedBy.Name != "Ada" ||
			!page.Rows[0].Deleted.Equal(start) {
			t.Fatalf("the deleted keys are %+v", page.Rows)
		}
		return page.Rows[0]
	}
	f.ok(f.FlushUses(f.ctx))
	if d := list(); d.Attempts != 0 || !d.LastAttempt.At.IsZero() {
		t.Errorf("what came before the deletion is an attempt: %+v", d)
	}
	f.clock.pass(time.Minute)
	f.press(2, "GET", token, "198.51.100.66")
	f.ok(f.FlushUses(f.ctx))
	f.clock.pass(3 * time.Hour)
	call := keyporter.Call{Presented: keyporter.Presented{Authorization: []string{"Bearer " + token}}, Method: "GET",
		Path:    "/",
		Address: "198.51.100.67", Agent: keyporter.NewAgent(strings.Repeat("ü", 300))}
	f.Judge(f.ctx, call)
	f.ok(f.FlushUses(f.ctx))
	d := list()
	if d.Attempts != 3 || !d.LastAttempt.At.Equal(f.clock.Now()) || d.LastAttempt.Address != "198.51.100.67" ||
		d.LastAttempt.Agent != strings.Repeat("ü", 200) {
		t.Errorf("the attempts are told as %+v", d)
	}
	for _, who := range []string{nora, vic} {
		_, err := f.DeletedKeys(f.ctx, f.actor(who), f.acme, keyporter.Position{})
		f.want("forbidden", err)
		_, _, err = f.KeyUsage(f.ctx, f.actor(who), f.acme, keyporter.IntegrationKey, key.ID.String())
		f.want("forbidden", err)
	}
	_, err := f.DeletedKeys(f.ctx, f.actor(otto), f.acme, keyporter.Position{})
	f.want("not found", err)
}

// TestUnknownKeysAreNotRecorded checks that requests with made-up tokens are not recorded, however many they are.
func TestUnknownKeysAreNotRecorded(t *testing.T) {
	counting := &countingStore{}
	f := newFixtureWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		counting.Store = s
		return counting
	})
	before, rows := counting.writes, f.usageRows()
	for i := range 3000 {
		token := withChecksum(fmt.Sprintf("kpint_unknown%05d_%s", i, strings.Repeat("a", 32)))
		if v := f.judge(token); v.Code != keyporter.KeyInvalid {
			t.Fatalf("a made-up token: %q", v.Code)
		}
	}
	f.judge("kpint_malformed")
	f.ok(f.FlushUses(f.ctx))
	if counting.writes != before || f.usageRows() != rows {
		t.Errorf("made-up tokens took %d transactions: %s", counting.writes-before, f.usageRows())
	}
}

// TestUsageIsWrittenAtTheEnd checks that Run writes all recorded uses before it returns.
func TestUsageIsWrittenAtTheEnd(t *testing.T) {
	f := newFixture(t)
	admin := f.actor(ada)
	key, token := f.key("a key", false)
	f.press(3, "GET", token, "198.51.100.1")
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	f.Run(ctx)
	f.reopen()
	f.mustShow(admin, "after a restart", key.ID, "1 Mar 12:00 3+0", "1 Mar 3+0")
}

// undoingStore undoes every transaction that writes, just before the commit, while undo is set.
type undoingStore struct {
	keyporter.Store
	undo bool
}

var errUndone = errors.New("undone")

func (s *undoingStore) Write(ctx context.Context, fn func(keyporter.Tx) error) error {
	return s.Store.Write(ctx, func(tx keyporter.Tx) error {
		if err := fn(tx); err != nil || !s.undo {
			return err
		}
		return errUndone
	})
}

// TestUsageThatCannotBeWritten checks that it is kept, shown, and counted once.
func TestUsageThatCannotBeWritten(t *testing.T) {
	undoing := &undoingStore{}
	f := newFixtureWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		undoing.Store = s
		return undoing
	})
	admin := f.actor(ada)
	key, token := f.key("a key", false)
	gone, goneToken := f.key("gone", false)
	f.ok(f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, gone.ID.String(), ""))
	use := func(n int, address string) {
		f.press(n, "GET", token, address)
		f.press(n, "DELETE", token, address)
		f.press(n, "GET", goneToken, address)
	}
	use(1, "198.51.100.1")
	f.ok(f.FlushUses(f.ctx))
	use(2, "198.51.100.2")
	undoing.undo = true
	for range 3 {
		if err := f.FlushUses(f.ctx); !errors.Is(err, errUndone) {
			t.Fatalf("the write did not fail: %v", err)
		}
	}
	f.mustShow(admin, "while it cannot be written", key.ID, "1 Mar 12:00 3+3", "1 Mar 3+3")
	undoing.undo = false
	on := engine.FailWrites(t, f.path) // and then the database takes nothing
	use(1, "198.51.100.2")
	f.want("unavailable", f.FlushUses(f.ctx))
	f.clock.pass(time.Minute)
	use(1, "198.51.100.3")
	f.want("unavailable", f.FlushUses(f.ctx))
	on()
	for range 2 {
		f.ok(f.FlushUses(f.ctx))
	}
	f.reopen() // so that nothing comes from memory
	f.mustShow(admin, "after all", key.ID, "1 Mar 12:00 5+5", "1 Mar 5+5")
	if k := f.stored(key.ID); k.LastAddress != "198.51.100.3" || !k.LastUsed.Equal(start.Add(time.Minute)) {
		t.Errorf("the last use is %+v", k)
	}
	page, err := f.DeletedKeys(f.ctx, f.actor(ada), f.acme, keyporter.Position{})
	f.ok(err)
	if d := page.Rows[0]; d.Attempts != 5 || d.LastAttempt.Address != "198.51.100.3" {
		t.Errorf("the attempts are %+v", d)
	}
}
