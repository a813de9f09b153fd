package token

import (
	"net/url"
	"strings"
	"testing"
)

const shownToken = "kpint_4fT9aQ0bZ7Lm_x1Y2x3Y4x5Y6x7Y8x9Y0x1Y2x3Y4x5Y6Qz9Qz9"

// encoded percent-encodes each byte that is no letter or digit; then the result again, as often as times says.
func encoded(text string, times int) string {
	for range times {
		text = strings.ReplaceAll(url.QueryEscape(text), "_", "%5F")
	}
	return text
}

// TestMaskPath expects no part of a secret in a masked path, however the token was encoded or damaged.
func TestMaskPath(t *testing.T) {
	secret := shownToken[19:]
	for _, path := range []string{
		"/" + shownToken, "/s/" + shownToken + "/edit", "/x" + shownToken, "/acme" + shownToken[2:], "/%" + shownToken,
		"/" + strings.ToUpper(shownToken), "/" + strings.ToLower(shownToken),
		"/" + shownToken[:30] + "%" + shownToken[30:],
		"/" + shownToken[6:], "/" + secret, "/" + secret[:32], "/a-" + secret[:24] + ".b",
		"/" + encoded(shownToken, 2), "/" + encoded(shownToken, 3), "/" + encoded(shownToken, 5),
		"/" + encoded(shownToken, 8), "/" + encoded(shownToken, 9), "/" + encoded(shownToken, 30),
		"/%zz" + encoded(shownToken, 1), "/%zz%25" + encoded(shownToken, 3),
		"/" + everyByte(shownToken), "/" + strings.ReplaceAll(everyByte(shownToken), "%", "%25"),
	} {
		masked := strings.ToLower(MaskPath(path))
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
	const page = "/s/Hq7Vd2Lk9TfA/settings/integrations/integration-keys/4fT9aQ0bZ7Lm/edit"
	for path, want := range map[string]string{
		page:         page,
		"/caf%C3%A9": "/café", "/100%": "/100%", "/": "/", "": "", "/sprint_plan": "/sprint_…",
	} {
		if masked := MaskPath(path); masked != want {
			t.Errorf("%q is logged as %q, want %q", path, masked, want)
		}
	}
}

// everyByte percent-encodes each byte, also letters and digits.
func everyByte(text string) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for i := range len(text) {
		b.WriteString("%" + string(digits[text[i]>>4]) + string(digits[text[i]&15]))
	}
	return b.String()
}

// TestMask expects no secret in a masked text, however it was encoded, and other texts unchanged.
func TestMask(t *testing.T) {
	secret := shownToken[19:]
	for _, text := range []string{
		"curl " + shownToken, "curl " + strings.ToUpper(shownToken), "curl/8 (" + encoded(shownToken, 1) + ")",
		encoded(shownToken, 4), encoded(shownToken, 20), everyByte(shownToken), "key " + shownToken[6:],
	} {
		masked := Mask(text)
		if strings.Contains(strings.ToLower(masked), strings.ToLower(secret[:8])) || !strings.Contains(masked, "…") {
			t.Errorf("%q is masked as %q", text, masked)
		}
	}
	for _, text := range []string{
		"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101", "50% of_all", "caf%C3%A9", "applications_something",
	} {
		if masked := Mask(text); masked != text {
			t.Errorf("%q is changed to %q", text, masked)
		}
	}
}

// FuzzMaskPath puts a token into a path, percent-encoded up to 7 times, and expects no part of it in the masked path.
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
		masked := MaskPath(path)
		if strings.Contains(masked, shownToken[19:43]) {
			t.Errorf("%q is logged as %q", path, masked)
		}
		if _, fixed := url.PathUnescape(masked); fixed == nil && strings.Contains(masked, shownToken[19:51]) {
			t.Errorf("%q can be read from %q", path, masked)
		}
	})
}
