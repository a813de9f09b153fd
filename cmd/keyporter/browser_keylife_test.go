package main

import (
	"strings"
	"testing"
)

// TestDisableAndEnable disables a key from its page and from its row, and enables it with one click at both.
func TestDisableAndEnable(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		p.keysOn()
		list := p.value("location.pathname")
		token := p.addKey("Nightly export")
		p.done()
		s.opens(token)
		p.untilUsed()
		p.loading(func() { p.click("link", "Nightly export") })
		p.click("link", "Disable")
		p.find("dialog", "Disable integration key?")
		p.has("Used once in the last 24 hours")
		p.hasFocus("textbox", "Reason")
		p.fill("Reason", "It was in a log.")
		s.opens(token)
		p.loading(func() { p.click("button", "Disable key") })
		s.closed(token, "key_disabled")
		p.has("It was in a log.")
		p.has("Status Disabled")
		p.gone("link", "Disable")
		p.loading(func() { p.click("button", "Enable key") })
		s.opens(token)
		p.has("The key is enabled.")
		p.hasNot("It was in a log.")

		p.open(list)
		p.click("button", "Disable Nightly export")
		p.find("dialog", "Disable integration key?")
		p.loading(func() { p.click("button", "Disable key") })
		s.closed(token, "key_disabled")
		if at := p.value("location.pathname"); at != list {
			t.Errorf("disabling a row leads to %s", at)
		}
		p.has("Disabled")
		p.gone("button", "Disable Nightly export")
		p.loading(func() { p.click("button", "Enable Nightly export") })
		s.opens(token)
		p.find("button", "Disable Nightly export")

		p.open(list + "/" + keyID(token) + "/disable")
		p.loading(func() { p.click("button", "Cancel") })
		if at := p.value("location.pathname"); !strings.HasSuffix(at, keyID(token)) {
			t.Errorf("Cancel leads to %s", at)
		}
		s.opens(token)
	})
}
