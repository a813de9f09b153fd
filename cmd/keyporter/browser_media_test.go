package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestMenu: on a narrow screen the navigation is a menu that opens, works, and closes on Escape.
func TestMenu(t *testing.T) {
	axe := readAxe(t)
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		p.keysOn()
		p.run(p.size(390))
		p.gone("link", "Users")
		p.clickSummary("Menu")
		p.find("link", "Users")
		p.checkAxeAt(axe, "menu", scripts, 390)
		if scripts {
			p.press(kb.Escape)
			p.gone("link", "Users")
			p.clickSummary("Menu")
		}
		p.loading(func() { p.click("link", "Users") })
		p.find("heading", "Users")
		p.gone("link", "Audit log")
	})
}

// clickSummary clicks the summary of a details element.
func (p *tab) clickSummary(name string) {
	p.t.Helper()
	p.click("DisclosureTriangle", name)
}

// TestSwitcher: a member of several subscriptions can switch between them.
func TestSwitcher(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		p.open("/operator/subscriptions")
		p.click("link", "Create subscription")
		p.find("dialog", "Create subscription")
		p.fill("Subscription name", "Globex")
		p.fill("Name", "Ada Lindqvist")
		p.fill("Email", ada)
		p.click("button", "Create subscription")
		p.find("dialog", "Link for Ada Lindqvist")
		p.open(local(t, p.find("textbox", "One-time link").Value.String()))
		p.loading(func() { p.click("button", "Sign in to join") })
		p.has("You have joined.")
		p.clickSummary("Globex , switch subscription")
		p.loading(func() { p.click("link", "Acme") })
		p.find("heading", "Settings")
		if name := p.find("textbox", "Subscription name").Value.String(); name != "Acme" {
			t.Errorf("the settings are those of %s", name)
		}
		p.open("/")
		if name := p.find("textbox", "Subscription name").Value.String(); name != "Acme" {
			t.Errorf("the last subscription is not remembered but %s", name)
		}
	})
}

// TestForcedColorsAndReducedMotion: with forced colours and reduced motion everything can be distinguished and used.
func TestForcedColorsAndReducedMotion(t *testing.T) {
	s := newSite(t)
	p := s.signedIn(ada, true)
	p.media("forced-colors", "active", "prefers-reduced-motion", "reduce")
	p.open("/")
	p.open(p.value("location.pathname") + "/integrations")
	off := p.looks(p.find("switch", "Integration Keys"))
	p.loading(func() { p.click("switch", "Integration Keys") })
	if n := p.find("switch", "Integration Keys"); bytes.Equal(off, p.looks(n)) {
		t.Error("the switch looks the same on and off")
	}
	moving := `document.getAnimations().length + [...document.querySelectorAll("*")].filter((e) =>
		["", "::before", "::after"].some((part) =>
			parseFloat(getComputedStyle(e, part || null).transitionDuration) > 0)).length`
	if n := p.value(moving); n != "0" {
		t.Errorf("%s elements can move", n)
	}

	p.loading(func() { p.click("link", "Manage integration keys") })
	p.tabTo("link", "+ Add Integration Key")
	p.outlined("link", "+ Add Integration Key")
	p.press(kb.Enter)
	p.find("dialog", "Add Integration Key")
	p.insert("Nightly export")
	for _, button := range []string{"Cancel", "Create"} {
		p.tabTo("button", button)
		p.outlined("button", button)
	}
	p.press(kb.Enter)
	p.find("dialog", "Your new integration key")
	p.find("dialog", "Your new integration key")
	s.opens(p.token())
	p.tabTo("checkbox", "I have stored this key")
	p.outlined("checkbox", "I have stored this key")
	if n := p.value(moving); n != "0" {
		t.Errorf("%s elements can move", n)
	}
	p.done()
	p.picture("keys-forced-colors", true)
}

// outlined fails unless the element with the focus has a visible outline.
func (p *tab) outlined(role, name string) {
	p.t.Helper()
	var outline struct {
		Style string
		Width float64
	}
	if err := p.on(p.find(role, name), `function () {
		const s = getComputedStyle(this);
		return { style: s.outlineStyle, width: parseFloat(s.outlineWidth) };
	}`, &outline); err != nil {
		p.t.Fatal(err)
	}
	if outline.Style == "none" || outline.Width < 2 {
		p.t.Errorf("the focus on %s is not to be seen: %+v", name, outline)
	}
}

// looks returns a picture of an element.
func (p *tab) looks(n axNode) []byte {
	p.t.Helper()
	if _, _, err := p.middle(n); err != nil {
		p.t.Fatal(err)
	}
	var box struct{ X, Y, Width, Height float64 }
	err := p.on(n, `function () {
		const b = this.getBoundingClientRect();
		return { x: b.x, y: b.y, width: b.height * 1.5, height: b.height };
	}`, &box)
	var picture struct{ Data string }
	if err == nil {
		clip := map[string]any{"x": box.X, "y": box.Y, "width": box.Width, "height": box.Height, "scale": 1}
		err = p.call("Page.captureScreenshot", map[string]any{"format": "png", "clip": clip}, &picture)
	}
	image, err2 := base64.StdEncoding.DecodeString(picture.Data)
	if err != nil || err2 != nil || len(image) == 0 {
		p.t.Fatal(fmt.Errorf("no picture: %v, %v", err, err2))
	}
	return image
}
