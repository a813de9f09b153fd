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
func (f *fixture) application(name string) keyporter.Application {
	f.t.Helper()
	s := f.session(ada)
	made, err := f.CreateApplication(f.ctx, s.Actor(home), f.acme,
		keyporter.ApplicationForm{Name: name, Platform: keyporter.Android, Once: f.Once(s, f.NewNonce(s))})
	f.ok(err)
	return made
}

func (f *fixture) applications(who, subscription string) []keyporter.Application {
	f.t.Helper()
	all, err := f.Applications(f.ctx, f.actor(who), subscription)
	f.ok(err)
	return all
}

// TestFirstApplication checks that each subscription begins with one application, which is its default, however the
// subscription was created.
func TestFirstApplication(t *testing.T) {
	f := newFixture(t)
	vendor, err := f.FirstSubscription(f.ctx, f.actor(olga))
	f.ok(err)
	seen := map[string]bool{}
	for subscription, who := range map[string]string{vendor: olga, f.acme: ada, f.globex: otto} {
		all := f.applications(who, subscription)
		if len(all) != 1 || all[0].Name != "Web app" || all[0].Platform != keyporter.Web || !all[0].Default ||
			seen[all[0].Key] {
			t.Errorf("a subscription begins with %+v", all)
			continue
		}
		seen[all[0].Key] = true
		if key := all[0].Key; len(key) != len("kpapp_")+32 || !strings.HasPrefix(key, "kpapp_") {
			t.Errorf("the application key is %q", key)
		}
	}
}

// TestApplicationIDs checks that IDs are positive and below 2^53, so the same in every JSON reader, and are read in one
// spelling alone.
func TestApplicationIDs(t *testing.T) {
	f := newFixture(t)
	for range 20 {
		id := f.application("an app").ID
		var through float64
		f.ok(json.Unmarshal([]byte(id.String()), &through))
		if id < 1 || id >= 1<<53 || int64(through) != int64(id) {
			t.Errorf("ID %d", id)
		}
		if read, ok := keyporter.ParseApplicationID(id.String()); !ok || read != id {
			t.Errorf("%s is read as %d, %v", id, read, ok)
		}
	}
	for text, want := range map[string]keyporter.ApplicationID{
		"1": 1, "9007199254740991": 1<<53 - 1,
		"": 0, "0": 0, "-1": 0, "+1": 0, "01": 0, "1.0": 0, "1e3": 0, "9007199254740992": 0, "18446744073709551617": 0,
		" 1": 0, "1 ": 0, "0x1": 0, "1_000": 0, "١": 0,
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
	f := newFixture(t)
	s := f.session(ada)
	a := s.Actor(home)
	for name, each := range map[string]struct {
		form  keyporter.ApplicationForm
		field string
	}{
		"no name": {keyporter.ApplicationForm{Platform: keyporter.Web}, "name"},
		"a long name": {keyporter.ApplicationForm{Name: strings.Repeat("x", 101), Platform: keyporter.Web},
			"name"},
		"NUL in the name":  {keyporter.ApplicationForm{Name: "a\x00b", Platform: keyporter.Web}, "name"},
		"no platform":      {keyporter.ApplicationForm{Name: "an app"}, "platform"},
		"another platform": {keyporter.ApplicationForm{Name: "an app", Platform: "desktop"}, "platform"},
		"a form of no page": {keyporter.ApplicationForm{Name: "an app", Platform: keyporter.Web,
			Once: f.Once(s, "made up")}, "nonce"},
	} {
		if name != "a form of no page" {
			each.form.Once = f.Once(s, f.NewNonce(s))
		}
		var invalid keyporter.Invalid
		if _, err := f.CreateApplication(f.ctx, a, f.acme, each.form); !errors.As(err, &invalid) || len(invalid) != 1 ||
			invalid[each.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	form := keyporter.ApplicationForm{Name: " Telefon ", Platform: keyporter.IOS, Once: f.Once(s, f.NewNonce(s))}
	made, err := f.CreateApplication(f.ctx, a, f.acme, form)
	if err != nil || made.Name != "Telefon" {
		t.Fatalf("%+v, %v", made, err)
	}
	if _, err := f.CreateApplication(f.ctx, a, f.acme, form); !errors.Is(err, keyporter.ErrConflict) {
		t.Errorf("the same form again: %v", err)
	}
	if err := f.RenameApplication(f.ctx, a, f.acme, made.ID, ""); !isInvalid(err) {
		t.Errorf("an empty name: %v", err)
	}
	f.ok(f.RenameApplication(f.ctx, a, f.acme, made.ID, "Phone"))
	if got, err := f.Application(f.ctx, a, f.acme, made.ID); err != nil || got.Name != "Phone" || got.Key != made.Key ||
		got.Default {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestDefaultApplication checks that there is always exactly one; it moves, and cannot be deleted while it is the
// default.
func TestDefaultApplication(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	web, phone := f.applications(ada, f.acme)[0], f.application("Phone")
	for name, confirm := range map[string]string{"with its name": web.Name, "without": ""} {
		if err := f.DeleteApplication(f.ctx, a, f.acme, web.ID, confirm); !isInvalid(err) {
			t.Errorf("deleting the default one %s: %v", name, err)
		}
	}
	if err := f.DeleteApplication(f.ctx, a, f.acme, phone.ID, "phone"); !isInvalid(err) {
		t.Errorf("deleting with another name: %v", err)
	}
	f.ok(f.MakeDefaultApplication(f.ctx, a, f.acme, phone.ID))
	f.ok(f.MakeDefaultApplication(f.ctx, a, f.acme, phone.ID))
	if all := f.applications(vic, f.acme); len(all) != 2 || all[0].ID != phone.ID || !all[0].Default || all[1].Default {
		t.Errorf("the applications are %+v", all)
	}
	f.ok(f.DeleteApplication(f.ctx, a, f.acme, web.ID, " Web app "))
	if err := f.DeleteApplication(f.ctx, a, f.acme, web.ID, web.Name); kind(err) != notFound {
		t.Errorf("deleting it again: %v", err)
	}
	if err := f.DeleteApplication(f.ctx, a, f.acme, phone.ID, phone.Name); !isInvalid(err) {
		t.Errorf("deleting the last one: %v", err)
	}
	want := []keyporter.Action{keyporter.ActionCreatedApplication, keyporter.ActionMadeDefault,
		keyporter.ActionDeletedApplication}
	var got []keyporter.Action
	for _, l := range f.auditEvents(f.acme) {
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

// TestDefaultIsNotDeletedWhileChosen checks that of making an application the default and deleting it at the same
// moment, one is refused.
func TestDefaultIsNotDeletedWhileChosen(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	for range 10 {
		app := f.application("an app")
		var both sync.WaitGroup
		both.Go(func() { f.MakeDefaultApplication(f.ctx, a, f.acme, app.ID) })
		both.Go(func() { f.DeleteApplication(f.ctx, a, f.acme, app.ID, app.Name) })
		both.Wait()
		defaults := 0
		for _, each := range f.applications(ada, f.acme) {
			if each.Default {
				defaults++
			}
		}
		if defaults != 1 {
			t.Fatalf("there are %d default applications", defaults)
		}
	}
}

// TestApplicationChangesTakeEffectImmediately checks that what a request reaches follows the applications as they are
// now.
func TestApplicationChangesTakeEffectImmediately(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	web, phone := f.applications(ada, f.acme)[0], f.application("Phone")
	_, token := f.key("a key", false)
	ask := func(query string) (keyporter.Code, string) {
		v := f.Judge(f.ctx, keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}},
			Method: "GET", Path: "/", Query: query})
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
	f.ok(f.MakeDefaultApplication(f.ctx, a, f.acme, phone.ID))
	expect("", "", phone.ID.String())
	f.ok(f.MakeDefaultApplication(f.ctx, a, f.acme, web.ID))
	f.ok(f.DeleteApplication(f.ctx, a, f.acme, phone.ID, phone.Name))
	expect(named, keyporter.ApplicationUnknown, "")
	expect("", "", web.ID.String())
}

func isInvalid(err error) bool {
	var invalid keyporter.Invalid
	return errors.As(err, &invalid)
}

// TestJudgementTakesNoMemory checks that judging a request that names no application does not allocate.
func TestJudgementTakesNoMemory(t *testing.T) {
	if engine.String() != "sqlite" {
		t.Skip("a database at the other end of a connection is asked")
	}
	f := newFixture(t)
	_, token := f.key("a key", false)
	for _, query := range []string{"", "from=1&to=2"} {
		c := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: "GET", Path: "/",
			Query: query, Address: "192.0.2.1"}
		f.Judge(f.ctx, c)
		if n := testing.AllocsPerRun(100, func() { f.Judge(f.ctx, c) }); n > 0 {
			t.Errorf("%q: a judgement allocates %v times", query, n)
		}
	}
}

// TestApplicationLimit checks that neither a request can name more than 1,000 applications nor a subscription have
// more.
func TestApplicationLimit(t *testing.T) {
	f := newFixture(t)
	_, token := f.key("a key", false)
	ids := make([]string, 0, keyporter.ApplicationLimit)
	f.ok(f.store.Write(f.ctx, func(tx keyporter.Tx) error {
		ids = append(ids[:0], f.applications(ada, f.acme)[0].ID.String())
		for len(ids) < keyporter.ApplicationLimit {
			app := keyporter.FirstApplication("kp", f.acme, start)
			ids = append(ids, app.ID.String())
			if err := tx.InsertApplication(app); err != nil {
				return err
			}
		}
		return nil
	}))
	ask := func(query string) keyporter.Verdict {
		return f.Judge(f.ctx, keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}},
			Method: "GET", Path: "/", Query: query})
	}
	if v := ask("appId=" + strings.Join(ids, ",")); !v.OK() ||
		strings.Count(v.Applications, ",") != keyporter.ApplicationLimit-1 {
		t.Errorf("all by their IDs: %+v", v)
	}
	if v := ask("appId=1&appId=" + strings.Join(ids, ",")); v.Code != keyporter.ApplicationUnknown ||
		v.Reason != keyporter.AppIDMalformed {
		t.Errorf("one more: %+v", v)
	}
	s := f.session(ada)
	_, err := f.CreateApplication(f.ctx, s.Actor(home), f.acme,
		keyporter.ApplicationForm{Name: "one more", Platform: keyporter.Web, Once: f.Once(s, f.NewNonce(s))})
	if !isInvalid(err) {
		t.Errorf("the 1,001st application: %v", err)
	}
}
