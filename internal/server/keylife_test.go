package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// disabledAs returns the state and the reason of a key.
func (f *fixture) disabledAs(id string) (disabled bool, reason string) {
	f.t.Helper()
	key, err := f.Key(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, id)
	f.ok(err)
	return key.Disabled != 0, key.DisabledReason
}

// TestDisableKey: the question changes nothing, a form with an error keeps what was typed, and a key is disabled once,
// however many admins do it. Enabling takes one form.
func TestDisableKey(t *testing.T) {
	f := newFixture(t)
	id, _ := f.key("a key", true)
	page := f.at(keysBelow + "/" + id)
	first, second := f.client(ada), f.client(tom)
	asked := first.get(page + "/disable")
	for _, want := range []string{"Disable integration key?", "Never used", ">Reason</label>", ">Disable key</button>",
		">Cancel</button>", `method="post" action="` + page + `/disable"`} {
		if !strings.Contains(asked.body, want) {
			t.Errorf("the question does not have %q", want)
		}
	}
	_, other := f.key("another key", true)
	for typed, kept := range map[string]string{strings.Repeat("y", 201): strings.Repeat("y", 201), other: "kpint_"} {
		got := first.post(page+"/disable", query("reason", typed))
		if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, kept) ||
			strings.Contains(got.body, other) {
			t.Errorf("a reason of %d characters: %s", len(typed), got.Status)
		}
	}
	if disabled, _ := f.disabledAs(id); disabled {
		t.Fatal("a form with an error disabled the key")
	}
	for _, c := range []struct {
		client       *client
		reason, back string
		to           string
	}{{first, "it leaked", "", page}, {second, "another reason", "list", f.at(keysBelow)},
		{first, "", "//evil", page}} {
		got := c.client.post(page+"/disable", query("reason", c.reason, "back", c.back))
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != c.to {
			t.Errorf("the answer is %s, to %q", got.Status, got.Header.Get("Location"))
		}
		if disabled, reason := f.disabledAs(id); !disabled || reason != "it leaked" {
			t.Errorf("disabled: %t, because of %q", disabled, reason)
		}
	}
	for _, path := range []string{page, page + "/disable"} {
		shown := second.get(path)
		for _, want := range []string{"it leaked", email(ada), ">Enable key</button>", `action="` + page + `/enable"`} {
			if !strings.Contains(shown.body, want) {
				t.Errorf("%s does not have %q", path, want)
			}
		}
	}
	for range 2 {
		if got := second.post(page+"/enable", query("back", "list")); got.StatusCode != http.StatusSeeOther {
			t.Errorf("enabling is answered %s", got.Status)
		}
		if disabled, _ := f.disabledAs(id); disabled {
			t.Error("the key is disabled")
		}
	}
	log, err := f.AuditLog(f.ctx, f.actor(ada), f.acme, keyporter.Position{})
	f.ok(err)
	events := ""
	for _, e := range log.Rows {
		if e.KeyID == id {
			events += string(e.Action) + " " + e.Detail + "\n"
		}
	}
	if want := "key.enabled a key\nkey.disabled a key: it leaked\nkey.created a key, Read and write\n"; events != want {
		t.Errorf("the events are\n%s", events)
	}
}

// TestDisableMeetsDelete: of a key that was deleted meanwhile, every form is answered 404.
func TestDisableMeetsDelete(t *testing.T) {
	f := newFixture(t)
	id, _ := f.key("a key", true)
	page := f.at(keysBelow + "/" + id)
	client := f.client(tom)
	if got := client.get(page + "/disable"); got.StatusCode != http.StatusOK {
		t.Fatal(got.Status)
	}
	f.ok(f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, id, ""))
	for _, form := range []string{"/disable", "/enable"} {
		if got := client.post(page+form, query("reason", "it leaked")); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", form, got.Status)
		}
	}
	deleted, err := f.DeletedKeys(f.ctx, f.actor(ada), f.acme, keyporter.Position{})
	f.ok(err)
	if len(deleted.Rows) != 1 {
		t.Errorf("%d keys are deleted", len(deleted.Rows))
	}
}

// TestCreateWithMoreSettings: a form with an error keeps what was typed, with the fields open; a good one is stored.
func TestCreateWithMoreSettings(t *testing.T) {
	f := newFixture(t)
	client := f.client(tom)
	typed := []string{"description", "a key", "ends", "date", "end_offset", "-60", "contact", "Zoë", "note", "a\r\nb"}
	for date, wrong := range map[string]string{
		"":           "Type a date of the calendar",
		"2027-02-29": "Type a date of the calendar",
		"29.02.2028": "Type a date of the calendar",
		start.AddDate(0, 0, -1).Format(time.DateOnly): "This day is over.",
		start.AddDate(11, 0, 0).Format(time.DateOnly): "A key can end within 10 years.",
	} {
		form := query(append(typed, "end_date", date, "nonce", f.NewNonce(f.sessions[tom]))...)
		got := client.post(f.at(keysBelow), form)
		next, _ := got.form(f.at(keysBelow))
		if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, wrong) ||
			!strings.Contains(got.body, `<details class="more" open>`) {
			t.Errorf("%q is answered %s, without %q", date, got.Status, wrong)
		}
		for _, name := range []string{"description", "ends", "end_date", "end_offset", "contact"} {
			if next.Get(name) != form.Get(name) {
				t.Errorf("%q: the field %s has %q", date, name, next.Get(name))
			}
		}
	}
	for name, value := range map[string]string{"ends": "8", "end_offset": "x", "contact": strings.Repeat("c", 201),
		"note": strings.Repeat("n", 1001)} {
		form := query(append(typed, "end_date", "2031-01-01", "nonce", f.NewNonce(f.sessions[tom]))...)
		form.Set(name, value)
		if got := client.post(f.at(keysBelow), form); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s of %.9q is answered %s", name, value, got.Status)
		}
	}
	if closed := client.get(f.at(keysBelow + "/new")); !strings.Contains(closed.body, `<details class="more">`) {
		t.Error("more settings are not folded")
	}
	form := query(append(typed, "end_date", "2028-02-29", "nonce", f.NewNonce(f.sessions[tom]))...)
	if got := client.post(f.at(keysBelow), form); got.StatusCode != http.StatusCreated ||
		!strings.Contains(got.body, "It ends on 29 Feb 2028, 23:00:00 UTC.") {
		t.Errorf("the answer is %s", got.Status)
	}
	list, err := f.Keys(f.ctx, f.actor(tom), f.acme, keyporter.IntegrationKey, keyporter.KeyFilter{},
		keyporter.Position{})
	f.ok(err)
	if len(list.Rows) != 1 || list.Rows[0].Contact != "Zoë" || list.Rows[0].Note != "a\nb" ||
		!list.Rows[0].Ends.Time().Equal(time.Date(2028, 2, 29, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("the list has %+v", list.Rows)
	}
	shown := client.get(f.at(keysBelow + "/" + list.Rows[0].ID.String()))
	for _, want := range []string{"Zoë", "a\nb", "29 Feb 2028, 23:00:00 UTC"} {
		if !strings.Contains(shown.body, want) {
			t.Errorf("the key's page does not have %q", want)
		}
	}
}

// TestChangeEnd: another end needs a choice that is meant, replaces no change that the form did not show, and is not
// to be had for a key that expired more than 30 days ago.
func TestChangeEnd(t *testing.T) {
	f := newFixture(t)
	id, _ := f.key("a key", true)
	page := f.at(keysBelow + "/" + id)
	client := f.client(tom)
	form, _ := client.get(page + "/end").form(page + "/end")
	if form.Get("ends") != "" || form.Get("shown") != "0" {
		t.Errorf("the form has %v", form)
	}
	form.Set("ends", "30")
	if got := client.send(page+"/end", form); got.StatusCode != 303 || got.Header.Get("Location") != page {
		t.Errorf("the answer is %s, to %q", got.Status, got.Header.Get("Location"))
	}
	form.Set("ends", "")
	got := client.send(page+"/end", form)
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Somebody else changed this") {
		t.Errorf("an old form is answered %s", got.Status)
	}
	form, _ = client.get(page + "/end").form(page + "/end")
	if form.Get("ends") != "date" {
		t.Errorf("the form of a key that ends chooses %q", form.Get("ends"))
	}
	if got := client.send(page+"/end", form); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a form without a date is answered %s", got.Status)
	}
}

// TestEndIsFinal: a key that expired more than 30 days ago cannot be given another end, and its page does not offer it.
func TestEndIsFinal(t *testing.T) {
	now := start.AddDate(0, 0, -37)
	f := serve(t, engine.Copy(t, theModel.path), func() time.Time { return now })
	key, _, err := f.CreateKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, keyporter.KeyForm{
		Description: "a key", End: keyporter.EndForm{Choice: keyporter.EndIn7},
		Once: f.Once(f.sessions[ada], f.NewNonce(f.sessions[ada])),
	})
	f.ok(err)
	page := f.at(keysBelow + "/" + key.ID.String())
	client := f.client(tom)
	for _, c := range []struct {
		now    time.Time
		final  bool
		status int
	}{{start, false, 422}, {start.Add(time.Hour), true, 422}} {
		now = c.now
		if offered := strings.Contains(client.get(page).body, page+"/end"); offered == c.final {
			t.Errorf("on %s the page offers another end: %t", now, offered)
		}
		asked := client.get(page + "/end")
		if over := strings.Contains(asked.body, "These are over"); over != c.final || asked.StatusCode != 200 {
			t.Errorf("on %s the form is answered %s, over: %t", now, asked.Status, over)
		}
		if got := client.post(page+"/end", query("ends", "date")); got.StatusCode != c.status {
			t.Errorf("on %s the answer is %s", now, got.Status)
		}
	}
	got := client.post(page+"/end", query("ends", "30"))
	if got.StatusCode != 422 || !strings.Contains(got.body, "These are over") {
		t.Errorf("the answer is %s", got.Status)
	}
}
