package part

import (
	"slices"
	"testing"
	"time"
)

func TestRelative(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 3, 7, 0, time.UTC)
	for _, c := range []struct {
		ago  time.Duration
		want string
	}{
		{0, "just now"},
		{59 * time.Second, "just now"},
		{-59 * time.Second, "just now"},
		{time.Minute, "1 minute ago"},
		{3*time.Minute + 59*time.Second, "3 minutes ago"},
		{59 * time.Minute, "59 minutes ago"},
		{time.Hour, "1 hour ago"},
		{23*time.Hour + 59*time.Minute, "23 hours ago"},
		{24 * time.Hour, "yesterday"},
		{38 * time.Hour, "yesterday"},
		{39 * time.Hour, "2 days ago"},
		{4 * 24 * time.Hour, "4 days ago"},
		{29 * 24 * time.Hour, "29 days ago"},
		{30 * 24 * time.Hour, "23 Oct 2026"},
		{-2 * 24 * time.Hour, "24 Nov 2026"},
	} {
		if got := Relative(now, now.Add(-c.ago)); got != c.want {
			t.Errorf("%v ago is %q, want %q", c.ago, got, c.want)
		}
	}
	if got := Relative(now, time.Time{}); got != "never" {
		t.Errorf("the zero time is %q", got)
	}
}

// TestUTC checks that times of another zone are converted to UTC.
func TestUTC(t *testing.T) {
	at := time.Date(2026, 11, 23, 1, 3, 7, 0, time.FixedZone("", 2*60*60))
	if got := DateTime(at); got != "22 Nov 2026, 23:03:07 UTC" {
		t.Error(got)
	}
	if got := Day(at); got != "22 Nov 2026" {
		t.Error(got)
	}
}

func TestSummary(t *testing.T) {
	errs := Errors{"email": "E", "name": "N", "nonce": "O", "": "W"}
	got := summaryOf(errs, []Link{To("name", "Your name"), To("email", "Email"), To("role", "Role")})
	want := []summaryItem{{"name", "Your name: N"}, {"email", "Email: E"}, {"", "W"}, {"", "O"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestContactHref(t *testing.T) {
	for contact, want := range map[string]string{
		"":                            "",
		"Olu, extension 12":           "",
		"olu@vendor.example":          "mailto:olu@vendor.example",
		"Olu <olu@vendor.example>":    "",
		"https://vendor.example/help": "https://vendor.example/help",
		"javascript:alert(1)":         "",
	} {
		if got := contactHref(contact); got != want {
			t.Errorf("%q leads to %q, want %q", contact, got, want)
		}
	}
}
