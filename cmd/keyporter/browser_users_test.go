package main

import (
	"strings"
	"testing"
)

const tomas = "tomas@example.com"

// TestInvitation: a user is invited with a link, joins with it in another browser, and a change of their rights takes
// effect at once.
func TestInvitation(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		owner := s.signedIn(ada, scripts)
		owner.keysOn()
		settings := strings.TrimSuffix(owner.value("location.href"), "/integrations/integration-keys")
		link := owner.invite(settings, "Tomás Oliveira", tomas)

		guest := s.visitor(scripts)
		guest.open(link)
		guest.has(tomas + " is invited to Acme as Admin.")
		guest.fill("Password", "too short")
		guest.loading(func() { guest.click("button", "Set password") })
		guest.has("Nothing was saved.")
		guest.hasFocus("alert", "")
		guest.fill("Password", password)
		guest.loading(func() { guest.click("button", "Set password") })
		guest.has("You have joined.")
		guest.open(settings + "/integrations/integration-keys")
		guest.addKey("Salesforce sync")
		guest.done()

		again := s.visitor(scripts)
		again.open(link)
		again.has("Error 404")

		owner.open(settings + "/users")
		owner.click("link", "Edit Tomás Oliveira")
		owner.find("dialog", "Edit user")
		owner.click("checkbox", "Integration key access")
		owner.loading(func() { owner.click("button", "Save") })
		guest.open(settings + "/integrations/integration-keys")
		guest.has("Error 403")
		guest.has("Ada Lindqvist")
		guest.hasNot("Salesforce sync")

		owner.open(settings + "/users")
		owner.click("button", "Remove Tomás Oliveira")
		owner.find("dialog", "Remove user?")
		owner.has("1 key")
		owner.loading(func() { owner.click("button", "Remove user") })
		owner.has("The user was removed.")
		guest.open(settings) // a removed member loses the rights and keeps the session
		guest.has("Error 404")
		owner.open(settings + "/integrations/integration-keys")
		owner.has("Tomás Oliveira (no longer a member)")
	})
}

// invite adds an Admin with integration key access and returns the path of the invitation.
func (p *tab) invite(settings, name, email string) string {
	p.t.Helper()
	p.open(settings + "/users")
	p.click("link", "Add user")
	p.find("dialog", "Add user")
	p.fill("Name", name)
	p.fill("Email", email)
	p.click("checkbox", "Integration key access")
	p.click("button", "Add user")
	p.find("dialog", "Link for "+name)
	return local(p.t, p.find("textbox", "One-time link").Value.String())
}

// TestSignInToJoin: an operator creates a subscription for a user with an account, who signs in to join with the same
// password.
func TestSignInToJoin(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		owner := s.signedIn(ada, scripts)
		owner.open("/")
		guest := s.visitor(scripts)
		guest.open(owner.invite(owner.value("location.href"), "Tomás Oliveira", tomas))
		guest.fill("Password", password)
		guest.loading(func() { guest.click("button", "Set password") })

		owner.open("/operator/subscriptions")
		owner.click("link", "Create subscription")
		owner.find("dialog", "Create subscription")
		owner.fill("Subscription name", "Globex")
		owner.fill("Name", "Tomás Oliveira")
		owner.fill("Email", tomas)
		owner.click("button", "Create subscription")
		owner.find("dialog", "Link for Tomás Oliveira")
		link := local(t, owner.find("textbox", "One-time link").Value.String())
		owner.loading(func() { owner.click("link", "Done") })
		owner.loading(func() { owner.clickOf("Globex", "button", "Make available") })
		owner.has("are available to the subscription")

		p := s.visitor(scripts)
		p.open(link)
		p.gone("textbox", "Password")
		p.loading(func() { p.click("button", "Sign in to join") })
		p.find("heading", "Sign in to join Globex")
		p.signIn(tomas, "not the password at all")
		p.find("heading", "Sign in to join Globex")
		p.signIn(tomas, password)
		p.has("You have joined.")
		p.has("Globex")
		p.open("/account")
		p.open("/")
		p.has("Globex")

		owner.open("/operator/subscriptions")
		owner.clickOf("Globex", "button", "Withdraw")
		owner.find("dialog", "Withdraw Integration Keys?")
		owner.fill("Type the subscription's name to confirm", "Globex")
		owner.loading(func() { owner.click("button", "Withdraw") })
		p.open(p.value("location.href") + "/integrations")
		if n := p.find("switch", "Integration Keys"); n.property("disabled") != "true" {
			t.Error("the switch of a feature that is not available can be used")
		}
	})
}

// TestNewLink: a one-time link can be copied like a key. Its page can be left without a question, because a new link
// can be made.
func TestNewLink(t *testing.T) {
	p := newSite(t).signedIn(ada, true)
	p.open("/")
	settings := p.value("location.href")
	first := p.invite(settings, "Tomás Oliveira", tomas)
	p.allow("clipboardReadWrite", "clipboardSanitizedWrite")
	p.click("button", "Copy")
	p.has("Copied")
	var copied string
	if err := p.eval("navigator.clipboard.readText()", &copied); err != nil || local(t, copied) != first {
		t.Errorf("%q was copied, %v", copied, err)
	}
	p.loading(func() { p.click("link", "Done") })
	p.loading(func() { p.clickOf("Tomás Oliveira", "button", "New link") })
	p.find("dialog", "Link for Tomás Oliveira")
	second := local(t, p.find("textbox", "One-time link").Value.String())
	if second == first {
		t.Error("the new link is the old one")
	}
	p.open(first)
	p.has("Error 404")
	p.open(second)
	p.find("heading", "Join Acme")
}

// TestSessions: a session can be ended from another browser, and a new password ends all others.
func TestSessions(t *testing.T) {
	s := newSite(t)
	here := s.signedIn(ada, true)
	there := s.signedIn(ada, false)
	there.open("/account")
	there.find("heading", "Your account")
	here.open("/account")
	here.loading(func() { here.clickOf("127.0.0.1", "button", "End session") })
	here.has("The session was ended.")
	there.open("/account")
	there.find("heading", "Sign in")

	there.signIn(ada, password)
	const other = "a quiet harbour under nine stars"
	here.open("/account")
	here.fill("Current password", password)
	here.fill("New password", other)
	here.loading(func() { here.click("button", "Change password") })
	here.has("Your password was changed.")
	there.open("/account")
	there.find("heading", "Sign in")
	there.signIn(ada, password)
	there.find("alert", "")
	there.signIn(ada, other)
	there.find("heading", "Your account")
}
