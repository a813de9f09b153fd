package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var setUpLink = regexp.MustCompile(`http://localhost:\d+/setup\?token=\S+`)

// both runs a test with scripts and without them.
func both(t *testing.T, test func(t *testing.T, scripts bool)) {
	for name, scripts := range map[string]bool{"with scripts": true, "without scripts": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, scripts)
		})
	}
}

// TestFirstKey begins with the set-up link of an empty installation, and ends with a key that is accepted and then
// refused.
func TestFirstKey(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := serveSite(t, "serve", "--database", filepath.Join(t.TempDir(), "keyporter.db"))
		p := s.visitor(scripts)
		link := local(t, setUpLink.FindString(s.output.String()))
		p.open(link)
		p.fill("Subscription name", "Acme")
		p.fill("Your name", "Ada Lindqvist")
		p.fill("Email", ada)
		p.fill("Password", password)
		p.loading(func() { p.click("button", "Set up") })
		p.has("Keyporter is set up.")
		p.open(link)
		p.has("Error 404")

		p.keysOn()
		token := p.addKey("Nightly export")
		s.opens(token)
		p.done()
		p.find("rowheader", "Nightly export "+keyID(token))
		if strings.Contains(p.source(), secretOf(token)) {
			t.Error("the list holds the token's secret")
		}
		p.untilUsed()

		p.click("button", "Delete Nightly export")
		p.find("dialog", "Delete integration key?")
		p.has("What uses it stops working.")
		p.fill("Type the description to confirm", "Nightly")
		p.loading(func() { p.click("button", "Delete key") })
		p.has("Nothing was deleted.")
		s.opens(token)
		p.fill("Type the description to confirm", "Nightly export")
		p.loading(func() { p.click("button", "Delete key") })
		s.closed(token, "key_invalid")
		p.has("The key was deleted.")
		p.gone("button", "Delete Nightly export")
	})
}

// TestOwnKey creates, uses and deletes a Feedback API key. The feature is off.
func TestOwnKey(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		keys := p.value("location.pathname") + "/integrations/feedback-keys"
		p.open(keys)
		p.loading(func() { p.click("link", "Keys in Keyporter") })
		p.find("heading", "Keys in Keyporter")
		p.open(keys)
		const description = "Ideas board"
		token := p.addKeyOf(feedbackKey, description)
		s.opens(token)
		p.done()
		p.find("rowheader", description+" "+keyID(token))
		p.gone("link", "Edit "+description)
		if strings.Contains(p.source(), secretOf(token)) {
			t.Error("the list holds the token's secret")
		}
		p.untilUsed()
		p.click("button", "Delete "+description)
		p.find("dialog", "Delete Feedback API key?")
		p.fill("Type the description to confirm", description)
		p.loading(func() { p.click("button", "Delete key") })
		s.closed(token, "key_invalid")
		p.has("The key was deleted.")
		p.gone("button", "Delete "+description)
	})
}

// untilUsed reloads the list until it shows that a key was used.
func (p *tab) untilUsed() {
	p.t.Helper()
	p.until(func() error {
		p.open("/" + strings.SplitN(p.value("location.href"), "/", 4)[3])
		if !strings.Contains(p.text(), "Active") || !strings.Contains(p.text(), "127.0.0.1") {
			return fmt.Errorf("the list does not show that the key was used:\n%s", p.text())
		}
		return nil
	})
}

// keyID returns the key ID in a token, and secretOf the rest.
func keyID(token string) string    { return strings.Split(token, "_")[1] }
func secretOf(token string) string { return strings.Split(token, "_")[2] }

// TestSignOut signs in and out. Afterwards Back shows nothing of the session.
func TestSignOut(t *testing.T) {
	s := newSite(t)
	both(t, func(t *testing.T, scripts bool) {
		p := newTab(t, s.url, scripts)
		p.open("/account")
		p.find("heading", "Sign in")
		p.fill("Email", ada)
		p.fill("Password", "not the password at all")
		p.loading(func() { p.click("button", "Sign in") })
		p.find("alert", "")
		p.fill("Password", password)
		p.loading(func() { p.click("button", "Sign in") })
		p.find("heading", "Your account")

		p.loading(func() { p.click("button", "Sign out") })
		p.has("You are signed out.")
		p.history("back")
		p.find("heading", "Sign in")
		p.hasNot("Ada Lindqvist")
	})
}
