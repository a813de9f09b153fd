package server_test

import (
	"net/http"
	"strings"
	"testing"

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
