package keyporter_test

import (
	"strings"
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// TestNoTokenIsStoredAsText pastes a token where a description or a name belongs.
func TestNoTokenIsStoredAsText(t *testing.T) {
	f := newFixture(t)
	key, text := f.key("a key", true)
	description := "the key is " + text
	if err := f.EditKey(f.ctx, f.actor(ada), f.acme, key.ID.String(),
		keyporter.KeyChanges{Description: description}); !strings.Contains(kind(err),
		"description") {
		t.Errorf("a description with a token: %v", err)
	}
	if err := f.RenameUser(f.ctx, f.actor(ada), description); !strings.Contains(kind(err), "name") {
		t.Errorf("a name with a token: %v", err)
	}
	if masked := token.Mask(description); strings.Contains(masked, text[20:]) ||
		!strings.Contains(masked, key.ID.String()) {
		t.Errorf("masked it is %q", masked)
	}
	if agent := keyporter.NewAgent("curl " + text); strings.Contains(agent, text[20:]) {
		t.Errorf("a User-Agent is kept as %q", agent)
	}
	for _, path := range []string{text, key.ID.String() + text} { // a path is no key ID
		f.want("not found", f.DeleteKey(f.ctx, f.actor(vic), f.acme, keyporter.IntegrationKey, path, ""))
	}
	lines, err := f.AuditLog(f.ctx, f.actor(ada), f.acme, keyporter.Position{})
	f.ok(err)
	for _, l := range lines.Rows {
		if strings.Contains(l.KeyID+l.Detail, text[20:]) {
			t.Errorf("the audit log holds the token: %+v", l)
		}
	}
}

// TestAddressesThatLookAlike checks that they are two accounts.
func TestAddressesThatLookAlike(t *testing.T) {
	f := newFixture(t)
	for _, email := range []string{"v\u0131c@example.com", "other.vic@example.com"} {
		_, err := f.AddMember(f.ctx, f.actor(ada), f.acme, keyporter.Member{Name: "Alike", Email: email,
			Role: keyporter.Viewer})
		f.ok(err)
	}
}

// TestAgentsAreMasked expects no secret in a User-Agent that is kept, however it was encoded.
func TestAgentsAreMasked(t *testing.T) {
	const secret = "x1Y2x3Y4x5Y6x7Y8x9Y0x1Y2x3Y4x5Y6Qz9Qz9"
	const token = "kpint_4fT9aQ0bZ7Lm_" + secret
	for _, text := range []string{
		"curl " + token, "curl " + strings.ToUpper(token), "curl/8 (" + strings.ReplaceAll(token, "_", "%5F") + ")",
		"key " + token[6:], strings.Repeat("a", 150) + " " + token,
	} {
		agent := keyporter.NewAgent(text)
		if strings.Contains(strings.ToLower(agent), strings.ToLower(secret[:8])) || !strings.Contains(agent, "…") {
			t.Errorf("%q is kept as %q", text, agent)
		}
	}
}
