package main

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"keyporter/internal/demo"
)

// A walk opens every page in every state, in a browser with or without scripts, and calls look on each.
type walk struct {
	scripts bool
	look    func(p *tab, name string)
}

// enter opens the sign-in page in a new browser and signs a user in.
func (w walk) enter(t *testing.T, s *site, email, password string) *tab {
	t.Helper()
	p := newTab(t, s.url, w.scripts)
	p.answer(true)
	p.open("/sign-in")
	p.signedInAs(email, password)
	return p
}

// begin opens the pages of an installation during its set-up.
func (w walk) begin(t *testing.T) {
	s := serveSite(t, "serve", "--database", filepath.Join(t.TempDir(), "keyporter.db"))
	p := newTab(t, s.url, w.scripts)
	p.answer(true)
	p.open(local(t, setUpLink.FindString(s.output.String())))
	w.look(p, "setup")
	p.loading(func() { p.click("button", "Set up") })
	w.look(p, "setup-error")
	p.fill("Subscription name", "Acme")
	p.fill("Your name", "Ada Lindqvist")
	p.fill("Email", ada)
	p.fill("Password", password)
	p.loading(func() { p.click("button", "Set up") })
	w.look(p, "settings-set-up")
	settings := p.value("location.pathname")
	p.open(settings + "/integrations/integration-keys")
	w.look(p, "keys-empty-off")
	p.open(settings + "/integrations")
	w.look(p, "integrations-off")
	p.loading(func() { p.click("switch", "Integration Keys") })
	w.look(p, "integrations-switched-on")
	p.open(settings + "/integrations/integration-keys")
	w.look(p, "keys-empty")
	p.addKey("Nightly export")
	p.done()
	w.look(p, "keys-one")
	p.loading(func() { p.click("link", "Nightly export") })
	w.look(p, "key-unused")
	p.open(settings + "/integrations/integration-keys/deleted")
	w.look(p, "deleted-none")
	p.open(settings + "/exclude-list")
	w.look(p, "exclude-empty")
	p.open("/operator/subscriptions")
	w.look(p, "subscriptions-one")
	p.loading(func() { p.click("button", "Sign out") })
	w.look(p, "sign-in-signed-out")
	p.loading(func() { p.click("button", "Sign in") })
	w.look(p, "sign-in-fields")
	p.signIn(ada, "not the password at all")
	w.look(p, "sign-in-wrong")
	p.open("/invitation?token=nothing")
	w.look(p, "problem-visitor")
}

var errNoPassword = errors.New("keyporter demo does not say with which password to sign in")

var (
	demoPassword = regexp.MustCompile(`with the password (\S+) as`)
	demoDatabase = regexp.MustCompile(`database=(\S+)`)
)

// year opens the pages of the demo.
func (w walk) year(t *testing.T) {
	s := serveSite(t, "demo")
	err := poll(func() error {
		if !demoPassword.MatchString(s.output.String()) {
			return errNoPassword
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	password := demoPassword.FindStringSubmatch(s.output.String())[1]
	p := w.enter(t, s, demo.Ada, password)
	settings := p.value("location.pathname")
	w.keys(t, p, settings+"/integrations/integration-keys")
	w.ownKeys(p, settings)
	w.applications(p, settings+"/applications")
	w.settings(p, settings)
	w.excluded(p, settings+"/exclude-list")
	invitation := w.users(p, settings)
	joining := w.operator(p)
	w.links(t, s, invitation, joining, demoDatabase.FindStringSubmatch(s.output.String())[1])
	w.others(t, s, p, settings, password)
}

func (w walk) settings(p *tab, settings string) {
	p.open(settings)
	w.look(p, "settings")
	p.fill("Subscription name", " ")
	p.loading(func() { p.click("button", "Save") })
	w.look(p, "settings-error")
	p.open(settings + "/integrations")
	w.look(p, "integrations")
	p.click("switch", "Integration Keys")
	p.find("dialog", "Switch off Integration Keys?")
	w.look(p, "switch-off")
	p.open(settings + "/audit-log")
	w.look(p, "audit")
	p.open("/account")
	w.look(p, "account")
	p.loading(func() { p.click("button", "Change password") })
	w.look(p, "account-error")
	p.open("/docs/api")
	w.look(p, "api")
	p.open("/nothing-here")
	w.look(p, "problem-404")
}

func (w walk) applications(p *tab, applications string) {
	p.open(applications)
	w.look(p, "applications")
	p.gone("button", "Delete Web app")
	p.click("link", "+ Add application")
	p.find("dialog", "Add application")
	w.look(p, "application-new")
	p.loading(func() { p.click("button", "Create") })
	w.look(p, "application-new-error")
	p.fill("Name", "Warehouse scanner")
	p.loading(func() { p.click("button", "Create") })
	p.has("Its install snippet is shown below.")
	w.look(p, "application")
	p.click("button", "Make default")
	p.find("dialog", "Make this application the default?")
	w.look(p, "application-make-default")
	p.open(applications)
	p.click("link", "Edit Warehouse scanner")
	p.find("dialog", "Rename application")
	w.look(p, "application-edit")
	p.open(applications)
	p.click("button", "Delete Warehouse scanner")
	p.find("dialog", "Delete application?")
	w.look(p, "application-delete")
	p.loading(func() { p.click("button", "Delete application") })
	w.look(p, "application-delete-error")
	p.fill("Type the name to confirm", "Warehouse scanner")
	p.loading(func() { p.click("button", "Delete application") })
	p.has("The application was deleted.")
}

func (w walk) keys(t *testing.T, p *tab, keys string) {
	p.open(keys)
	w.look(p, "keys")
	p.loading(func() { p.click("link", "Older") })
	w.look(p, "keys-older")
	p.open(keys + "?q=nothing+of+the+kind")
	w.look(p, "keys-none-found")
	p.open(keys + "?status=never")
	w.look(p, "keys-never-used")

	p.open(keys)
	p.click("link", "+ Add Integration Key")
	p.find("dialog", "Add Integration Key")
	w.look(p, "key-new")
	p.send("Create")
	p.has("Nothing was saved.")
	w.look(p, "key-new-error")
	description := "Reports for the board: " + strings.Repeat("quarterly", 12)
	p.fill("Description", description)
	p.send("Create")
	p.find("dialog", "Your new integration key")
	w.look(p, "key-created")
	if w.scripts {
		p.press(kb.Escape)
		p.find("dialog", notStored)
		w.look(p, "key-created-asked")
		p.click("button", "Back to the key")
	}
	p.done()
	w.look(p, "keys-long")

	p.click("link", "Edit "+description)
	p.find("dialog", "Edit integration key")
	w.look(p, "key-edit")
	p.fill("Description", " ")
	p.loading(func() { p.click("button", "Save") })
	w.look(p, "key-edit-error")
	p.open(keys)
	p.click("button", "Delete "+description)
	p.find("dialog", "Delete integration key?")
	w.look(p, "key-delete")
	p.open(keys)
	p.click("button", "Delete Nightly warehouse export")
	p.find("dialog", "Delete integration key?")
	w.look(p, "key-delete-used")
	p.loading(func() { p.click("button", "Delete key") })
	w.look(p, "key-delete-error")
	p.open(keys)
	p.loading(func() { p.click("link", "Nightly warehouse export") })
	w.look(p, "key")
	p.open(keys)
	p.loading(func() { p.click("link", "Salesforce sync, production") })
	p.find("button", "Allow 203.0.113.24")
	w.look(p, "key-limited")
	p.click("link", "Change addresses")
	p.find("dialog", "Allowed addresses")
	w.look(p, "key-addresses")
	p.open(keys + "/deleted")
	w.look(p, "deleted")
	w.identify(p, keys)
}

func (w walk) identify(p *tab, keys string) {
	p.open(keys)
	p.loading(func() { p.click("link", "Which key is this?") })
	w.look(p, "identify")
	p.fill("Token or key ID", "nothing of the kind")
	p.loading(func() { p.click("button", "Find key") })
	w.look(p, "identify-error")
	p.fill("Token or key ID", "4fT9aQ0bZ7Lm")
	p.loading(func() { p.click("button", "Find key") })
	p.has("No key of this subscription")
	w.look(p, "identify-none")
}

// ownKeys opens the pages of Feedback API keys, and the page about the kinds of keys.
func (w walk) ownKeys(p *tab, settings string) {
	keys := settings + "/integrations/feedback-keys"
	p.open(keys)
	w.look(p, "own-keys")
	p.open(keys + "?q=nothing+of+the+kind")
	w.look(p, "own-keys-none-found")
	p.open(keys)
	p.click("link", "+ Add Feedback API key")
	p.find("dialog", "Add Feedback API key")
	w.look(p, "own-key-new")
	p.send("Create")
	p.has("Nothing was saved.")
	w.look(p, "own-key-new-error")
	p.fill("Description", "Feature requests")
	p.send("Create")
	p.find("dialog", "Your new Feedback API key")
	w.look(p, "own-key-created")
	p.done()
	p.click("button", "Delete Roadmap page")
	p.find("dialog", "Delete Feedback API key?")
	w.look(p, "own-key-delete-used")
	p.loading(func() { p.click("button", "Delete key") })
	w.look(p, "own-key-delete-error")
	p.open(keys)
	p.loading(func() { p.click("link", "Keys in Keyporter") })
	w.look(p, "kinds")
}
