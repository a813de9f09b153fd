package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

// TestRefusedReadsAsTried: the audit log names people by name and address, and begins refused attempts with "Tried to".
func TestRefusedReadsAsTried(t *testing.T) {
	f := newFixture(t)
	for range 3 {
		if got := f.client(vic).post(f.at("/integrations/feature"),
			query("on", "false")); got.StatusCode != http.StatusForbidden {
			t.Fatalf("a Viewer's switch is answered with %d", got.StatusCode)
		}
	}
	log := f.client(ada).get(f.at("/audit-log"))
	for _, want := range []string{"Tried to switch Integration Keys off", "Refused", "3 times", email(vic),
		email(ada)} {
		if !strings.Contains(log.body, want) {
			t.Errorf("the audit log does not say %q", want)
		}
	}
	if strings.Contains(log.body, "Switched Integration Keys off") {
		t.Error("the audit log says that what was refused was done")
	}
}

// TestUnknownAddressInTheAuditLog: an event has the address "unknown" if the proxy forwarded something that is not an
// address.
func TestUnknownAddressInTheAuditLog(t *testing.T) {
	f := newFixture(t)
	c := f.client(ada)
	form := url.Values{"csrf": {c.csrf()}, "name": {"Acme Analytics"}}
	r := c.request("POST", f.at(""), strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-For", "203.0.113.9, hidden")
	if got := c.do(r); got.StatusCode != 303 {
		t.Fatal(got.Status)
	}
	log, err := f.AuditLog(t.Context(), f.sessions[ada].Actor(home), f.acme, keyporter.Position{})
	f.ok(err)
	found := false
	for _, e := range log.Rows { // all of them at the same time
		found = found || e.Action == keyporter.ActionRenamedSubscription && e.Address == "unknown"
	}
	if !found {
		t.Errorf("no event is from an unknown address: %+v", log.Rows)
	}
}
