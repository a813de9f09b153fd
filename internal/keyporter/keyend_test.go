package keyporter_test

import (
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// TestChangeEndOfTwoAdmins: a form does not undo a change that it did not show, and says what the end is now. A form
// that is sent twice changes the end once.
func TestChangeEndOfTwoAdmins(t *testing.T) {
	f := newFixture(t)
	first, second := f.actor(ada), f.actor(tom)
	key, _ := f.create(first, keyporter.KeyForm{Description: "a key"})
	id, shown := key.ID.String(), key.EndVersion()
	change := func(a keyporter.Actor, choice keyporter.EndChoice, shown string) error {
		return f.ChangeEnd(f.ctx, a, f.acme, id, keyporter.EndForm{Choice: choice, Shown: shown})
	}
	f.ok(change(first, keyporter.EndIn30, shown))
	end := f.read(first, id).Ends
	f.clock.pass(10 * time.Second)
	f.ok(change(first, keyporter.EndIn30, shown))
	f.want("invalid input: ", change(second, keyporter.EndIn7, shown))
	err, _ := change(second, keyporter.EndNever, shown).(keyporter.Invalid)
	if want := "Somebody else changed this while the form was open: the key now ends 31 Mar 2026, 12:00 UTC. " +
		"Save again to replace that."; err[""] != want {
		t.Errorf("the second form is answered %q", err[""])
	}
	if now := f.read(first, id).Ends; now != end {
		t.Errorf("the end is %s, not %s", now.Time(), end.Time())
	}
	f.ok(change(second, keyporter.EndIn7, f.read(first, id).EndVersion()))
	f.ok(change(first, keyporter.EndNever, ""))
	if now := f.read(first, id).Ends; now != 0 {
		t.Errorf("the end is %s", now.Time())
	}
	details := ""
	for _, e := range f.auditEvents(f.acme) {
		if e.Action == keyporter.ActionChangedEnd {
			details += e.Detail + "\n"
		}
	}
	want := "a key, never ends\na key, ends 8 Mar 2026, 12:00 UTC\na key, ends 31 Mar 2026, 12:00 UTC\n"
	if details != want {
		t.Errorf("the events say\n%s", details)
	}
}

// TestEditOfTwoAdmins: a form does not undo what it did not show, and says what is stored now.
func TestEditOfTwoAdmins(t *testing.T) {
	f := newFixture(t)
	first, second := f.actor(ada), f.actor(tom)
	key, _ := f.create(first, keyporter.KeyForm{Description: "a key", Contact: "Ada"})
	id, shown := key.ID.String(), key.TextVersion()
	edit := func(a keyporter.Actor, contact, note, shown string) error {
		return f.EditKey(f.ctx, a, f.acme, id,
			keyporter.KeyChanges{Description: "a key", Contact: contact, Note: note, Shown: shown})
	}
	for range 2 { // a repeated click
		f.ok(edit(first, "Zoë", "nightly", shown))
	}
	err, _ := edit(second, "Ada", "weekly", shown).(keyporter.Invalid)
	if want := "Somebody else changed this key while the form was open. Save again to replace what they typed: " +
		"contact “Zoë”, note “nightly”."; err[""] != want {
		t.Errorf("the second form is answered %q", err[""])
	}
	if now := f.read(first, id); now.Contact != "Zoë" || now.Note != "nightly" {
		t.Errorf("the key is %+v", now.KeyDetails)
	}
	f.ok(f.DisableKey(f.ctx, first, f.acme, id, "")) // concerns no field of the form
	f.ok(edit(second, "Ada", "weekly", f.read(first, id).TextVersion()))
	if now := f.read(first, id); now.Contact != "Ada" || now.Note != "weekly" || now.Disabled == 0 {
		t.Errorf("the key is %+v, disabled %d", now.KeyDetails, now.Disabled)
	}
}
