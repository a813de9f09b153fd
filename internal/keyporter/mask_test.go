package keyporter_test

import (
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

// TestNoTokenIsStoredAsText pastes a token where a description or a name belongs.
func TestNoTokenIsStoredAsText(t *testing.T) {
	h := newHouse(t)
	key, token := h.key("a key", true)
	text := "the key is " + token
	if err := h.EditKey(h.ctx, h.actor(ada), h.acme, key.ID.String(), text, false); !strings.Contains(kind(err), "description") {
		t.Errorf("a description with a token: %v", err)
	}
	if err := h.RenameUser(h.ctx, h.actor(ada), text); !strings.Contains(kind(err), "name") {
		t.Errorf("a name with a token: %v", err)
	}
	if masked := keyporter.MaskTokens(text); strings.Contains(masked, token[20:]) || !strings.Contains(masked, key.ID.String()) {
		t.Errorf("masked it is %q", masked)
	}
	if agent := keyporter.NewAgent("curl " + token); strings.Contains(agent, token[20:]) {
		t.Errorf("a User-Agent is kept as %q", agent)
	}
	for _, path := range []string{token, key.ID.String() + token} { // a path is no key ID
		h.want("not found", h.DeleteKey(h.ctx, h.actor(vic), h.acme, path, ""))
	}
	lines, err := h.AuditLog(h.ctx, h.actor(ada), h.acme, keyporter.Position{})
	h.ok(err)
	for _, l := range lines.Rows {
		if strings.Contains(l.KeyID+l.Detail, token[20:]) {
			t.Errorf("the audit log holds the token: %+v", l)
		}
	}
}

// TestAddressesThatLookAlike are two accounts.
func TestAddressesThatLookAlike(t *testing.T) {
	h := newHouse(t)
	for _, email := range []string{"v\u0131c@example.com", "other.vic@example.com"} {
		_, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Alike", Email: email, Role: keyporter.Viewer})
		h.ok(err)
	}
}
