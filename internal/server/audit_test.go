package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestRefusedReadsAsTried: the log says by name and address who did something, and of what was refused that it was tried.
func TestRefusedReadsAsTried(t *testing.T) {
	h := newHouse(t)
	for range 3 {
		if got := h.client(vic).post(h.at("/integrations/feature"), query("on", "false")); got.StatusCode != http.StatusForbidden {
			t.Fatalf("a Viewer's switch is answered with %d", got.StatusCode)
		}
	}
	log := h.client(ada).get(h.at("/audit-log"))
	for _, want := range []string{"Tried to switch Integration Keys off", "Refused", "3 times", email(vic), email(ada)} {
		if !strings.Contains(log.body, want) {
			t.Errorf("the audit log does not say %q", want)
		}
	}
	if strings.Contains(log.body, "Switched Integration Keys off") {
		t.Error("the audit log says that what was refused was done")
	}
}
