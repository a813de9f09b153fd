package main

import (
	"path/filepath"
	"regexp"
	"testing"
)

var setUpLink = regexp.MustCompile(`http://localhost:8080/setup\?token=\S+`)

// From the link that an empty installation prints to a key that opens a door, and to one that does not any more.
func TestFirstKey(t *testing.T) {
	for name, scripts := range map[string]bool{"with scripts": true, "without scripts": false} {
		t.Run(name, func(t *testing.T) {
			s := serveSite(t, "serve", "--database", filepath.Join(t.TempDir(), "keyporter.db"))
			p := s.visitor(scripts)
			p.open(local(t, setUpLink.FindString(s.output.String())))
			p.fill("Subscription name", "Acme")
			p.fill("Your name", "Ada Lindqvist")
			p.fill("Email", ada)
			p.fill("Password", password)
			p.loading(func() { p.click("button", "Set up") })
			p.has("Keyporter is set up.")

			p.keysOn()
			if scripts {
				token := p.addKey("Nightly export")
				_ = token
			}
		})
	}
}
