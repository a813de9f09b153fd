package demo_test

import (
	"path/filepath"
	"testing"
	"time"

	"keyporter/internal/demo"
	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

// TestFill fills a database, signs in its users and uses its key.
func TestFill(t *testing.T) {
	const password = "four words in a row"
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "keyporter.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	end := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	contents, err := demo.Fill(t.Context(), s, password, end)
	if err != nil {
		t.Fatal(err)
	}
	p := keyporter.New(s, keyporter.Options{Now: func() time.Time { return end }})
	client := keyporter.NewClientInfo("192.0.2.1", "test")
	for _, u := range contents.Users {
		if _, _, err := p.SignIn(t.Context(), u.Email, password, "", client); err != nil {
			t.Errorf("%s cannot sign in: %v", u.Email, err)
		}
	}
	call := keyporter.Call{Method: "GET", Path: "/", Query: "expand=*", Address: "192.0.2.1"}
	call.IntegrationKey = []string{contents.Key.Reveal()}
	applications, v := p.ApplicationsOf(t.Context(), call)
	if !v.OK() || len(applications) != len(contents.Applications) || len(applications) < 2 {
		t.Errorf("the key reaches %v, %s, want %v", applications, v.Code, contents.Applications)
	}
	list, v := p.ExcludeListOf(t.Context(), call)
	if !v.OK() || len(list.Entries()) < 10 {
		t.Errorf("the Exclude List has %v, %s", list.Entries(), v.Code)
	}
	testPages(t, p, v.SubscriptionID)
}

// testPages looks at what the pages of Ada's subscription show.
func testPages(t *testing.T, p *keyporter.Porter, subscription string) {
	t.Helper()
	value, _, err := p.SignIn(t.Context(), demo.Ada, "four words in a row", "", keyporter.ClientInfo{})
	if err != nil {
		t.Fatal(err)
	}
	ada, _, err := p.FindSession(t.Context(), value.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := p.Keys(t.Context(), ada.Actor(keyporter.ClientInfo{}), subscription, keyporter.IntegrationKey,
		keyporter.KeyFilter{}, keyporter.Position{})
	if err != nil || keys.Total != 200 || keys.Rows[0].Description != "Nightly warehouse export" {
		t.Errorf("the list of %d keys begins with %v, %v", keys.Total, keys.Rows, err)
	}
	events, err := p.AuditLog(t.Context(), ada.Actor(keyporter.ClientInfo{}), subscription, keyporter.Position{})
	if err != nil || len(events.Rows) != keyporter.PageSize {
		t.Errorf("the audit log has %v, %v", events.Rows, err)
	}
}
