package server_test

import (
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

// TestPeopleAreNamedByAddressAndUserID: a member who takes another one's name is told from them wherever a page says who did
// something, asks about somebody or says who can help.
func TestPeopleAreNamedByAddressAndUserID(t *testing.T) {
	h := newHouse(t)
	h.ok(h.RenameUser(h.ctx, h.actor(tom), "Ada"))
	key := func(description string) string {
		form := keyporter.KeyForm{Description: description, Nonce: h.NewNonce(h.sessions[tom])}
		key, _, err := h.CreateKey(h.ctx, h.sessions[tom], home, h.acme, form)
		h.ok(err)
		return key.ID.String()
	}
	kept, gone := key("Nightly export"), key("Old export")
	h.ok(h.DeleteKey(h.ctx, h.actor(tom), h.acme, gone, "Old export"))
	_, err := h.AddExcludeEntries(h.ctx, h.actor(tom), h.acme, keyporter.ExcludeServer, "dev.example.com")
	h.ok(err)
	members, err := h.Members(h.ctx, h.actor(ada), h.acme)
	h.ok(err)
	user, member := h.sessions[tom].User.ID, ""
	for _, m := range members {
		if m.UserID == user {
			member = m.ID
		}
	}
	c := h.client(ada)
	for _, path := range []string{
		keysBelow, keysBelow + "/" + kept, keysBelow + "/deleted", keysBelow + "?q=" + gone, listBelow + "/server", "/audit-log",
		"/users", "/users/" + member + "/edit", "/users/" + member + "/remove",
	} {
		c.get(h.at(path)).mustHold(t, path, email(tom), user)
	}
	for _, id := range []string{kept, gone} {
		c.post(h.at(identifyBelow), query("key", id)).mustHold(t, "the page that names "+id, email(tom), user)
	}
	if got := h.client(vic).get(h.at(keysBelow)); got.StatusCode != 403 || !strings.Contains(got.body, email(ada)) {
		t.Errorf("a page that is not allowed does not say whom to write to: %s", got.Status)
	}
}
