package gate

import (
	"testing"

	"keyporter/internal/keyporter"
)

func TestOwns(t *testing.T) {
	for path, want := range map[string]bool{
		"/gate": true, "/gate/": true, "/gate/a/b": true, "/api/v1": true, "/api/v1/": true,
		"/api/v1/token/verify": true,
		"/":                    false, "/gates": false, "/gate.html": false, "/Gate": false, "/api": false,
		"/api/v10": false, "/api/v2/x": false, "": false, "//gate": false,
	} {
		if Owns(path) != want {
			t.Errorf("Owns(%q) = %v", path, !want)
		}
	}
}

// TestCodes: the statuses and the challenge of each refusal, of /gate and of the API.
func TestCodes(t *testing.T) {
	const realm = `Bearer realm="keyporter"`
	for code, want := range map[keyporter.Code]struct {
		status, verify int
		challenge      string
	}{
		keyporter.ProxyUntrusted:      {403, 403, ""},
		keyporter.KeyMissing:          {401, 403, realm},
		keyporter.KeyAmbiguous:        {401, 403, ""},
		keyporter.KeyWrongKind:        {401, 403, ""},
		keyporter.KeyInvalid:          {401, 403, realm + `, error="invalid_token"`},
		keyporter.Unavailable:         {503, 503, ""},
		keyporter.KeyDisabled:         {401, 403, realm + `, error="invalid_token"`},
		keyporter.KeyExpired:          {401, 403, realm + `, error="invalid_token"`},
		keyporter.FeatureDisabled:     {403, 403, ""},
		keyporter.AddressNotAllowed:   {403, 403, ""},
		keyporter.WriteAccessRequired: {403, 403, realm + `, error="insufficient_scope"`},
		keyporter.ApplicationUnknown:  {403, 400, ""},
		keyporter.BlacklistInvalid:    {403, 400, ""},
	} {
		if gateStatus(code) != want.status || apiStatus(code) != want.verify || challenge(code) != want.challenge ||
			titles[code] == "" {
			t.Errorf("%s: %d, %d, %q, %q", code, gateStatus(code), apiStatus(code), challenge(code), titles[code])
		}
	}
	if len(titles) != 13 {
		t.Errorf("there are %d codes, of which this table has 13", len(titles))
	}
}

func TestIsMethod(t *testing.T) {
	for text, want := range map[string]bool{
		"GET": true, "get": true, "M-SEARCH": true, "VERSION_CONTROL": true,
		"": false, "GET ": false, "GET /": false, "GET\r\n": false, "GÉT": false, "GET,POST": false, "\x00": false,
	} {
		if isMethod(text) != want {
			t.Errorf("isMethod(%q) = %v", text, !want)
		}
	}
}

func TestOverrides(t *testing.T) {
	for name, want := range map[string]bool{
		"X-Http-Method-Override": true, "X-Http-Method": true, "X-Method-Override": true,
		"X_http_method_override": true, "X-Http_method": true, "X_method-Override": true,
		"X-Integration-Key": false, "X-Forwarded-Method": false, "X-Http-Methods": false, "Method-Override": false,
		"X": false, "": false,
	} {
		if overridesMethod(name) != want {
			t.Errorf("overrides(%q) = %v", name, !want)
		}
	}
}
