package server_test

import (
	"net/http"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

// application creates an application of Acme as Ada. It is not the default.
func (f *fixture) application(name string) keyporter.Application {
	f.t.Helper()
	s := f.sessions[ada]
	made, err := f.CreateApplication(f.ctx, s.Actor(home), f.acme,
		keyporter.ApplicationForm{Name: name, Platform: keyporter.Web, Once: f.Once(s, f.NewNonce(s))})
	f.ok(err)
	return made
}

// TestApplicationPages: an application is created once however often its form is sent. Its page shows its key and its
// snippet to every member. Deleting it needs its name.
func TestApplicationPages(t *testing.T) {
	f := newFixture(t)
	c, viewer := f.client(nora), f.client(vic)
	list := f.at("/applications")
	form, found := c.get(list + "/new").form(list)
	if !found {
		t.Fatal("there is no form")
	}
	form.Set("name", "<b>Shop</b>")
	form.Set("platform", "desktop")
	if got := c.send(list, form); got.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(got.body, "&lt;b&gt;Shop") || !strings.Contains(got.body, "Choose one of the platforms.") {
		t.Errorf("another platform: %s", got.Status)
	}
	form.Set("platform", "extension")
	got := c.send(list, form)
	if got.StatusCode != http.StatusSeeOther {
		t.Fatalf("creating: %s", got.Status)
	}
	at := got.Header.Get("Location")
	if again := c.send(list, form); again.StatusCode != http.StatusConflict {
		t.Errorf("the same form again: %s", again.Status)
	}
	shown := viewer.get(at)
	all, err := f.Applications(f.ctx, f.actor(vic), f.acme)
	f.ok(err)
	if len(all) != 2 || !strings.Contains(shown.body, all[1].Key) ||
		!strings.Contains(shown.body, "applicationKey: &#34;"+all[1].Key) {
		t.Errorf("the page of %+v: %s", all, shown.body)
	}
	for _, verb := range []string{"/edit", "/delete", "/default"} {
		if strings.Contains(shown.body, at+verb) {
			t.Errorf("a Viewer is offered %s", verb)
		}
	}
	if text := viewer.get(list).body; !strings.Contains(text, all[0].Key) || strings.Contains(text, list+"/new") {
		t.Errorf("a Viewer's list: %s", text)
	}
	if got := c.post(at+"/delete", query("confirm", "Shop")); got.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(got.body, "This is not the name.") {
		t.Errorf("deleting with another name: %s", got.Status)
	}
	if got := c.post(at+"/default", nil); got.StatusCode != http.StatusSeeOther {
		t.Errorf("making it the default: %s", got.Status)
	}
	if got := c.post(at+"/delete", query("confirm", "<b>Shop</b>")); got.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(got.body, "This is the default application") {
		t.Errorf("deleting the default: %s", got.Status)
	}
	f.ok(f.MakeDefaultApplication(f.ctx, f.actor(ada), f.acme, all[0].ID))
	if got := c.post(at+"/delete", query("confirm", "<b>Shop</b>")); got.StatusCode != http.StatusSeeOther {
		t.Errorf("deleting: %s", got.Status)
	}
	for _, path := range []string{at, at + "/edit", at + "/delete", list + "/0", list + "/x", list +
		"/9007199254740992"} {
		if got := c.get(path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, got.Status)
		}
	}
}
