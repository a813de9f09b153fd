package server_test

import (
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

// TestButtonsOfRowsAlike: the buttons of rows with the same name also name what distinguishes the rows. Those of other
// rows do not.
func TestButtonsOfRowsAlike(t *testing.T) {
	f := newFixture(t)
	first, _ := f.key("Zapier sync", true)
	second, _ := f.key("Zapier  sync", true) // which looks the same
	f.key("Another", true)
	third, _ := f.feedbackKey(ada, "Zapier sync")
	f.feedbackKey(ada, "Zapier sync")
	one, other := f.application("Shop"), f.application("Shop")
	for _, email := range []string{"sam.one@example.com", "sam.two@example.com"} {
		_, err := f.AddMember(f.ctx, f.actor(ada), f.acme, keyporter.Member{Name: "Sam", Email: email,
			Role: keyporter.Viewer})
		f.ok(err)
	}
	c := f.client(ada)
	for path, names := range map[string][]string{
		keysBelow: {
			"Edit Zapier sync " + first, "Delete Zapier sync " + first, "Edit Zapier  sync " + second,
			"Delete Zapier  sync " + second,
			"Edit Another", "Delete Another",
		},
		ownKeysBelow:    {"Delete Zapier sync " + third},
		"/applications": {"Edit Shop " + one.ID.String(), "Delete Shop " + other.ID.String(), "Edit Web app"},
		"/users":        {"Edit Sam sam.one@example.com", "Remove Sam sam.two@example.com", "Edit Ada"},
	} {
		got := c.get(f.at(path))
		for _, name := range names {
			if strings.Count(got.body, `aria-label="`+name+`"`) != 1 {
				t.Errorf("%s has not one button %q", path, name)
			}
		}
	}
	if got := c.get(f.at(keysBelow + "/" + first + "/delete")); !strings.Contains(got.body, first) {
		t.Error("the dialog does not show the key ID")
	}
}
