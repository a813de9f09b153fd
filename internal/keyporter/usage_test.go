package keyporter_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// press asks the gate n times with a method and a token, from an address.
func (h *house) press(n int, method, token, address string) {
	h.t.Helper()
	call := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: method, Path: "/", Address: address, Agent: keyporter.NewAgent("sync/" + address)}
	for range n {
		h.Judge(h.ctx, call)
	}
}

// wrongSecret is a well-formed token with the key's ID.
func wrongSecret(key keyporter.Key) string {
	return sealed("kpint_" + key.ID.String() + "_" + strings.Repeat("a", 32))
}

// used returns what a key's page says to a.
func (h *house) used(a keyporter.Actor, id keyporter.KeyID) (keyporter.Key, keyporter.Usage) {
	h.t.Helper()
	key, usage, err := h.KeyUsage(h.ctx, a, h.acme, id.String())
	h.ok(err)
	if len(usage.Hours) != 48 || len(usage.Days) != 90 {
		h.t.Fatalf("the page shows %d hours and %d days", len(usage.Hours), len(usage.Days))
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
func (h *house) mustShow(a keyporter.Actor, when string, id keyporter.KeyID, hours, days string) {
	h.t.Helper()
	_, usage := h.used(a, id)
	if got := counts(usage.Hours, hourly); got != hours {
		h.t.Errorf("%s: the hours are %q, want %q", when, got, hours)
	}
	if got := counts(usage.Days, daily); got != days {
		h.t.Errorf("%s: the days are %q, want %q", when, got, days)
	}
}

func TestUsageByHourAndDay(t *testing.T) {
	h := newHouse(t) // it is 1 March, 12:00
	admin := h.actor(ada)
	key, token := h.key("a key", false)
	other, _ := h.key("another", false)
	h.press(3, "GET", token, "198.51.100.1")
	h.press(2, "DELETE", token, "198.51.100.2")
	h.mustShow(admin, "before it is written", key.ID, "1 Mar 12:00 3+2", "1 Mar 3+2")
	h.ok(h.FlushUses(h.ctx))
	h.mustShow(admin, "once it is written", key.ID, "1 Mar 12:00 3+2", "1 Mar 3+2")
	h.press(1, "GET", token, "198.51.100.1")
	h.mustShow(admin, "with more to be written", key.ID, "1 Mar 12:00 4+2", "1 Mar 4+2")
	h.clock.pass(time.Hour - time.Millisecond)
	h.press(1, "GET", token, "198.51.100.1")
	h.clock.pass(time.Millisecond)
	h.press(1, "GET", token, "198.51.100.1")
	h.mustShow(admin, "in two hours at once", key.ID, "1 Mar 12:00 5+2, 1 Mar 13:00 1+0", "1 Mar 6+2")
	h.clock.pass(11 * time.Hour)
	h.press(1, "GET", token, "198.51.100.1")
	for _, when := range []string{"on the next day", "written"} {
		h.mustShow(admin, when, key.ID, "1 Mar 12:00 5+2, 1 Mar 13:00 1+0, 2 Mar 00:00 1+0", "1 Mar 6+2, 2 Mar 1+0")
		h.ok(h.FlushUses(h.ctx))
	}
	h.mustShow(admin, "another key", other.ID, "", "")
	if _, usage := h.used(admin, key.ID); usage.LastDay != 7 {
		t.Errorf("the last 24 hours have %d", usage.LastDay)
	}
	h.clock.pass(12 * time.Hour) // 2 March, 12:00: of the hours that are 24 hours ago the first is not counted any more
	if _, usage := h.used(admin, key.ID); usage.LastDay != 2 {
		t.Errorf("a day later the last 24 hours have %d", usage.LastDay)
	}
}

// TestRefusalsAreCountedAndAreNoUse: what is refused with a key's ID is that key's, and never its last use.
func TestRefusalsAreCountedAndAreNoUse(t *testing.T) {
	h := newHouse(t)
	admin := h.actor(ada)
	key, token := h.key("a key", false)
	for i, refuse := range []struct {
		name string
		do   func()
	}{
		{"a wrong secret", func() { h.press(1, "GET", wrongSecret(key), "198.51.100.66") }},
		{"a read-only key on a write", func() { h.press(1, "DELETE", token, "198.51.100.66") }},
		{"feature off", func() {
			h.ok(h.SwitchFeature(h.ctx, h.actor(ada), h.acme, false))
			h.press(1, "GET", token, "198.51.100.66")
		}},
	} {
		refuse.do()
		for _, written := range []bool{false, true} {
			if written {
				h.ok(h.FlushUses(h.ctx))
			}
			shown, usage := h.used(admin, key.ID)
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
	h := newHouse(t)
	key, token := h.key("a key", false)
	h.press(4, "GET", token, "198.51.100.1") // before: these are not attempts
	h.ok(h.DeleteKey(h.ctx, h.actor(ada), h.acme, key.ID.String(), "a key"))
	list := func() keyporter.DeletedKey {
		t.Helper()
		page, err := h.DeletedKeys(h.ctx, h.actor(tom), h.acme, keyporter.Position{})
		h.ok(err)
		if len(page.Rows) != 1 || page.Rows[0].ID != key.ID || page.Rows[0].DeletedBy.Name != "Ada" || !page.Rows[0].Deleted.Equal(start) {
			t.Fatalf("the deleted keys are %+v", page.Rows)
		}
		return page.Rows[0]
	}
	h.ok(h.FlushUses(h.ctx))
	if d := list(); d.Attempts != 0 || !d.LastAttempt.At.IsZero() {
		t.Errorf("what came before the deletion is an attempt: %+v", d)
	}
	h.clock.pass(time.Minute)
	h.press(2, "GET", token, "198.51.100.66")
	h.ok(h.FlushUses(h.ctx))
	h.clock.pass(3 * time.Hour)
	call := keyporter.Call{Presented: keyporter.Presented{Authorization: []string{"Bearer " + token}}, Method: "GET", Path: "/",
		Address: "198.51.100.67", Agent: keyporter.NewAgent(strings.Repeat("ü", 300))}
	h.Judge(h.ctx, call)
	h.ok(h.FlushUses(h.ctx))
	d := list()
	if d.Attempts != 3 || !d.LastAttempt.At.Equal(h.clock.Now()) || d.LastAttempt.Address != "198.51.100.67" || d.LastAttempt.Agent != strings.Repeat("ü", 200) {
		t.Errorf("the attempts are told as %+v", d)
	}
	for _, who := range []string{nora, vic} {
		_, err := h.DeletedKeys(h.ctx, h.actor(who), h.acme, keyporter.Position{})
		h.want("forbidden", err)
		_, _, err = h.KeyUsage(h.ctx, h.actor(who), h.acme, key.ID.String())
		h.want("forbidden", err)
	}
	_, err := h.DeletedKeys(h.ctx, h.actor(otto), h.acme, keyporter.Position{})
	h.want("not found", err)
}

// TestUnknownKeysCostNothing: a flood of made-up tokens is never written.
func TestUnknownKeysCostNothing(t *testing.T) {
	counting := &countingStore{}
	h := newHouseWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		counting.Store = s
		return counting
	})
	before, rows := counting.writes, h.usageRows()
	for i := range 3000 {
		token := sealed(fmt.Sprintf("kpint_unknown%05d_%s", i, strings.Repeat("a", 32)))
		if v := h.judge(token); v.Code != keyporter.KeyInvalid {
			t.Fatalf("a made-up token: %q", v.Code)
		}
	}
	h.judge("kpint_malformed")
	h.ok(h.FlushUses(h.ctx))
	if counting.writes != before || h.usageRows() != rows {
		t.Errorf("made-up tokens took %d transactions: %s", counting.writes-before, h.usageRows())
	}
}

// TestUsageIsWrittenAtTheEnd of Run, however long it was gathered.
func TestUsageIsWrittenAtTheEnd(t *testing.T) {
	h := newHouse(t)
	admin := h.actor(ada)
	key, token := h.key("a key", false)
	h.press(3, "GET", token, "198.51.100.1")
	ctx, cancel := context.WithCancel(h.ctx)
	cancel()
	h.Run(ctx)
	h.reopen()
	h.mustShow(admin, "after a restart", key.ID, "1 Mar 12:00 3+0", "1 Mar 3+0")
}

// undoingStore loses every transaction that writes, at its very end, while it is told to.
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

// TestUsageThatCannotBeWritten is kept, is shown, and is counted once.
func TestUsageThatCannotBeWritten(t *testing.T) {
	undoing := &undoingStore{}
	h := newHouseWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		undoing.Store = s
		return undoing
	})
	admin := h.actor(ada)
	key, token := h.key("a key", false)
	gone, goneToken := h.key("gone", false)
	h.ok(h.DeleteKey(h.ctx, h.actor(ada), h.acme, gone.ID.String(), ""))
	use := func(n int, address string) {
		h.press(n, "GET", token, address)
		h.press(n, "DELETE", token, address)
		h.press(n, "GET", goneToken, address)
	}
	use(1, "198.51.100.1")
	h.ok(h.FlushUses(h.ctx))
	use(2, "198.51.100.2")
	undoing.undo = true
	for range 3 {
		if err := h.FlushUses(h.ctx); !errors.Is(err, errUndone) {
			t.Fatalf("the write did not fail: %v", err)
		}
	}
	h.mustShow(admin, "while it cannot be written", key.ID, "1 Mar 12:00 3+3", "1 Mar 3+3")
	undoing.undo = false
	on := engine.Halt(t, h.path) // and then the database takes nothing
	use(1, "198.51.100.2")
	h.want("unavailable", h.FlushUses(h.ctx))
	h.clock.pass(time.Minute)
	use(1, "198.51.100.3")
	h.want("unavailable", h.FlushUses(h.ctx))
	on()
	for range 2 {
		h.ok(h.FlushUses(h.ctx))
	}
	h.reopen() // so that nothing comes from memory
	h.mustShow(admin, "after all", key.ID, "1 Mar 12:00 5+5", "1 Mar 5+5")
	if k := h.stored(key.ID); k.LastAddress != "198.51.100.3" || !k.LastUsed.Equal(start.Add(time.Minute)) {
		t.Errorf("the last use is %+v", k)
	}
	page, err := h.DeletedKeys(h.ctx, h.actor(ada), h.acme, keyporter.Position{})
	h.ok(err)
	if d := page.Rows[0]; d.Attempts != 5 || d.LastAttempt.Address != "198.51.100.3" {
		t.Errorf("the attempts are %+v", d)
	}
}
