package main

import (
	"strings"
	"testing"
)

// TestTokenIsShownOnce: neither a reload nor Back and Forward show the token again, although browsers keep whole pages
// for their Back button, even those with no-store.
func TestTokenIsShownOnce(t *testing.T) {
	s := newSite(t)
	s.signedIn(ada, false).keysOn()
	both(t, func(t *testing.T, scripts bool) {
		for name, leave := range map[string]func(t *testing.T, p *tab){
			"done and back": func(t *testing.T, p *tab) {
				p.done()
				p.loading(func() { p.history("back") })
			},
			"done, back and forward": func(t *testing.T, p *tab) {
				p.done()
				p.open("/account")
				p.loading(func() { p.history("back") })
				p.loading(func() { p.history("back") })
				p.loading(func() { p.history("forward") })
			},
			"address and back": func(t *testing.T, p *tab) {
				p.open("/account")
				p.loading(func() { p.history("back") })
			},
			"another site and back": func(t *testing.T, p *tab) {
				p.open("about:blank")
				p.loading(func() { p.history("back") })
			},
			"back and forward": func(t *testing.T, p *tab) {
				p.loading(func() { p.history("back") })
				p.loading(func() { p.history("forward") })
			},
			"reload": func(t *testing.T, p *tab) {
				p.loading(func() { p.call("Page.reload", map[string]any{}, nil) })
				if !scripts { // a reload sends the form again
					p.find("heading", "This key was already created")
				}
			},
			"reload after done": func(t *testing.T, p *tab) {
				p.done()
				p.loading(func() { p.call("Page.reload", map[string]any{}, nil) })
			},
		} {
			kinds := []kindOfKey{integrationKey}
			if name == "address and back" || name == "reload" { // what keeps it is the same for each kind
				kinds = append(kinds, feedbackKey)
			}
			for _, kind := range kinds {
				t.Run(name+", "+kind.field, func(t *testing.T) {
					p := newTab(t, s.url, scripts)
					p.answer(true)
					p.open("/sign-in")
					p.signedInAs(ada, password)
					p.open(p.value("location.pathname") + "/integrations/" + kind.list)
					token := p.addKeyOf(kind, "Nightly export")
					leave(t, p)
					if strings.Contains(p.source(), secretOf(token)) {
						t.Error("the token is shown again")
					}
				})
			}
		}
	})
}

// TestRevealLeavesNothingBehind: a page that the browser keeps removes the token when it is left, and is replaced by
// the list when it is restored.
func TestRevealLeavesNothingBehind(t *testing.T) {
	p := newSite(t).signedIn(ada, true)
	p.keysOn()
	token := p.addKey("Nightly export")
	p.value(`window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }))`)
	if strings.Contains(p.source(), secretOf(token)) {
		t.Error("the page that was left holds the token")
	}
	p.loading(func() {
		p.value(`window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))`)
	})
	p.gone("dialog", "Your new integration key")
	p.find("button", "Delete Nightly export")
	if asked := p.questions(); len(asked) > 0 {
		t.Errorf("the browser asked %q", asked)
	}
}
