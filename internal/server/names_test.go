package server_test

import (
	"strings"
	"testing"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

// TestPeopleAreNamedByAddressAndUserID: two members with the same name can be distinguished wherever a page says who
// did something, asks about a person or says who can help.
func TestPeopleAreNamedByAddressAndUserID(t *testing.T) {
	f := newFixture(t)
	f.ok(f.RenameUser(f.ctx, f.actor(tom), "Ada"))
	key := func(description string) string {
		form := keyporter.KeyForm{Description: description, Once: f.Once(f.sessions[tom], f.NewNonce(f.sessions[tom]))}
		key, _, err := f.CreateKey(f.ctx, f.sessions[tom].Actor(home), f.acme, keyporter.IntegrationKey, form)
		f.ok(err)
		return key.ID.String()
	}
	kept, gone := key("Nightly export"), key("Old export")
	f.ok(f.DeleteKey(f.ctx, f.actor(tom), f.acme, keyporter.IntegrationKey, gone, "Old export"))
	_, err := f.AddExcludeEntries(f.ctx, f.actor(tom), f.acme, exclude.Server, "dev.example.com")
	f.ok(err)
	members, err := f.Members(f.ctx, f.actor(ada), f.acme)
	f.ok(err)
	user, member := f.sessions[tom].User.ID, ""
	for _, m := range members {
		if m.UserID == user {
			member = m.ID
		}
	}
	c := f.client(ada)
	for _, path := range []string{
		keysBelow, keysBelow + "/" + kept, keysBelow + "/deleted", keysBelow + "?q=" + gone, listBelow + "/server",
		"/audit-log",
		"/users", "/users/" + member + "/edit", "/users/" + member + "/remove",
	} {
		c.get(f.at(path)).mustHold(t, path, email(tom), user)
	}
	for _, id := range []string{kept, gone} {
		c.post(f.at(identifyBelow), query("key", id)).mustHold(t, "the page that names "+id, email(tom), user)
	}
	if got := f.client(vic).get(f.at(keysBelow)); got.StatusCode != 403 || !strings.Contains(got.body, email(ada)) {
		t.Errorf("a page that is not allowed does not say whom to write to: %s", got.Status)
	}
}
