package keyporter_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"

	"keyporter/internal/keyporter"
)

// application makes one in Acme.
func (h *house) application(name string) keyporter.Application {
	h.t.Helper()
	s := h.session(ada)
	made, err := h.CreateApplication(h.ctx, s.Actor(home), h.acme, keyporter.ApplicationForm{Name: name, Platform: keyporter.Android, Once: h.Once(s, h.NewNonce(s))})
	h.ok(err)
	return made
}

func (h *house) applications(who, subscription string) []keyporter.Application {
	h.t.Helper()
	all, err := h.Applications(h.ctx, h.actor(who), subscription)
	h.ok(err)
	return all
}

// TestFirstApplication: each subscription begins with one, which is its default, however the subscription was made.
func TestFirstApplication(t *testing.T) {
	h := newHouse(t)
	vendor, err := h.Home(h.ctx, h.actor(olga))
	h.ok(err)
	seen := map[string]bool{}
	for subscription, who := range map[string]string{vendor: olga, h.acme: ada, h.globex: otto} {
		all := h.applications(who, subscription)
		if len(all) != 1 || all[0].Name != "Web app" || all[0].Platform != keyporter.Web || !all[0].Default || seen[all[0].Key] {
			t.Errorf("a subscription begins with %+v", all)
			continue
		}
		seen[all[0].Key] = true
		if key := all[0].Key; len(key) != len("kpapp_")+32 || !strings.HasPrefix(key, "kpapp_") {
			t.Errorf("the application key is %q", key)
		}
	}
}

// TestApplicationIDs are positive, below 2^53 and so the same in every JSON reader, and read in one spelling alone.
func TestApplicationIDs(t *testing.T) {
	h := newHouse(t)
	for range 20 {
		id := h.application("an app").ID
		var through float64
		h.ok(json.Unmarshal([]byte(id.String()), &through))
		if id < 1 || id >= 1<<53 || int64(through) != int64(id) {
			t.Errorf("ID %d", id)
		}
		if read, ok := keyporter.ParseApplicationID(id.String()); !ok || read != id {
			t.Errorf("%s is read as %d, %v", id, read, ok)
		}
	}
	for text, want := range map[string]keyporter.ApplicationID{
		"1": 1, "9007199254740991": 1<<53 - 1,
		"": 0, "0": 0, "-1": 0, "+1": 0, "01": 0, "1.0": 0, "1e3": 0, "9007199254740992": 0, "18446744073709551617": 0, " 1": 0, "1 ": 0, "0x1": 0, "1_000": 0, "١": 0,
	} {
		if id, ok := keyporter.ParseApplicationID(text); ok != (want > 0) || ok && id != want {
			t.Errorf("%q is read as %d, %v", text, id, ok)
		}
	}
	if _, ok := keyporter.ParseApplicationID(string(make([]byte, math.MaxUint8))); ok {
		t.Error("NULs are an ID")
	}
}

func TestApplicationForms(t *testing.T) {
	h := newHouse(t)
	s := h.session(ada)
	a := s.Actor(home)
	for name, each := range map[string]struct {
		form  keyporter.ApplicationForm
		field string
	}{
		"no name":           {keyporter.ApplicationForm{Platform: keyporter.Web}, "name"},
		"a long name":       {keyporter.ApplicationForm{Name: strings.Repeat("x", 101), Platform: keyporter.Web}, "name"},
		"NUL in the name":   {keyporter.ApplicationForm{Name: "a\x00b", Platform: keyporter.Web}, "name"},
		"no platform":       {keyporter.ApplicationForm{Name: "an app"}, "platform"},
		"another platform":  {keyporter.ApplicationForm{Name: "an app", Platform: "desktop"}, "platform"},
		"a form of no page": {keyporter.ApplicationForm{Name: "an app", Platform: keyporter.Web, Once: h.Once(s, "made up")}, "nonce"},
	} {
		if name != "a form of no page" {
			each.form.Once = h.Once(s, h.NewNonce(s))
		}
		var invalid keyporter.Invalid
		if _, err := h.CreateApplication(h.ctx, a, h.acme, each.form); !errors.As(err, &invalid) || len(invalid) != 1 || invalid[each.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	form := keyporter.ApplicationForm{Name: " Telefon ", Platform: keyporter.IOS, Once: h.Once(s, h.NewNonce(s))}
	made, err := h.CreateApplication(h.ctx, a, h.acme, form)
	if err != nil || made.Name != "Telefon" {
		t.Fatalf("%+v, %v", made, err)
	}
	if _, err := h.CreateApplication(h.ctx, a, h.acme, form); !errors.Is(err, keyporter.ErrConflict) {
		t.Errorf("the same form again: %v", err)
	}
	if err := h.RenameApplication(h.ctx, a, h.acme, made.ID, ""); !isInvalid(err) {
		t.Errorf("an empty name: %v", err)
	}
	h.ok(h.RenameApplication(h.ctx, a, h.acme, made.ID, "Phone"))
	if got, err := h.Application(h.ctx, a, h.acme, made.ID); err != nil || got.Name != "Phone" || got.Key != made.Key || got.Default {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestDefaultApplication: there is always exactly one; it moves, and cannot be deleted while it is the default.
func TestDefaultApplication(t *testing.T) {
	h := newHouse(t)
	a := h.actor(ada)
	web, phone := h.applications(ada, h.acme)[0], h.application("Phone")
	for name, confirm := range map[string]string{"with its name": web.Name, "without": ""} {
		if err := h.DeleteApplication(h.ctx, a, h.acme, web.ID, confirm); !isInvalid(err) {
			t.Errorf("deleting the default one %s: %v", name, err)
		}
	}
	if err := h.DeleteApplication(h.ctx, a, h.acme, phone.ID, "phone"); !isInvalid(err) {
		t.Errorf("deleting with another name: %v", err)
	}
	h.ok(h.MakeDefaultApplication(h.ctx, a, h.acme, phone.ID))
	h.ok(h.MakeDefaultApplication(h.ctx, a, h.acme, phone.ID))
	if all := h.applications(vic, h.acme); len(all) != 2 || all[0].ID != phone.ID || !all[0].Default || all[1].Default {
		t.Errorf("the applications are %+v", all)
	}
	h.ok(h.DeleteApplication(h.ctx, a, h.acme, web.ID, " Web app "))
	if err := h.DeleteApplication(h.ctx, a, h.acme, web.ID, web.Name); kind(err) != notFound {
		t.Errorf("deleting it again: %v", err)
	}
	if err := h.DeleteApplication(h.ctx, a, h.acme, phone.ID, phone.Name); !isInvalid(err) {
		t.Errorf("deleting the last one: %v", err)
	}
	want := []keyporter.Action{keyporter.ActionCreatedApplication, keyporter.ActionMadeDefault, keyporter.ActionDeletedApplication}
	var got []keyporter.Action
	for _, l := range h.lines(h.acme) {
		for _, action := range want {
			if l.Action == action {
				got = append([]keyporter.Action{action}, got...)
			}
		}
	}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("the log has %v", got)
	}
}

// TestDefaultIsNotDeletedBesideItsChoice: of making an application the default and deleting it at the same moment, one is
// refused.
func TestDefaultIsNotDeletedBesideItsChoice(t *testing.T) {
	h := newHouse(t)
	a := h.actor(ada)
	for range 10 {
		app := h.application("an app")
		var both sync.WaitGroup
		both.Go(func() { h.MakeDefaultApplication(h.ctx, a, h.acme, app.ID) })
		both.Go(func() { h.DeleteApplication(h.ctx, a, h.acme, app.ID, app.Name) })
		both.Wait()
		defaults := 0
		for _, each := range h.applications(ada, h.acme) {
			if each.Default {
				defaults++
			}
		}
		if defaults != 1 {
			t.Fatalf("there are %d default applications", defaults)
		}
	}
}

// TestScopeBindsAtOnce: what a request reaches follows the applications as they are now.
func TestScopeBindsAtOnce(t *testing.T) {
	h := newHouse(t)
	a := h.actor(ada)
	web, phone := h.applications(ada, h.acme)[0], h.application("Phone")
	_, token := h.key("a key", false)
	ask := func(query string) (keyporter.Code, string) {
		v := h.Judge(h.ctx, keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: "GET", Path: "/", Query: query})
		return v.Code, v.Applications
	}
	expect := func(query string, code keyporter.Code, applications string) {
		t.Helper()
		if c, got := ask(query); c != code || got != applications {
			t.Errorf("%q: %q, %q; want %q, %q", query, c, got, code, applications)
		}
	}
	named := "appId=" + phone.ID.String()
	expect("", "", web.ID.String())
	expect("a=b", "", web.ID.String())
	expect(named, "", phone.ID.String())
	h.ok(h.MakeDefaultApplication(h.ctx, a, h.acme, phone.ID))
	expect("", "", phone.ID.String())
	h.ok(h.MakeDefaultApplication(h.ctx, a, h.acme, web.ID))
	h.ok(h.DeleteApplication(h.ctx, a, h.acme, phone.ID, phone.Name))
	expect(named, keyporter.ApplicationUnknown, "")
	expect("", "", web.ID.String())
}

func isInvalid(err error) bool {
	var invalid keyporter.Invalid
	return errors.As(err, &invalid)
}

// TestJudgementTakesNoMemory for a request that names no application.
func TestJudgementTakesNoMemory(t *testing.T) {
	if engine.String() != "sqlite" {
		t.Skip("a database at the other end of a connection is asked")
	}
	h := newHouse(t)
	_, token := h.key("a key", false)
	for _, query := range []string{"", "from=1&to=2"} {
		c := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: "GET", Path: "/", Query: query, Address: "192.0.2.1"}
		h.Judge(h.ctx, c)
		if n := testing.AllocsPerRun(100, func() { h.Judge(h.ctx, c) }); n > 0 {
			t.Errorf("%q: a judgement allocates %v times", query, n)
		}
	}
}

// TestTooManyApplications: neither can a request name more than a subscription can have, nor a subscription have more.
func TestTooManyApplications(t *testing.T) {
	h := newHouse(t)
	_, token := h.key("a key", false)
	ids := make([]string, 0, keyporter.ApplicationLimit)
	h.ok(h.store.Write(h.ctx, func(tx keyporter.Tx) error {
		ids = append(ids[:0], h.applications(ada, h.acme)[0].ID.String())
		for len(ids) < keyporter.ApplicationLimit {
			app := keyporter.FirstApplication("kp", h.acme, start)
			ids = append(ids, app.ID.String())
			if err := tx.InsertApplication(app); err != nil {
				return err
			}
		}
		return nil
	}))
	ask := func(query string) keyporter.Verdict {
		return h.Judge(h.ctx, keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: "GET", Path: "/", Query: query})
	}
	if v := ask("appId=" + strings.Join(ids, ",")); !v.OK() || strings.Count(v.Applications, ",") != keyporter.ApplicationLimit-1 {
		t.Errorf("all by their IDs: %+v", v)
	}
	if v := ask("appId=1&appId=" + strings.Join(ids, ",")); v.Code != keyporter.ApplicationUnknown || !strings.Contains(v.Detail, "1,000 at most") {
		t.Errorf("one more: %+v", v)
	}
	s := h.session(ada)
	_, err := h.CreateApplication(h.ctx, s.Actor(home), h.acme, keyporter.ApplicationForm{Name: "one more", Platform: keyporter.Web, Once: h.Once(s, h.NewNonce(s))})
	if !isInvalid(err) {
		t.Errorf("the 1,001st application: %v", err)
	}
}
