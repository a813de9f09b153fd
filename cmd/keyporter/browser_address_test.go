package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestAllowedAddresses limits a key to another address, finds the own one among those that were refused, and allows it
// with one click.
func TestAllowedAddresses(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		p.keysOn()
		token := p.addKey("Nightly export")
		p.done()
		s.opens(token)
		p.loading(func() { p.click("link", "Nightly export") })
		p.find("heading", "Used from")
		p.gone("heading", "Refused addresses")
		p.click("link", "Change addresses")
		p.find("dialog", "Allowed addresses")
		p.has("In use in the last 7 days: 127.0.0.1")
		p.fill("Allowed addresses", "192.0.2.0/24")
		p.loading(func() { p.click("button", "Save") })
		p.has("They leave out addresses that used the key in the last 7 days")
		s.closed(token, "address_not_allowed")
		p.loading(func() { p.call("Page.reload", map[string]any{}, nil) })
		p.find("heading", "Refused addresses")
		p.loading(func() { p.click("button", "Allow 127.0.0.1") })
		p.has("The address is allowed.")
		s.opens(token)
		p.gone("button", "Allow 127.0.0.1")
	})
}

// TestUseMyAddress: the button adds the browser's address to the form for a new key, and keeps the rest. Enter creates
// the key.
func TestUseMyAddress(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		p.keysOn()
		p.click("link", "+ Add Integration Key")
		p.find("dialog", "Add Integration Key")
		p.click("DisclosureTriangle", "More settings")
		p.fill("Description", "Nightly export")
		p.fill("Allowed addresses", "192.0.2.7")
		p.send("Use my address")
		p.until(func() error {
			if source := p.source(); !strings.Contains(source, "192.0.2.7\n127.0.0.1") {
				return errors.New("the own address is not in the form")
			}
			return nil
		})
		p.find("dialog", "Add Integration Key")
		p.fill("Description", "Nightly import")
		p.press(kb.Enter)
		p.find("dialog", "Your new integration key")
		token := p.find("textbox", "Integration key").Value.String()
		s.opens(token)
	})
}
