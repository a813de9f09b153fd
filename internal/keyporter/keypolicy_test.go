package keyporter_test

import (
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// setLongestLife sets the key policy of Acme.
func (f *fixture) setLongestLife(days int) error {
	return f.SetKeyPolicy(f.ctx, f.actor(ada), f.acme,
		keyporter.KeyPolicyForm{KeyPolicy: keyporter.KeyPolicy{LongestLife: days}})
}

// TestLongestLife: a new key ends within the policy. A key that exists can be given an earlier end, and a later one
// within the policy, counted from its creation.
func TestLongestLife(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	old, _ := f.create(a, keyporter.KeyForm{Description: "old"})
	f.ok(f.ChangeEnd(f.ctx, a, f.acme, old.ID.String(), keyporter.EndForm{Choice: keyporter.EndIn365}))
	f.ok(f.setLongestLife(30))
	lastDay := old.Created.AddDate(0, 0, 30).Format(time.DateOnly)
	dayAfter := old.Created.AddDate(0, 0, 31).Format(time.DateOnly)
	sentence := "The key policy limits the life of a key to 30 days. Choose an end until 31 Mar 2026."
	for _, c := range []struct {
		form keyporter.EndForm
		name string // of the field with the error; "" for none
	}{
		{keyporter.EndForm{}, "ends"},
		{keyporter.EndForm{Choice: keyporter.EndIn7}, ""},
		{keyporter.EndForm{Choice: keyporter.EndIn30}, ""},
		{keyporter.EndForm{Choice: keyporter.EndIn90}, "ends"},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: lastDay}, ""},
		{keyporter.EndForm{Choice: keyporter.EndOnDate, Date: dayAfter}, "end_date"},
	} {
		_, _, err := f.CreateKey(f.ctx, a, f.acme, keyporter.IntegrationKey, keyporter.KeyForm{
			Description: "new", End: c.form,
		})
		if invalid, _ := err.(keyporter.Invalid); c.name == "" && err != nil || c.name != "" &&
			invalid[c.name] != sentence {
			t.Errorf("a new key with the end %+v: %v", c.form, err)
		}
	}
	f.clock.pass(24 * time.Hour)
	for _, c := range []struct {
		choice keyporter.EndChoice
		want   string
	}{{keyporter.EndNever, "invalid input: ends"}, {keyporter.EndIn90, ""}, {keyporter.EndIn7, ""}} {
		err := f.ChangeEnd(f.ctx, a, f.acme, old.ID.String(), keyporter.EndForm{Choice: c.choice})
		if c.want == "" {
			f.ok(err)
		} else {
			f.want(c.want, err)
		}
	}
	later := keyporter.EndForm{Choice: keyporter.EndOnDate, Date: dayAfter}
	f.want("invalid input: end_date", f.ChangeEnd(f.ctx, a, f.acme, old.ID.String(), later))
	f.ok(f.ChangeEnd(f.ctx, a, f.acme, old.ID.String(),
		keyporter.EndForm{Choice: keyporter.EndOnDate, Date: lastDay}))
	_, _, err := f.CreateKey(f.ctx, a, f.acme, keyporter.FeedbackKey, keyporter.KeyForm{Description: "feedback"})
	f.ok(err)
}

// TestKeyPolicyOfTwoAdmins: a form does not undo a change that it did not show, and only offered lives are taken.
func TestKeyPolicyOfTwoAdmins(t *testing.T) {
	f := newFixture(t)
	set := func(days int, shown string) error {
		return f.SetKeyPolicy(f.ctx, f.actor(ada), f.acme,
			keyporter.KeyPolicyForm{KeyPolicy: keyporter.KeyPolicy{LongestLife: days}, Shown: shown})
	}
	for range 2 { // a repeated click
		f.ok(set(90, "0 false"))
	}
	err, _ := set(30, "0 false").(keyporter.Invalid)
	if want := "Somebody else changed the policy while the form was open. It now has longest life: 90 days. " +
		"Save again to replace that."; err[""] != want {
		t.Errorf("the second form is answered %q", err[""])
	}
	for _, days := range []int{-1, 1, 3650} {
		f.want("invalid input: longest_life", set(days, ""))
	}
	f.ok(set(0, "90 false"))
	details := ""
	for _, e := range f.auditEvents(f.acme) {
		if e.Action == keyporter.ActionChangedKeyPolicy {
			details += e.Detail + "\n"
		}
	}
	if want := "longest life: no limit\nlongest life: 90 days\n"; details != want {
		t.Errorf("the events say\n%s", details)
	}
}

// TestWriteNeedsAddresses: a new key that may write has allowed addresses, and cannot lose the last of them.
func TestWriteNeedsAddresses(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	f.ok(f.SetKeyPolicy(f.ctx, a, f.acme,
		keyporter.KeyPolicyForm{KeyPolicy: keyporter.KeyPolicy{WriteNeedsAddresses: true}}))
	create := func(write bool, addresses string) (keyporter.Key, error) {
		key, _, err := f.CreateKey(f.ctx, a, f.acme, keyporter.IntegrationKey,
			keyporter.KeyForm{Description: "a key", Write: write, Addresses: addresses})
		return key, err
	}
	_, err := create(true, "")
	f.want("invalid input: allowed_addresses", err)
	change := func(key keyporter.Key, addresses string) error {
		return f.ChangeAddresses(f.ctx, a, f.acme, key.ID.String(), keyporter.AddressForm{Text: addresses})
	}
	reads, err := create(false, "192.0.2.7")
	f.ok(err)
	f.ok(change(reads, ""))
	writes, err := create(true, "192.0.2.7")
	f.ok(err)
	f.want("invalid input: allowed_addresses", change(writes, ""))
	f.ok(change(writes, "192.0.2.0/24"))
}
