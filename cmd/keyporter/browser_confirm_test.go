package main

import (
	"strings"
	"testing"
)

// TestConfirmed: the button opens a dialog, Cancel changes nothing, and only the dialog's button does the operation.
func TestConfirmed(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		p.open("/")
		settings := p.value("location.href")
		guest := s.visitor(scripts)
		guest.open(p.invite(settings, "Tomás Oliveira", tomas))
		guest.fill("Password", password)
		guest.loading(func() { guest.click("button", "Set password") })

		p.open(settings + "/exclude-list/server/new")
		p.fill("Entries, one on each line", "dev*\n*:3000\nstaging.example.com")
		p.loading(func() { p.click("button", "Add entries") })
		list := p.value("location.href")
		p.open(settings + "/applications/new")
		p.fill("Name", "Phone")
		p.loading(func() { p.click("button", "Create") })
		phone := p.value("location.href")

		for _, c := range []struct {
			page, opener, dialog, button string
			prepare                      func()
			before, after                string // texts of the page
		}{
			{phone, "Make default", "Make this application the default?", "Make default", func() {},
				"No. A request reaches it", "Yes. A request that names no application"},
			{list, "Delete selected", "Delete selected entries?", "Delete selected", func() {
				p.click("checkbox", "dev*")
				p.click("checkbox", "*:3000")
			}, "dev*", "Deleted: 2 entries."},
			{settings + "/users", "Remove Tomás Oliveira", "Remove user?", "Remove user", func() {}, tomas,
				"The user was removed."},
		} {
			p.open(c.page)
			c.prepare()
			p.click("button", c.opener)
			p.find("dialog", c.dialog)
			if scripts {
				p.click("button", "Cancel")
			} else {
				p.loading(func() { p.click("button", "Cancel") })
			}
			p.gone("dialog", c.dialog)
			p.open(c.page)
			p.has(c.before)
			c.prepare()
			p.click("button", c.opener)
			p.find("dialog", c.dialog)
			p.loading(func() { p.click("button", c.button) })
			p.has(c.after)
		}
		p.open(list)
		p.has("staging.example.com")
		p.hasNot("*:3000")
	})
}

// TestWithdrawnByName: the feature is withdrawn only after the subscription's name was typed.
func TestWithdrawnByName(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		p.keysOn()
		token := p.addKey("Nightly export")
		p.done()
		p.open("/operator/subscriptions")
		p.click("button", "Withdraw")
		p.find("dialog", "Withdraw Integration Keys?")
		p.loading(func() { p.click("button", "Withdraw") })
		p.has("Nothing was withdrawn.")
		p.find("dialog", "Withdraw Integration Keys?")
		p.fill("Type the subscription's name to confirm", "Globex")
		p.loading(func() { p.click("button", "Withdraw") })
		p.has("Nothing was withdrawn.")
		s.opens(token)
		p.loading(func() { p.click("button", "Cancel") })
		if at := p.value("location.pathname"); !strings.HasSuffix(at, "/operator/subscriptions") {
			t.Errorf("Cancel leads to %s", at)
		}
		p.click("button", "Withdraw")
		p.find("dialog", "Withdraw Integration Keys?")
		p.fill("Type the subscription's name to confirm", " acme ")
		p.loading(func() { p.click("button", "Withdraw") })
		p.has("Nothing was withdrawn.")
		p.fill("Type the subscription's name to confirm", " Acme ")
		p.loading(func() { p.click("button", "Withdraw") })
		p.has("Integration Keys were withdrawn.")
		s.closed(token, "feature_disabled")
	})
}
