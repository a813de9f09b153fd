package main

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
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

// fillDate sets a date field, whose parts a person types in the order of their country.
func (p *tab) fillDate(name, date string) {
	p.t.Helper()
	n := p.find("Date", name)
	if err := p.on(n, `function (date) { this.value = date; }`, nil, date); err != nil {
		p.t.Fatal(err)
	}
}

// chooseOption selects an option of a list with the keyboard.
func (p *tab) chooseOption(name, option string) {
	p.t.Helper()
	n := p.find("combobox", name)
	if err := p.call("DOM.focus", map[string]any{"backendNodeId": n.Backend}, nil); err != nil {
		p.t.Fatal(err)
	}
	p.insertKeys(option)
	if n := p.find("combobox", name); n.Value.String() != option {
		p.t.Errorf("%s is at %s, not %s", name, n.Value, option)
	}
}

// TestMoreSettings creates a key with an end, a contact and a note. The end is that of the day in the browser's time
// zone, in summer as in winter and where a day begins at 01:00, and in UTC without scripts. An error keeps all of it.
func TestMoreSettings(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		p := newSite(t).signedIn(ada, scripts)
		p.keysOn()
		list := p.value("location.pathname")
		for _, c := range []struct{ zone, date, end, zoneless string }{
			{"Europe/Berlin", "2035-07-01", "1 Jul 2035, 22:00:00 UTC", "2 Jul 2035, 00:00:00 UTC"},
			{"Europe/Berlin", "2035-12-01", "1 Dec 2035, 23:00:00 UTC", "2 Dec 2035, 00:00:00 UTC"},
			{"Asia/Beirut", "2035-03-24", "24 Mar 2035, 22:00:00 UTC", "25 Mar 2035, 00:00:00 UTC"},
			{"America/New_York", "2035-12-31", "1 Jan 2036, 05:00:00 UTC", "1 Jan 2036, 00:00:00 UTC"},
		} {
			p.run(emulation.SetTimezoneOverride(c.zone))
			p.open(list)
			p.click("link", "+ Add Integration Key")
			p.find("dialog", "Add Integration Key")
			p.gone("combobox", "Ends")
			p.click("DisclosureTriangle", "More settings")
			p.gone("Date", "End date")
			p.chooseOption("Ends", "On a date")
			if zone := p.find("Date", "End date").Description.String(); scripts != strings.Contains(zone, c.zone) {
				t.Errorf("the date is described as %q", zone)
			}
			p.fill("Contact", "Zoë")
			p.fill("Note", "nightly")
			p.send("Create")
			p.has("Type a date of the calendar")
			p.fill("Description", c.date)
			p.fillDate("End date", c.date)
			p.send("Create")
			p.find("dialog", "Your new integration key")
			want := c.end
			if !scripts {
				want = c.zoneless
			}
			p.has("It ends on " + want)
			p.done()
			p.loading(func() { p.click("link", c.date) })
			p.has("Ends " + want)
			p.has("Contact Zoë Note nightly")
		}
	})
}

// TestChangeEndInTheDialog gives a key an end, and takes it away again.
func TestChangeEndInTheDialog(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		p := newSite(t).signedIn(ada, scripts)
		p.keysOn()
		p.addKey("Nightly export")
		p.done()
		p.loading(func() { p.click("link", "Nightly export") })
		p.has("Ends never")
		p.run(emulation.SetTimezoneOverride("Europe/Berlin"))
		p.click("link", "Change end")
		p.find("dialog", "Change end")
		p.has("It never ends.")
		p.chooseOption("Ends", "On a date")
		p.fillDate("End date", "2020-01-01")
		p.loading(func() { p.click("button", "Save") })
		p.has("This day is over.")
		p.fillDate("End date", "2035-07-01")
		p.loading(func() { p.click("button", "Save") })
		p.has("The end was changed.")
		if scripts {
			p.has("Ends 1 Jul 2035, 22:00:00 UTC")
		} else {
			p.has("Ends 2 Jul 2035, 00:00:00 UTC")
		}
		p.click("link", "Change end")
		p.find("dialog", "Change end")
		p.chooseOption("Ends", "Never")
		p.loading(func() { p.click("button", "Save") })
		p.has("Ends never")

		p.click("link", "Edit")
		p.find("dialog", "Edit integration key")
		p.fill("Contact", "Zoë")
		p.loading(func() { p.click("button", "Save") })
		p.has("Contact Zoë")
	})
}
