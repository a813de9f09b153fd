package keyporter_test

import (
	"net/url"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

// TestNoTokenIsStoredAsText pastes a token where a description or a name belongs.
func TestNoTokenIsStoredAsText(t *testing.T) {
	f := newFixture(t)
	key, token := f.key("a key", true)
	text := "the key is " + token
	if err := f.EditKey(f.ctx, f.actor(ada), f.acme, key.ID.String(), text, false); !strings.Contains(kind(err), "description") {
		t.Errorf("a description with a token: %v", err)
	}
	if err := f.RenameUser(f.ctx, f.actor(ada), text); !strings.Contains(kind(err), "name") {
		t.Errorf("a name with a token: %v", err)
	}
	if masked := keyporter.MaskTokens(text); strings.Contains(masked, token[20:]) || !strings.Contains(masked, key.ID.String()) {
		t.Errorf("masked it is %q", masked)
	}
	if agent := keyporter.NewAgent("curl " + token); strings.Contains(agent, token[20:]) {
		t.Errorf("a User-Agent is kept as %q", agent)
	}
	for _, path := range []string{token, key.ID.String() + token} { // a path is no key ID
		f.want("not found", f.DeleteKey(f.ctx, f.actor(vic), f.acme, path, ""))
	}
	lines, err := f.AuditLog(f.ctx, f.actor(ada), f.acme, keyporter.Position{})
	f.ok(err)
	for _, l := range lines.Rows {
		if strings.Contains(l.KeyID+l.Detail, token[20:]) {
			t.Errorf("the audit log holds the token: %+v", l)
		}
	}
}

// TestAddressesThatLookAlike are two accounts.
func TestAddressesThatLookAlike(t *testing.T) {
	f := newFixture(t)
	for _, email := range []string{"v\u0131c@example.com", "other.vic@example.com"} {
		_, err := f.AddMember(f.ctx, f.actor(ada), f.acme, keyporter.Member{Name: "Alike", Email: email, Role: keyporter.Viewer})
		f.ok(err)
	}
}

const shownToken = "kpint_4fT9aQ0bZ7Lm_x1Y2x3Y4x5Y6x7Y8x9Y0x1Y2x3Y4x5Y6Qz9Qz9"

// encoded percent-encodes each byte that is no letter or digit, so many times.
func encoded(text string, times int) string {
	for range times {
		text = strings.ReplaceAll(url.QueryEscape(text), "_", "%5F")
	}
	return text
}

// TestMaskedPaths: no part of a secret is left in a path, whatever was done to it.
func TestMaskedPaths(t *testing.T) {
	secret := shownToken[19:]
	for _, path := range []string{
		"/" + shownToken, "/s/" + shownToken + "/edit", "/x" + shownToken, "/" + strings.ToUpper(shownToken), "/" + strings.ToLower(shownToken),
		"/" + shownToken[6:], "/" + secret, "/" + secret[:32], "/a-" + secret[:24] + ".b", "/%zz" + encoded(shownToken, 1), "/acme" + shownToken[2:],
		"/%zz%25" + encoded(shownToken, 3), "/" + encoded(shownToken, 2), "/" + encoded(shownToken, 3), "/" + encoded(shownToken, 5), "/" + encoded(shownToken, 8),
		"/" + encoded(shownToken, 9), "/" + encoded(shownToken, 30), "/%" + shownToken, "/" + shownToken[:30] + "%" + shownToken[30:],
		"/" + everyByte(shownToken), "/" + strings.ReplaceAll(everyByte(shownToken), "%", "%25"),
	} {
		masked := strings.ToLower(keyporter.MaskPath(path))
		for at := 0; at+8 <= len(secret); at++ {
			if strings.Contains(masked, strings.ToLower(secret[at:at+8])) {
				t.Errorf("%q is logged as %q", path, masked)
				break
			}
		}
		if !strings.Contains(masked, "…") {
			t.Errorf("%q is logged as %q", path, masked)
		}
	}
	for path, want := range map[string]string{
		"/s/Hq7Vd2Lk9TfA/settings/integrations/integration-keys/4fT9aQ0bZ7Lm/edit": "/s/Hq7Vd2Lk9TfA/settings/integrations/integration-keys/4fT9aQ0bZ7Lm/edit",
		"/caf%C3%A9": "/café", "/100%": "/100%", "/": "/", "": "", "/sprint_plan": "/sprint_…",
	} {
		if masked := keyporter.MaskPath(path); masked != want {
			t.Errorf("%q is logged as %q, want %q", path, masked, want)
		}
	}
}

// everyByte encodes each byte, letters too.
func everyByte(text string) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for i := range len(text) {
		b.WriteString("%" + string(digits[text[i]>>4]) + string(digits[text[i]&15]))
	}
	return b.String()
}

// TestMaskedTexts: what is kept of a User-Agent, and what a form shows again, has no secret in any writing.
func TestMaskedTexts(t *testing.T) {
	secret := shownToken[19:]
	for _, text := range []string{
		"curl " + shownToken, "curl " + strings.ToUpper(shownToken), "curl/8 (" + encoded(shownToken, 1) + ")", encoded(shownToken, 4),
		encoded(shownToken, 20), everyByte(shownToken), "key " + shownToken[6:],
	} {
		for name, masked := range map[string]string{"a text": keyporter.MaskTokens(text), "a User-Agent": keyporter.NewAgent(text)} {
			if strings.Contains(strings.ToLower(masked), strings.ToLower(secret[:8])) || !strings.Contains(masked, "…") {
				t.Errorf("%s: %q is %q", name, text, masked)
			}
		}
	}
	for _, text := range []string{"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101", "50% of_all", "caf%C3%A9", "applications_something"} {
		if masked := keyporter.MaskTokens(text); masked != text {
			t.Errorf("%q is changed to %q", text, masked)
		}
	}
}

// FuzzMaskPath puts a token somewhere into a path, encoded some times: none of it is left.
func FuzzMaskPath(f *testing.F) {
	f.Add("/", "", 0, false)
	f.Add("/%", "%zz", 7, true)
	f.Add("/a_", "5F", 12, false)
	f.Fuzz(func(t *testing.T, before, after string, times int, all bool) {
		token := shownToken
		if all {
			token = everyByte(token)
		}
		path := before + encoded(token, times&7) + after
		masked := keyporter.MaskPath(path)
		if strings.Contains(masked, shownToken[19:43]) {
			t.Errorf("%q is logged as %q", path, masked)
		}
		if _, fixed := url.PathUnescape(masked); fixed == nil && strings.Contains(masked, shownToken[19:51]) {
			t.Errorf("%q can be read from %q", path, masked)
		}
	})
}
