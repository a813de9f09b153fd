package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestDialogsInPlace: a dialog opens over its page, gets the focus, and returns it when it is closed.
func TestDialogsInPlace(t *testing.T) {
	p := newSite(t).signedIn(ada, true)
	p.keysOn()
	p.addKey("Nightly export")
	p.done()
	keys := p.value("location.href")
	integrations := strings.TrimSuffix(keys, "/integration-keys")
	users := strings.TrimSuffix(integrations, "/integrations") + "/users"
	applications := strings.TrimSuffix(integrations, "/integrations") + "/applications"
	p.open(applications + "/new")
	p.fill("Name", "Shop")
	p.loading(func() { p.click("button", "Create") })
	p.open(users + "/new")
	p.fill("Name", "Vera")
	p.fill("Email", "vera@example.com")
	p.loading(func() { p.click("button", "Add user") })
	for _, each := range []struct{ page, role, opener, dialog, focusRole, focus string }{
		{keys, "link", "+ Add Integration Key", "Add Integration Key", "textbox", "Description"},
		{keys, "link", "Edit Nightly export", "Edit integration key", "textbox", "Description"},
		{keys, "button", "Disable Nightly export", "Disable integration key?", "textbox", "Reason"},
		{keys, "button", "Delete Nightly export", "Delete integration key?", "button", "Cancel"},
		{integrations, "switch", "Integration Keys", "Switch off Integration Keys?", "button", "Cancel"},
		{users, "link", "Add user", "Add user", "textbox", "Name"},
		{applications, "link", "+ Add application", "Add application", "textbox", "Name"},
		{applications, "button", "Delete Shop", "Delete application?", "button", "Cancel"},
		{users, "button", "Remove Vera", "Remove user?", "button", "Cancel"},
		{users, "link", "Edit Ada Lindqvist", "Edit user", "combobox", "Role"},
	} {
		t.Run(each.dialog, func(t *testing.T) {
			p := p.under(t)
			p.open(each.page)
			_, shows, _ := p.document()
			for name, leave := range map[string]func(){
				"Escape": func() { p.press(kb.Escape) },
				"Cancel": func() { p.click("button", "Cancel") },
			} {
				p.click(each.role, each.opener)
				n := p.find("dialog", each.dialog)
				if n.property("modal") != "true" {
					t.Errorf("the dialog is not modal")
				}
				p.hasFocus(each.focusRole, each.focus)
				if title := p.value("document.title"); !strings.HasPrefix(title, strings.TrimSuffix(each.dialog, "?")) {
					t.Errorf("above %s the title is %q", each.page, title)
				}
				leave()
				p.gone("dialog", each.dialog)
				p.hasFocus(each.role, each.opener)
				if title := p.value("document.title"); strings.HasPrefix(title, strings.TrimSuffix(each.dialog, "?")) {
					t.Errorf("once the dialog is gone the title is %q", title)
				}
				if _, now, _ := p.document(); now != shows || p.value("location.href") != each.page {
					t.Errorf("%s led to another page", name)
				}
			}
		})
	}
}

// TestDialogPages: the URL of a dialog is a page, whose Cancel leads to the page to which the dialog belongs.
func TestDialogPages(t *testing.T) {
	s := newSite(t)
	s.signedIn(ada, false).keysOn()
	both(t, func(t *testing.T, scripts bool) {
		p := newTab(t, s.url, scripts)
		p.open("/sign-in")
		p.signedInAs(ada, password)
		keys := p.value("location.pathname") + "/integrations/integration-keys"
		p.open(keys + "/new")
		n := p.find("dialog", "Add Integration Key")
		if modal := n.property("modal") == "true"; modal != scripts {
			t.Errorf("the dialog is modal: %t", modal)
		}
		p.hasFocus("textbox", "Description")
		p.loading(func() { p.click("button", "Cancel") })
		if at := p.value("location.pathname"); at != keys {
			t.Errorf("Cancel leads to %s", at)
		}
		p.open(keys + "/new")
		if scripts {
			p.find("dialog", "Add Integration Key")
			p.loading(func() { p.press(kb.Escape) })
			p.gone("dialog", "Add Integration Key")
		}
	})
}

// TestFormWithError: an invalid form keeps what was typed. The focus moves to a summary of the errors, which links to
// the fields.
func TestFormWithError(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		p.keysOn()
		p.click("link", "+ Add Integration Key")
		p.find("dialog", "Add Integration Key")
		long := strings.Repeat("Nightly export to the warehouse. ", 7)
		p.fill("Description", long)
		p.click("checkbox", "Allow write access")
		p.send("Create")
		p.has("Nothing was saved.")
		p.hasFocus("alert", "")
		field := p.find("textbox", "Description")
		if strings.TrimSpace(field.Value.String()) != strings.TrimSpace(long) || field.property("invalid") != "true" {
			t.Errorf("the field holds %s, and is invalid: %q", field.Value, field.property("invalid"))
		}
		if !strings.Contains(field.Description.String(), "200") {
			t.Errorf("the field is described as %q", field.Description)
		}
		if p.find("checkbox", "Allow write access").property("checked") != "true" {
			t.Error("the box is not ticked any more")
		}
		p.press(kb.Tab) // to the link to the field in the summary
		p.press(kb.Enter)
		p.hasFocus("textbox", "Description")
		p.fill("Description", "Nightly export")
		p.send("Create")
		p.find("dialog", "Your new integration key")
		s.opens(p.token())
		p.done()
		p.has("Read and write")
	})
}

// TestCreateRefused: a dialog shows why the server refused its form, and can be closed.
func TestCreateRefused(t *testing.T) {
	s := newSite(t)
	p := s.signedIn(ada, true)
	p.keysOn()
	keys := p.value("location.href")
	p.click("link", "+ Add Integration Key")
	p.find("dialog", "Add Integration Key")
	other := p.second()
	other.open(strings.TrimSuffix(keys, "/integration-keys"))
	other.click("switch", "Integration Keys")
	other.find("dialog", "Switch off Integration Keys?")
	other.loading(func() { other.click("button", "Switch off") })

	p.fill("Description", "Nightly export")
	p.send("Create")
	p.hasFocus("link", "Close")
	p.loading(func() { p.click("link", "Close") })
	p.has("switched off")
}

// TestCreateAfterSignOut: if the session ends while a form is open, the dialog says so, what was typed is kept through
// the sign-in, and the form that is shown then creates the key.
func TestCreateAfterSignOut(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		p := newSite(t).signedIn(ada, scripts)
		p.keysOn()
		p.click("link", "+ Add Integration Key")
		p.find("dialog", "Add Integration Key")
		other := p.second()
		other.open("/account")
		other.loading(func() { other.click("button", "Sign out") })
		p.fill("Description", "Nightly export")
		p.click("checkbox", "Allow write access")
		if scripts {
			p.send("Create")
			p.has("Your session has ended")
			p.find("dialog", "Add Integration Key")
			if typed := p.find("textbox", "Description").Value.String(); typed != "\"Nightly export\"" &&
				typed != "Nightly export" {
				t.Errorf("the dialog keeps %s", typed)
			}
			p.loading(func() { p.click("link", "Sign in to go on") })
		} else {
			p.loading(func() { p.click("button", "Create") })
		}
		p.find("heading", "Sign in")
		p.has("what you typed is kept")
		p.signIn(ada, password)
		p.find("dialog", "Add Integration Key")
		p.send("Create")
		p.find("dialog", "Your new integration key")
		p.done()
		p.has("Nightly export")
		p.has("Read and write")
	})
}

// TestCreateAfterSignInElsewhere: after a new sign-in in another tab, the form that is still open can be sent again.
func TestCreateAfterSignInElsewhere(t *testing.T) {
	p := newSite(t).signedIn(ada, true)
	p.keysOn()
	p.click("link", "+ Add Integration Key")
	p.find("dialog", "Add Integration Key")
	other := p.second()
	other.open("/account")
	other.loading(func() { other.click("button", "Sign out") })
	other.open("/sign-in")
	other.signIn(ada, password)
	p.fill("Description", "Nightly export")
	p.send("Create")
	p.has("out of date")
	p.send("Create")
	p.find("dialog", "Your new integration key")
}

// TestKeyboardAlone: the keyboard alone is enough to use the pages.
func TestKeyboardAlone(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		s.signedIn(ada, false).keysOn()
		p := newTab(t, s.url, scripts)
		p.open("/sign-in")
		p.hasFocus("textbox", "Email")
		p.insert(ada)
		p.press(kb.Tab)
		p.insert(password)
		p.loading(func() { p.press(kb.Enter) })

		p.press(kb.Tab)
		p.hasFocus("link", "Skip to content")
		p.press(kb.Enter, kb.Tab)
		p.tabTo("link", "Integration Keys")
		p.loading(func() { p.press(kb.Enter) })
		p.tabTo("link", "+ Add Integration Key")
		p.press(kb.Enter)
		p.find("dialog", "Add Integration Key")
		p.hasFocus("textbox", "Description")
		p.insert("Nightly export")
		p.tabTo("checkbox", "Allow write access")
		p.press(" ")
		p.tabTo("button", "Create")
		p.press(kb.Enter)
		p.find("dialog", "Your new integration key")
		p.hasFocus("textbox", "Integration key")
		token := p.token()
		p.tabTo("checkbox", "I have stored this key")
		p.press(" ")
		p.tabTo("button", "Done")
		p.loading(func() { p.press(kb.Enter) })
		s.opens(token)
		p.tabTo("button", "Delete Nightly export")
		p.press(kb.Enter)
		p.find("dialog", "Delete integration key?")
		p.hasFocus("button", "Cancel")
	})
}

// tabTo presses Tab until the element with this role and name has the focus.
func (p *tab) tabTo(role, name string) {
	p.t.Helper()
	var passed []string
	for range 60 {
		n, err := p.focused()
		if err != nil {
			p.t.Fatal(err)
		}
		if n.Role.String() == role && n.Name.String() == name {
			return
		}
		passed = append(passed, n.String())
		p.press(kb.Tab)
	}
	p.t.Fatalf("Tab does not lead to %s %q but to %s", role, name, strings.Join(passed, ", "))
}
