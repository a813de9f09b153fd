package keyporter_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// create creates an integration key in Acme. The actor may be one whose session has ended meanwhile.
func (f *fixture) create(a keyporter.Actor, form keyporter.KeyForm) (keyporter.Key, string) {
	f.t.Helper()
	key, made, err := f.CreateKey(f.ctx, a, f.acme, keyporter.IntegrationKey, form)
	f.ok(err)
	return key, made.Reveal()
}

// read returns a key of Acme.
func (f *fixture) read(a keyporter.Actor, id string) keyporter.Key {
	f.t.Helper()
	key, err := f.Key(f.ctx, a, f.acme, keyporter.IntegrationKey, id)
	f.ok(err)
	return key
}

// TestDisabledKey: each judgement after the answer refuses it, and each after it was enabled again admits it.
func TestDisabledKey(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	key, made := f.key("a key", true)
	id := key.ID.String()
	f.clock.pass(time.Second)
	for range 2 {
		f.ok(f.DisableKey(f.ctx, a, f.acme, id, "  leaked in a log "))
		if v := f.judge(made); v.Code != keyporter.KeyDisabled {
			t.Errorf("a disabled key is answered %+v", v)
		}
		if v := f.judge(made[:len(made)-1] + "-"); v.Code != keyporter.KeyInvalid {
			t.Errorf("a wrong secret of a disabled key is answered %+v", v)
		}
	}
	read := f.read(a, id)
	if read.Status != keyporter.StatusDisabled || read.DisabledReason != "leaked in a log" ||
		read.DisabledBy != a.UserID {
		t.Errorf("the key is %+v", read)
	}
	used, _, err := f.KeyUsage(f.ctx, a, f.acme, keyporter.IntegrationKey, id)
	f.ok(err)
	if used.Disabler != (keyporter.UserName{ID: a.UserID, Name: a.Name, Email: a.Email}) {
		t.Errorf("it was disabled by %+v", used.Disabler)
	}
	f.clock.pass(time.Second)
	for range 2 {
		f.ok(f.EnableKey(f.ctx, f.actor(tom), f.acme, id))
		if v := f.judge(made); !v.OK() {
			t.Errorf("an enabled key is answered %+v", v)
		}
	}
	if read := f.read(a, id); read.DisabledReason != "" || read.DisabledBy != "" || read.Disabled != 0 {
		t.Errorf("the enabled key is %+v", read)
	}
	events := f.auditEvents(f.acme)[:2]
	if events[0].Action != keyporter.ActionEnabledKey || events[1].Action != keyporter.ActionDisabledKey ||
		events[1].Detail != "a key: leaked in a log" {
		t.Errorf("the events are %+v", events)
	}
	f.want("invalid input: reason", f.DisableKey(f.ctx, a, f.acme, id, strings.Repeat("x", 201)))
	f.ok(f.DeleteKey(f.ctx, a, f.acme, keyporter.IntegrationKey, id, "a key"))
	f.want(notFound, f.DisableKey(f.ctx, a, f.acme, id, ""))
	f.want(notFound, f.EnableKey(f.ctx, a, f.acme, id))
}

// TestKeyExpires at its end and not before, with nothing running, and can be given another end for 30 days.
func TestKeyExpires(t *testing.T) {
	f := newFixture(t)
	if engine.String() == "postgres" {
		f.testServersClock()
		return
	}
	a := f.actor(ada)
	key, made := f.create(a, keyporter.KeyForm{Description: "a key", End: keyporter.EndForm{Choice: keyporter.EndIn7}})
	id := key.ID.String()
	judge := func(want keyporter.Code) {
		t.Helper()
		if v := f.judge(made); v.Code != want || v.OK() && v.Ends != f.read(a, id).Ends {
			t.Errorf("the key is answered %+v, want %q", v, want)
		}
	}
	judge("")
	f.clock.pass(7*24*time.Hour - time.Millisecond)
	judge("")
	f.clock.pass(time.Millisecond)
	judge(keyporter.KeyExpired)
	if status := f.read(a, id).Status; status != keyporter.StatusExpired {
		t.Errorf("its status is %q", status)
	}
	f.ok(f.DisableKey(f.ctx, a, f.acme, id, ""))
	judge(keyporter.KeyDisabled)
	f.ok(f.EnableKey(f.ctx, a, f.acme, id))
	judge(keyporter.KeyExpired)
	f.clock.pass(30 * 24 * time.Hour)
	f.ok(f.ChangeEnd(f.ctx, a, f.acme, id, keyporter.EndForm{Choice: keyporter.EndIn30}))
	judge("")
	f.clock.pass(60*24*time.Hour + time.Millisecond)
	judge(keyporter.KeyExpired)
	f.want("invalid input: ", f.ChangeEnd(f.ctx, a, f.acme, id, keyporter.EndForm{}))
}

// testServersClock is TestKeyExpires on PostgreSQL, where the primary's clock decides, whatever this process's says.
func (f *fixture) testServersClock() {
	key, made := f.key("a key", true)
	db := engine.OpenRaw(f.t, f.path)
	for _, c := range []struct {
		ends string
		want keyporter.Code
	}{{"+ 3600000", ""}, {"- 1", keyporter.KeyExpired}} {
		_, err := db.Exec(`UPDATE integration_keys SET ends_at =
			CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) `+c.ends+` WHERE id = $1`, key.ID.String())
		f.ok(err)
		for _, passed := range []time.Duration{-2 * 365 * 24 * time.Hour, 0, 50 * 365 * 24 * time.Hour} {
			f.clock.pass(passed)
			if v := f.judge(made); v.Code != c.want {
				f.t.Errorf("the end is the server's time %s: %q, want %q", c.ends, v.Code, c.want)
			}
			f.clock.pass(-passed)
		}
	}
}

// TestEndForm reads dates of the calendar, to the end of the day in the member's zone.
func TestEndForm(t *testing.T) {
	f := newFixture(t) // at noon on 1 March 2026, UTC
	a := f.actor(ada)
	for _, c := range []struct {
		form keyporter.EndForm
		want string // the end, or the field that is wrong
	}{
		{keyporter.EndForm{}, ""},
		{keyporter.EndForm{Choice: keyporter.EndIn365}, "2027-03-01T12:00:00Z"},
		{keyporter.EndForm{Choice: "8"}, "ends"},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: "2026-03-01"}, "2026-03-02T00:00:00Z"},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: "2026-02-28"}, "end_date"},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: "2026-02-28", Offset: 13 * 60}, "2026-03-01T13:00:00Z"},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: "2026-02-29"}, "end_date"},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: "2028-02-29"}, "2028-03-01T00:00:00Z"},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: "2026-03-29", Offset: -120}, "2026-03-29T22:00:00Z"},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: "2036-03-01"}, "2036-03-02T00:00:00Z"},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: "2036-03-03"}, "end_date"},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: "03/29/2026"}, "end_date"},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: ""}, "end_date"},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: "2026-03-29", Offset: 901}, "end_date"},
	} {
		key, _, err := f.CreateKey(f.ctx, a, f.acme, keyporter.IntegrationKey,
			keyporter.KeyForm{Description: "a key", End: c.form})
		got := ""
		switch invalid, isInvalid := err.(keyporter.Invalid); {
		case isInvalid:
			for field := range invalid {
				got += field
			}
		case key.Ends != 0:
			got = key.Ends.Time().Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q (%v)", c.form, got, c.want, err)
		}
	}
}

// TestStatus checks that the list's filter and the status of its rows agree.
func TestStatus(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	db := engine.OpenRaw(t, f.path)
	begin := func(description string, choice keyporter.EndChoice, used bool) string {
		key, _ := f.create(a, keyporter.KeyForm{Description: description, End: keyporter.EndForm{Choice: choice}})
		if used { // written to the table, because PostgreSQL judges by its own clock
			_, err := db.Exec(`UPDATE integration_keys SET last_used_at = $1 WHERE id = $2`,
				f.clock.Now().UnixMilli(), key.ID.String())
			f.ok(err)
		}
		return key.ID.String()
	}
	begin("unused", keyporter.EndNever, true)
	f.clock.pass(88 * 24 * time.Hour)
	begin("expired", keyporter.EndIn7, true)
	begin("soon", keyporter.EndIn30, true)
	f.ok(f.DisableKey(f.ctx, a, f.acme, begin("disabled", keyporter.EndIn7, true), ""))
	f.clock.pass(20 * 24 * time.Hour)
	begin("never", keyporter.EndNever, false)
	begin("active", keyporter.EndIn90, true)
	for status, want := range map[keyporter.KeyStatus]string{
		keyporter.StatusUnused: "unused", keyporter.StatusExpired: "expired", keyporter.StatusExpiresSoon: "soon",
		keyporter.StatusDisabled: "disabled", keyporter.StatusNeverUsed: "never",
		keyporter.StatusActive: "active never soon unused",
	} {
		list, err := f.Keys(f.ctx, a, f.acme, keyporter.IntegrationKey, keyporter.KeyFilter{Status: status},
			keyporter.Position{})
		f.ok(err)
		var found []string
		for _, key := range list.Rows {
			found = append(found, key.Description)
			if status != keyporter.StatusActive && key.Status != status {
				t.Errorf("%s has the status %q in the list of %q", key.Description, key.Status, status)
			}
		}
		slices.Sort(found) // those of one millisecond have any order
		if got := strings.Join(found, " "); got != want || list.Total != len(found) {
			t.Errorf("%q: %s (%d), want %s", status, got, list.Total, want)
		}
	}
}

// TestContactAndNote are cleaned, stored, changed and found.
func TestContactAndNote(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	key, _ := f.create(a, keyporter.KeyForm{Description: "a key", Contact: " Data team ",
		Note: "nightly\r\n\r\nexport "})
	id := key.ID.String()
	if read := f.read(a, id); read.Contact != "Data team" || read.Note != "nightly\n\nexport" {
		t.Errorf("the key is %+v", read.KeyDetails)
	}
	f.clock.pass(time.Second)
	f.ok(f.EditKey(f.ctx, a, f.acme, id, keyporter.KeyChanges{Description: "a key", Contact: "Zoë"}))
	if read := f.read(a, id); read.Contact != "Zoë" || read.Note != "" {
		t.Errorf("the edited key is %+v", read.KeyDetails)
	}
	if detail := f.auditEvents(f.acme)[0].Detail; detail != "contact: Zoë; note changed" {
		t.Errorf("the event says %q", detail)
	}
	for text, want := range map[string]int{"ZOË": 1, "data team": 0} {
		list, err := f.Keys(f.ctx, a, f.acme, keyporter.IntegrationKey, keyporter.KeyFilter{Text: text},
			keyporter.Position{})
		f.ok(err)
		if len(list.Rows) != want {
			t.Errorf("the search for %q finds %d keys", text, len(list.Rows))
		}
	}
	f.want("invalid input: contact, note", f.EditKey(f.ctx, a, f.acme, id, keyporter.KeyChanges{
		Description: "a key", Contact: strings.Repeat("c", 201), Note: strings.Repeat("n\n", 501),
	}))
}
