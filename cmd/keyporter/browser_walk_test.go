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

// users opens the pages of users, and returns the path of an invitation for a person without an account.
func (w walk) users(p *tab, settings string) string {
	p.open(settings + "/users")
	w.look(p, "users")
	p.click("link", "Add user")
	p.find("dialog", "Add user")
	w.look(p, "user-new")
	p.loading(func() { p.click("button", "Add user") })
	w.look(p, "user-new-error")
	p.fill("Name", "Tomás Oliveira de Almeida e Vasconcelos")
	p.fill("Email", "tomas.oliveira.de.almeida.e.vasconcelos@subsidiary.example.com")
	p.loading(func() { p.click("button", "Add user") })
	w.look(p, "user-link")
	link := local(p.t, p.find("textbox", "One-time link").Value.String())
	p.open(settings + "/users")
	w.look(p, "users-invited")
	p.click("link", "Edit Ada Lindqvist")
	p.find("dialog", "Edit user")
	w.look(p, "user-edit")
	p.press("v") // Viewer, which would leave nobody to administer
	p.loading(func() { p.click("button", "Save") })
	w.look(p, "user-edit-error")
	return link
}

// operator opens the operator's pages, and returns the path of an invitation for a user with an account.
func (w walk) operator(p *tab) string {
	p.open("/operator/subscriptions")
	w.look(p, "subscriptions")
	p.click("link", "Create subscription")
	p.find("dialog", "Create subscription")
	w.look(p, "subscription-new")
	p.loading(func() { p.click("button", "Create subscription") })
	w.look(p, "subscription-new-error")
	p.fill("Subscription name", "Umbrella")
	p.fill("Name", "Mei Tanaka")
	p.fill("Email", demo.Mei)
	p.loading(func() { p.click("button", "Create subscription") })
	w.look(p, "subscription-link")
	return local(p.t, p.find("textbox", "One-time link").Value.String())
}

// links opens the pages of one-time links.
func (w walk) links(t *testing.T, s *site, invitation, joining, database string) {
	p := newTab(t, s.url, w.scripts)
	p.open(invitation)
	w.look(p, "invitation")
	p.loading(func() { p.click("button", "Set password") })
	w.look(p, "invitation-error")
	p.open(joining)
	w.look(p, "invitation-account")
	p.loading(func() { p.click("button", "Sign in to join") })
	w.look(p, "sign-in-join")
	link := prepare(t, "", "reset-password", "--database", database, "--email", demo.Noor)
	p.open(local(t, link))
	w.look(p, "new-password")
	p.loading(func() { p.click("button", "Set password") })
	w.look(p, "new-password-error")
}

// others opens the pages as users with fewer rights see them, and as they are while the feature is off or unavailable.
func (w walk) others(t *testing.T, s *site, owner *tab, settings, password string) {
	manager := w.enter(t, s, demo.Tomas, password)
	admin := w.enter(t, s, demo.Noor, password)
	viewer := w.enter(t, s, demo.Mei, password)
	keys := settings + "/integrations/integration-keys"
	viewer.open(settings)
	w.look(viewer, "settings-viewer")
	viewer.open(settings + "/applications")
	w.look(viewer, "applications-viewer")
	viewer.open(settings + "/users")
	w.look(viewer, "users-viewer")
	admin.open(keys)
	w.look(admin, "problem-403")
	viewer.open(settings + "/exclude-list")
	w.look(viewer, "problem-403-exclude")
	admin.open(settings + "/integrations/feedback-keys")
	w.look(admin, "own-keys-empty")
	admin.open(settings + "/keys")
	w.look(admin, "kinds-admin")
	admin.open(settings + "/integrations")
	w.look(admin, "integrations-admin")

	owner.open(settings + "/integrations/switch-off")
	owner.loading(func() { owner.click("button", "Switch off") })
	w.look(owner, "integrations-switched-off")
	owner.open(keys)
	w.look(owner, "keys-off")
	manager.open(keys)
	w.look(manager, "keys-off-admin")
	manager.open(keys + "/new")
	w.look(manager, "problem-403-off")
	viewer.open(settings + "/integrations")
	w.look(viewer, "integrations-off-viewer")

	owner.open("/operator/subscriptions")
	owner.clickOf("Acme Analytics", "button", "Withdraw")
	owner.find("dialog", "Withdraw Integration Keys?")
	w.look(owner, "subscription-withdraw")
	owner.fill("Type the subscription's name to confirm", "Acme")
	owner.loading(func() { owner.click("button", "Withdraw") })
	owner.has("Nothing was withdrawn.")
	w.look(owner, "subscription-withdraw-error")
	owner.fill("Type the subscription's name to confirm", "Acme Analytics")
	owner.loading(func() { owner.click("button", "Withdraw") })
	w.look(owner, "subscriptions-withdrawn")
	owner.open(settings + "/integrations")
	w.look(owner, "integrations-unavailable")
	owner.open(keys)
	w.look(owner, "keys-unavailable")

	owner.open(settings + "/users")
	owner.click("button", "Remove Mei Tanaka")
	owner.find("dialog", "Remove user?")
	w.look(owner, "user-remove")
	owner.loading(func() { owner.click("button", "Remove user") })
	viewer.open("/") // the session goes on
	w.look(viewer, "home")
}

func (w walk) excluded(p *tab, list string) {
	p.open(list)
	w.look(p, "exclude")
	p.click("link", "+ Add entries")
	p.find("dialog", "Add entries")
	w.look(p, "exclude-new")
	p.fill("Entries, one on each line", strings.Repeat("preview", 30)+".example.com\na**b\nhttps://dev.example.com/")
	p.loading(func() { p.click("button", "Add entries") })
	p.has("Line 2: Two *")
	w.look(p, "exclude-new-error")
	p.fill("Entries, one on each line", strings.Repeat("preview", 30)+".example.com\ndev*")
	p.loading(func() { p.click("button", "Add entries") })
	p.has("Added: 1 entry. 1 line was on the list already")
	w.look(p, "exclude-added")
	p.fill("Host", "dev1.example.com:3000")
	p.loading(func() { p.click("button", "Try") })
	p.has("2 entries match")
	w.look(p, "exclude-tried")
	p.open(list + "/server?q=nothing+of+the+kind")
	w.look(p, "exclude-none-found")
	p.open(list + "/server")
	p.loading(func() { p.click("button", "Delete selected") })
	p.has("Nothing is selected.")
	w.look(p, "exclude-delete-error")
	p.click("checkbox", "dev*")
	p.click("checkbox", "*:3000")
	p.click("button", "Delete selected")
	p.find("dialog", "Delete selected entries?")
	w.look(p, "exclude-delete")
	p.loading(func() { p.click("button", "Delete selected") })
	p.has("Deleted: 2 entries.")
	p.loading(func() { p.click("link", "IP address") })
	w.look(p, "exclude-address")
	p.click("link", "Use my address")
	p.find("dialog", "Add entries")
	w.look(p, "exclude-mine")
	p.loading(func() { p.click("button", "Add entries") })
	p.has("Added: 1 entry.")
	p.fill("IP address", "no address")
	p.loading(func() { p.click("button", "Try") })
	p.has("Type an IP address")
	w.look(p, "exclude-tried-error")
}
