package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestSearchAndFilter searches the list by description and key ID, and filters it by use.
func TestSearchAndFilter(t *testing.T) {
	s := newSite(t)
	owner := s.signedIn(ada, true)
	owner.keysOn()
	tokens := map[string]string{}
	for _, description := range []string{"Nightly export", "Salesforce sync", "Export for the board"} {
		tokens[description] = owner.addKey(description)
		owner.done()
	}
	s.opens(tokens["Salesforce sync"])
	owner.untilUsed()
	list := owner.value("location.href")

	both(t, func(t *testing.T, scripts bool) {
		p := newTab(t, s.url, scripts)
		p.open("/sign-in")
		p.signedInAs(ada, password)
		shows := func(descriptions ...string) {
			t.Helper()
			p.until(func() error {
				rows, err := p.all("rowheader", "")
				var names []string
				for _, row := range rows {
					names = append(names, row.Name.String())
				}
				if err == nil && !slices.EqualFunc(names, descriptions, strings.HasPrefix) {
					err = fmt.Errorf("the list shows %q, not %q", names, descriptions)
				}
				return err
			})
		}
		search := func(text string) {
			t.Helper()
			p.fill("Search description or key ID", text)
			p.loading(func() { p.press(kb.Enter) })
		}
		p.open(list)
		shows("Export for the board", "Salesforce sync", "Nightly export")
		p.has("3 keys")
		search("EXPORT")
		shows("Export for the board", "Nightly export")
		p.has("2 keys found")
		search(keyID(tokens["Nightly export"]))
		shows("Nightly export")
		search("nothing of the kind")
		p.find("heading", "No key matches")
		p.loading(func() { p.click("link", "Show all keys") })

		p.choose("Status", "Never used", scripts)
		shows("Export for the board", "Nightly export")
		p.choose("Status", "Unused for 90 days", scripts)
		p.find("heading", "No key matches")
		p.loading(func() { p.click("link", "Show all keys") })
		p.choose("Status", "Active", scripts)
		shows("Export for the board", "Salesforce sync", "Nightly export")
		p.choose("Status", "All", scripts)
		shows("Export for the board", "Salesforce sync", "Nightly export")

		// A pasted token finds its key, and only its public part is shown.
		search(tokens["Nightly export"])
		p.find("heading", "Which key is this?")
		p.find("link", "Nightly export")
		p.hasNot(secretOf(tokens["Nightly export"]))
		if where := p.value("location.href"); strings.Contains(where, secretOf(tokens["Nightly export"])) {
			t.Errorf("the token stands in the address %s", where)
		}
	})
}

// choose selects an option of the filter with the keyboard. Scripts apply it at once; without them it is sent with the
// search.
func (p *tab) choose(name, option string, scripts bool) {
	p.t.Helper()
	n := p.find("combobox", name)
	if err := p.call("DOM.focus", map[string]any{"backendNodeId": n.Backend}, nil); err != nil {
		p.t.Fatal(err)
	}
	p.loading(func() {
		p.insertKeys(option)
		if scripts {
			p.press(kb.Enter)
		} else {
			p.click("button", "Search")
		}
	})
	if n := p.find("combobox", name); n.Value.String() != option {
		p.t.Errorf("the filter %s is at %s, not %s", name, n.Value, option)
	}
}

// insertKeys types the first letters of an option.
func (p *tab) insertKeys(text string) {
	p.t.Helper()
	p.press(strings.ToLower(text[:2]))
}

// TestEditKey edits a key in its dialog. Access can be lowered, which the gate knows at once, and never raised.
func TestEditKey(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		p.keysOn()
		p.click("link", "+ Add Integration Key")
		p.find("dialog", "Add Integration Key")
		p.fill("Description", "Nightly export")
		p.click("checkbox", "Allow write access")
		p.send("Create")
		p.find("dialog", "Your new integration key")
		token := p.token()
		p.done()
		p.click("link", "Edit Nightly export")
		p.find("dialog", "Edit integration key")
		p.fill("Description", "Export, every night")
		p.click("checkbox", "Lower access to Read")
		p.loading(func() { p.click("button", "Save") })
		p.has("Saved.")
		if _, body := s.verify(token); !strings.Contains(body, `"writeAccess":false`) ||
			!strings.Contains(body, "Export, every night") {
			t.Errorf("the gate answers %s", body)
		}
		p.hasNot("Read and write")
		p.click("link", "Edit Export, every night")
		p.find("dialog", "Edit integration key")
		p.gone("checkbox", "Lower access to Read")
	})
}

// TestSwitch: the dialog says what switching off stops. All keys work again when the feature is switched on.
func TestSwitch(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		p.keysOn()
		token := p.addKey("Nightly export")
		p.done()
		s.opens(token)
		p.untilUsed()
		integrations := strings.TrimSuffix(p.value("location.pathname"), "/integration-keys")
		p.open(integrations)
		if n := p.find("switch", "Integration Keys"); n.property("checked") != "true" {
			t.Error("the switch is not on")
		}
		p.click("switch", "Integration Keys")
		p.find("dialog", "Switch off Integration Keys?")
		p.has("Integration keys 1")
		p.has("Used in the last 24 hours 1")
		s.opens(token)
		p.loading(func() { p.click("button", "Switch off") })
		s.closed(token, "feature_disabled")
		p.has("Integration Keys are off.")
		if n := p.find("switch", "Integration Keys"); n.property("checked") != "false" {
			t.Error("the switch is not off")
		}
		p.loading(func() { p.click("link", "Manage integration keys") })
		p.gone("link", "+ Add Integration Key")
		p.find("button", "Delete Nightly export")
		p.open(integrations)
		p.loading(func() { p.click("switch", "Integration Keys") })
		s.opens(token)
	})
}

// TestDeleteUnused: deleting a key that was never used does not ask for its description.
func TestDeleteUnused(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		p.keysOn()
		token := p.addKey("Nightly export")
		p.done()
		p.click("button", "Delete Nightly export")
		p.find("dialog", "Delete integration key?")
		p.has("Never used")
		p.gone("textbox", "Type the description to confirm")
		p.loading(func() { p.click("button", "Delete key") })
		s.closed(token, "key_invalid")
		p.find("heading", "No integration keys yet")
	})
}

// TestFlashIsAnnounced: messages are in a live region that changes after the page is loaded, so that screen readers
// read them.
func TestFlashIsAnnounced(t *testing.T) {
	p := newSite(t).signedIn(ada, true)
	p.keysOn()
	p.open(strings.TrimSuffix(p.value("location.href"), "/integration-keys"))
	p.click("switch", "Integration Keys")
	p.loading(func() { p.click("button", "Switch off") })
	p.until(func() error {
		found, err := p.all("status", "")
		if err == nil && len(found) != 1 {
			err = fmt.Errorf("there are %d status messages", len(found))
		}
		return err
	})
	p.open("/account")
	p.hasNot("Integration Keys are off.")
}
