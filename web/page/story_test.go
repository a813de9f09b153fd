package page_test

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"keyporter/web/layout"
	"keyporter/web/page"
	"keyporter/web/part"
)

const home = "/s/acme1/settings"

var (
	now    = time.Date(2026, 11, 22, 14, 3, 7, 0, time.UTC)
	long   = "Data science notebooks: churn model, quarterly refresh and the ad-hoc questions that come after it"
	joined = strings.Repeat("warehouse", 22)
	arabic = "تصدير التقارير الشهرية"
	curl   = `curl -H "X-Integration-Key: $KEY" https://keys.example.com/api/v1/token/verify`
)

// A story is one page in one of its states.
type story struct {
	name string
	page templ.Component
}

func userNamed(name string) page.UserName {
	return page.UserName{ID: "h7Wq2LmZx0Pd", Name: name, Email: "someone@example.com"}
}

func ago(d time.Duration) time.Time { return now.Add(-d) }

func visitor(title string) layout.Frame {
	return layout.Frame{Title: title, CSRF: "csrf-value", Now: now}
}

// member is the frame of Ada, a Subscription admin of two subscriptions. The last crumb is where she is.
func member(title string, crumbs ...layout.Link) layout.Frame {
	f := visitor(title)
	f.Person, f.Subscription, f.NavTitle = "Ada Lindqvist", "Acme Analytics", "Settings"
	f.Switch = []layout.Link{{Text: "Acme Analytics", Href: home, Current: true}, {Text: "شركة المثال", Href: "/s/other/settings"}}
	f.Nav = []layout.NavItem{
		{Text: "Integrations", Href: home + "/integrations", Icon: "plug", Current: title == "Integrations"},
		{Text: "Integration Keys", Href: home + "/integrations/integration-keys", Deep: true, Current: title == "Integration Keys"},
		{Text: "Applications", Href: home + "/applications", Icon: "grid", Current: title == "Applications"},
		{Text: "Users", Href: home + "/users", Icon: "users", Current: title == "Users"},
		{Text: "Audit log", Href: home + "/audit-log", Icon: "list", Current: title == "Audit log"},
	}
	f.Crumbs = append([]layout.Link{{Text: "Settings", Href: home}}, crumbs...)
	return f
}

func keysFrame(last ...layout.Link) layout.Frame {
	crumbs := []layout.Link{{Text: "Integrations", Href: home + "/integrations"}, {Text: "Integration Keys"}}
	if len(last) > 0 {
		crumbs[1].Href = home + "/integrations/integration-keys"
	}
	return member("Integration Keys", append(crumbs, last...)...)
}

func feedbackKeysFrame(last ...layout.Link) layout.Frame {
	f := keysFrame(last...)
	f.Title, f.Crumbs[2] = "Feedback API keys", layout.Link{Text: "Feedback API keys"}
	if len(last) > 0 {
		f.Crumbs[2].Href = home + "/integrations/feedback-keys"
	}
	return f
}

func usersFrame(crumbs ...layout.Link) layout.Frame {
	return member("Users", append([]layout.Link{{Text: "Users", Href: home + "/users"}}, crumbs...)...)
}

func operator(title string, crumbs ...layout.Link) layout.Frame {
	f := visitor(title)
	f.Person, f.NavTitle, f.Operator = "Olu Adeyemi", "Operator", true
	f.Nav = []layout.NavItem{{Text: "Subscriptions", Href: "/operator/subscriptions", Icon: "building", Current: true}}
	f.Crumbs = crumbs
	return f
}

func flashed(f layout.Frame, text string) layout.Frame {
	f.Flash = text
	return f
}

func stories() []story {
	var all []story
	for _, part := range [][]story{visitorStories(), accountStories(), integrationStories(), listStories(), applicationStories(), keyStories(), identifyStories(), usageStories(), feedbackKeyStories(), userStories(), auditStories(), excludeStories(), operatorStories(), problemStories()} {
		all = append(all, part...)
	}
	return all
}

func visitorStories() []story {
	short := part.Errors{"password": "Use at least 12 characters; you typed 5."}
	return []story{
		{"sign-in", page.SignIn(visitor("Sign in"), page.SignInView{Next: "/account"})},
		{"sign-in-wrong", page.SignIn(visitor("Sign in"), page.SignInView{Email: "ada@acme.example", Message: "The email address or the password is not right."})},
		{"sign-in-kept", page.SignIn(visitor("Sign in"), page.SignInView{Message: "Your session has ended.", Kept: page.KeptForm{Path: "/s/a1b2c3/settings/applications", Fields: []page.KeptField{{Name: "kept.name", Value: arabic}}}})},
		{"sign-in-fields", page.SignIn(visitor("Sign in"), page.SignInView{Errors: part.Errors{"email": "Enter your email address.", "password": "Enter your password."}})},
		{"sign-in-join", page.SignIn(visitor("Sign in"), page.SignInView{Email: "ada@acme.example", Joining: joined, Invitation: "one-time"})},
		{"not-set-up", page.NotSetUp(visitor("Not set up yet"))},
		{"sign-in-flash", page.SignIn(flashed(visitor("Sign in"), "You are signed out."), page.SignInView{})},
		{"setup", page.Setup(visitor("Set up"), page.SetupView{Token: "one-time"})},
		{"setup-error", page.Setup(visitor("Set up"), page.SetupView{Token: "one-time", Subscription: arabic, Name: "نور", Email: "noor", Errors: part.Errors{"email": "Enter an email address, such as name@example.com.", "password": short["password"]}})},
		{"invitation", page.Invitation(visitor("Join Acme"), page.InvitationView{Token: "one-time", Subscription: "Acme Analytics", Role: "Admin", Name: "Tomás Oliveira", Email: "tomas@acme.example"})},
		{"invitation-error", page.Invitation(visitor("Join Acme"), page.InvitationView{Token: "one-time", Subscription: joined, Role: "Viewer", Name: joined, Email: "tomas@acme.example", Errors: short})},
		{"invitation-account", page.Invitation(visitor("Join Acme"), page.InvitationView{Token: "one-time", Subscription: "Acme Analytics", Role: "Subscription admin", Email: "ada@acme.example", HasAccount: true})},
		{"new-password", page.NewPassword(visitor("New password"), page.NewPasswordView{Token: "one-time", Email: "ada@acme.example"})},
		{"new-password-error", page.NewPassword(visitor("New password"), page.NewPasswordView{Token: "one-time", Email: "ada@acme.example", Errors: short})},
	}
}

func accountStories() []story {
	frame := visitor("Your account")
	frame.Person, frame.Operator, frame.Switch = "Ada Lindqvist", true, member("").Switch
	view := page.AccountView{
		Name: "Ada Lindqvist", Email: "ada@acme.example", UserID: "Hq7Vd2Lk9TfA",
		Sessions: []page.SessionView{{ID: "s1", Address: "10.0.4.17", Device: "Firefox on Linux", Current: true, Started: ago(3 * time.Hour), LastSeen: ago(5 * time.Second)}},
	}
	full := view
	full.FailedSignIns, full.LastFailed = 3, ago(50*time.Minute)
	full.Sessions = append(full.Sessions, page.SessionView{ID: "s2", Address: "2001:db8:85a3::8a2e:370:7334", Device: "Safari on iPhone", Started: ago(9 * 24 * time.Hour), LastSeen: ago(26 * time.Hour)})
	full.Events = []page.AccountEvent{{At: ago(3 * time.Hour), What: "Signed in", Address: "10.0.4.17"}, {At: ago(50 * time.Minute), What: "Tried to join: This invitation is for another email address than the one you signed in with.", Address: "203.0.113.9", Attempts: "3 times", Last: ago(40 * time.Minute)}}
	full.NameErrors = part.Errors{"name": "Enter your name."}
	full.PasswordErrors = part.Errors{"current": "This is not your current password."}
	settings := page.SettingsView{Settings: home, Name: "Acme Analytics", ID: "acme1", Role: "Subscription admin", CanRename: true, Created: ago(400 * 24 * time.Hour)}
	viewer, wrong := settings, settings
	viewer.CanRename, viewer.Role, viewer.Name = false, "Viewer", joined
	wrong.Name, wrong.Errors = "", part.Errors{"name": "Enter a name for the subscription."}
	return []story{
		{"account", page.Account(flashed(frame, "Your name is saved."), view)},
		{"account-full", page.Account(frame, full)},
		{"settings", page.Settings(flashed(member("Settings"), "The subscription’s name is saved."), settings)},
		{"settings-viewer", page.Settings(member("Settings"), viewer)},
		{"settings-error", page.Settings(member("Settings"), wrong)},
	}
}

func integrationStories() []story {
	view := func(state string, canSwitch, canManage bool) page.IntegrationsView {
		return page.IntegrationsView{Settings: home, State: state, CanSwitch: canSwitch, CanManage: canManage, OperatorContact: "keys@vendor.example", Admins: []string{"Ada Lindqvist", "نور حداد", "Tomás Oliveira"}}
	}
	frame := member("Integrations", layout.Link{Text: "Integrations"})
	nobody := view("unavailable", false, false)
	nobody.OperatorContact, nobody.Admins = "", nil
	return []story{
		{"integrations-on", page.Integrations(frame, view("on", true, true))},
		{"integrations-off", page.Integrations(flashed(frame, "Integration Keys is switched off."), view("off", true, true))},
		{"integrations-unavailable", page.Integrations(frame, view("unavailable", true, true))},
		{"integrations-on-viewer", page.Integrations(frame, view("on", false, false))},
		{"integrations-off-viewer", page.Integrations(frame, view("off", false, true))},
		{"integrations-unavailable-viewer", page.Integrations(frame, nobody)},
		{"switch-off", page.SwitchOff(frame, page.SwitchOffView{Settings: home, Keys: "more than 1,000", UsedLastDay: "312"})},
	}
}

func listStories() []story {
	rows := []page.KeyRow{
		{ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", Created: ago(10 * 24 * time.Hour), CreatedBy: userNamed("Ada Lindqvist"), LastUsed: ago(3 * time.Minute), LastAddress: "10.0.4.17", Used: true},
		{ID: "Wk2vC8sXr5Ye", Description: "Salesforce sync, production", Write: true, Created: ago(20 * 24 * time.Hour), CreatedBy: userNamed("Ada Lindqvist"), LastUsed: ago(time.Hour), LastAddress: "2001:db8:85a3::8a2e:370:7334", Used: true},
		{ID: "pQ6nJd3Hu1Ab", Description: long, Created: ago(25 * 24 * time.Hour), CreatedBy: userNamed("Tomás Oliveira"), LastUsed: ago(26 * time.Hour), Used: true},
		{ID: "Zs0gM7tFi9Kx", Description: arabic, Created: ago(69 * 24 * time.Hour), CreatedBy: userNamed("نور حداد"), LastUsed: ago(4 * 24 * time.Hour), LastAddress: "10.0.4.18", Used: true},
		{ID: "bR3yU5wLc8Ve", Description: "Zapier trial", Write: true, Created: ago(172 * 24 * time.Hour), CreatedBy: page.UserName{ID: "Bt6yN1mQ8zRw", Name: "Jun Nakamura", Email: "jun@example.com", Removed: true}},
	}
	view := page.KeysView{Kind: page.IntegrationKeys, Settings: home, State: "on", OperatorContact: "https://vendor.example/help", Admins: []string{"Ada Lindqvist"}, CanSwitch: true, CanCreate: true, Total: "5 keys", Rows: rows}
	with := func(change func(*page.KeysView)) page.KeysView {
		v := view
		change(&v)
		return v
	}
	off := func(v *page.KeysView) { v.State, v.CanCreate = "off", false }
	return []story{
		{"keys", page.Keys(keysFrame(), view)},
		{"keys-empty", page.Keys(keysFrame(), with(func(v *page.KeysView) { v.Rows, v.Total = nil, "0 keys" }))},
		{"keys-empty-off", page.Keys(keysFrame(), with(func(v *page.KeysView) { off(v); v.Rows = nil }))},
		{"keys-one", page.Keys(flashed(keysFrame(), "The key “Zapier trial” is deleted."), with(func(v *page.KeysView) { v.Rows, v.Total = rows[:1], "1 key" }))},
		{"keys-many", page.Keys(keysFrame(), with(func(v *page.KeysView) {
			v.Total, v.Newer, v.Older = "more than 1,000 keys", "?before=x", "?after=y"
			for len(v.Rows) < 50 {
				v.Rows = append(v.Rows, rows...)
			}
		}))},
		{"keys-long", page.Keys(keysFrame(), with(func(v *page.KeysView) {
			v.Rows = []page.KeyRow{{ID: "4fT9aQ0bZ7Lm", Description: joined, Created: now, CreatedBy: userNamed(joined), LastUsed: now, LastAddress: "2001:db8:85a3:1111:2222:8a2e:370:7334", Used: true}}
		}))},
		{"keys-none-found", page.Keys(keysFrame(), with(func(v *page.KeysView) {
			v.Rows, v.Query, v.Status, v.Searched, v.Total = nil, arabic, "never", true, "0 keys found"
		}))},
		{"keys-off", page.Keys(keysFrame(), with(off))},
		{"keys-off-admin", page.Keys(keysFrame(), with(func(v *page.KeysView) { off(v); v.CanSwitch = false }))},
		{"keys-unavailable", page.Keys(keysFrame(), with(func(v *page.KeysView) { v.State, v.CanCreate = "unavailable", false }))},
	}
}

func identifyStories() []story {
	frame := keysFrame(layout.Link{Text: "Which key is this?"})
	view := func(change func(*page.IdentifyView)) templ.Component {
		v := page.IdentifyView{Settings: home, KeyID: "4fT9aQ0bZ7Lm"}
		change(&v)
		return page.Identify(frame, v)
	}
	deleted := page.DeletedKeyRow{ID: "4fT9aQ0bZ7Lm", Description: joined, Deleted: ago(time.Hour), DeletedBy: userNamed("نور حداد")}
	return []story{
		{"identify", view(func(v *page.IdentifyView) { v.KeyID = "" })},
		{"identify-active", view(func(v *page.IdentifyView) {
			v.Active = &page.KeyRow{ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", Created: ago(240 * time.Hour), CreatedBy: userNamed("Ada Lindqvist")}
		})},
		{"identify-deleted", view(func(v *page.IdentifyView) { v.Deleted = &deleted })},
		{"identify-feedback", view(func(v *page.IdentifyView) { v.Feedback = true })},
		{"identify-none", view(func(*page.IdentifyView) {})},
		{"identify-error", view(func(v *page.IdentifyView) {
			v.KeyID, v.Errors = "", part.Errors{"key": "This is no token and no key ID."}
		})},
		{"keys-found-deleted", page.Keys(keysFrame(), page.KeysView{
			Kind: page.IntegrationKeys, Settings: home, State: "on", CanCreate: true, Total: "0 keys found", Query: "4fT9aQ0bZ7Lm", Searched: true, Deleted: &deleted,
		})},
	}
}

func usageStories() []story {
	frame := keysFrame(layout.Link{Text: "Nightly warehouse export"})
	hours := make([]page.UsageCount, 48)
	for i := range hours {
		hours[i] = page.UsageCount{At: ago(time.Duration(47-i) * time.Hour), Admitted: int64(i * 30), Refused: int64(i % 3)}
	}
	key := page.KeyView{
		Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", State: "on", Write: true,
		Created: ago(10 * 24 * time.Hour), CreatedBy: userNamed("Ada Lindqvist"), LastUsed: ago(3 * time.Minute),
		LastAddress: "10.0.4.17", LastAgent: "python-requests/2.32.3", Hours: hours, Days: hours[:7],
	}
	unused := page.KeyView{
		Settings: home, ID: "Zs0gM7tFi9Kx", Description: joined, State: "off", Created: ago(69 * 24 * time.Hour),
		CreatedBy: userNamed(joined), Hours: make([]page.UsageCount, 48),
	}
	rows := []page.DeletedKeyRow{
		{
			ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", Created: ago(400 * 24 * time.Hour),
			CreatedBy: userNamed("Ada Lindqvist"), Deleted: ago(26 * time.Hour), DeletedBy: userNamed("Tomás Oliveira"),
			Attempts: "12,408", LastAttempt: ago(3 * time.Minute), LastAddress: "203.0.113.9", LastAgent: "curl/8.5.0",
		},
		{
			ID: "Zs0gM7tFi9Kx", Description: arabic, Created: ago(69 * 24 * time.Hour), CreatedBy: userNamed("نور حداد"),
			Deleted: ago(40 * 24 * time.Hour), DeletedBy: userNamed(joined), Attempts: "0",
		},
	}
	deleted := keysFrame(layout.Link{Text: "Deleted keys"})
	document := page.DocumentView{HTML: "<h1>Using an integration key</h1><p>Text.</p><h2>Call</h2><pre><code>curl</code></pre>"}
	return []story{
		{"key", page.Key(frame, key)},
		{"key-unused", page.Key(frame, unused)},
		{"keys-deleted", page.DeletedKeys(deleted, page.DeletedKeysView{Settings: home, Rows: rows, Older: "?at=x"})},
		{"keys-deleted-empty", page.DeletedKeys(deleted, page.DeletedKeysView{Settings: home})},
		{"document", page.Document(visitor("Using an integration key"), document)},
	}
}

func keyStories() []story {
	add, edit, remove := keysFrame(layout.Link{Text: "Add"}), keysFrame(layout.Link{Text: "Edit"}), keysFrame(layout.Link{Text: "Delete"})
	created := page.KeyCreatedView{Kind: page.IntegrationKeys, Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", Token: "kpint_4fT9aQ0bZ7Lm_x8Kd02mVqT5nRb7YcHs3LwZp9GfJ1eUa1P1A6X", Curl: curl, DocsHref: "/docs", Write: true}
	return []story{
		{"key-new", page.NewKey(add, page.NewKeyView{Kind: page.IntegrationKeys, Settings: home, Subscription: "Acme Analytics", Nonce: "nonce-value"})},
		{"key-new-error", page.NewKey(add, page.NewKeyView{Kind: page.IntegrationKeys, Settings: home, Subscription: joined, Nonce: "nonce-value", Description: arabic, WriteAccess: true, Errors: part.Errors{"description": "Use at most 200 characters; you typed 231.", "nonce": "The form is out of date. Send it again."}})},
		{"key-created", page.KeyCreated(keysFrame(layout.Link{Text: "New key"}), created)},
		{"key-edit", page.EditKey(edit, page.EditKeyView{Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", Saved: "Nightly warehouse export", Write: true})},
		{"key-edit-error", page.EditKey(edit, page.EditKeyView{Settings: home, ID: "4fT9aQ0bZ7Lm", Saved: joined, Errors: part.Errors{"description": "Enter a description."}})},
		{"key-delete", page.DeleteKey(remove, page.DeleteKeyView{Kind: page.IntegrationKeys, Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", LastAddress: "10.0.4.17", LastUsed: ago(3 * time.Minute), Created: ago(10 * 24 * time.Hour), Confirm: true})},
		{"key-delete-error", page.DeleteKey(remove, page.DeleteKeyView{Kind: page.IntegrationKeys, Settings: home, ID: "4fT9aQ0bZ7Lm", Description: arabic, LastUsed: ago(3 * time.Minute), Created: ago(10 * 24 * time.Hour), Confirm: true, Errors: part.Errors{"confirm": "This is not the description."}})},
		{"key-delete-unused", page.DeleteKey(remove, page.DeleteKeyView{Kind: page.IntegrationKeys, Settings: home, ID: "4fT9aQ0bZ7Lm", Description: joined, Created: ago(10 * 24 * time.Hour)})},
	}
}

func feedbackKeyStories() []story {
	rows := []page.KeyRow{
		{ID: "4fT9aQ0bZ7Lm", Description: "Ideas board", Created: ago(10 * 24 * time.Hour), LastUsed: ago(3 * time.Minute), LastAddress: "10.0.4.17", Used: true},
		{ID: "Zs0gM7tFi9Kx", Description: arabic, Created: ago(69 * 24 * time.Hour)},
		{ID: "bR3yU5wLc8Ve", Description: joined, Created: ago(72 * 24 * time.Hour)},
	}
	view := page.KeysView{Kind: page.FeedbackKeys, Settings: home, State: "on", CanCreate: true, Total: "3 keys", Rows: rows}
	empty := view
	empty.Rows = nil
	created := page.KeyCreatedView{Kind: page.FeedbackKeys, Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Ideas board", Token: "kpfbk_4fT9aQ0bZ7Lm_x8Kd02mVqT5nRb7YcHs3LwZp9GfJ1eUa1P1A6X", Curl: "curl", DocsHref: "/docs"}
	remove := page.DeleteKeyView{Kind: page.FeedbackKeys, Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Ideas board", LastAddress: "10.0.4.17", LastUsed: ago(3 * time.Minute), Created: ago(10 * 24 * time.Hour), Confirm: true}
	frame := member("Keys in Keyporter", layout.Link{Text: "Keys in Keyporter"})
	return []story{
		{"feedback-keys", page.Keys(feedbackKeysFrame(), view)},
		{"feedback-keys-empty", page.Keys(feedbackKeysFrame(), empty)},
		{"feedback-key-new", page.NewKey(feedbackKeysFrame(layout.Link{Text: "Add"}), page.NewKeyView{Kind: page.FeedbackKeys, Settings: home, Subscription: "Acme Analytics", Nonce: "nonce-value"})},
		{"feedback-key-created", page.KeyCreated(feedbackKeysFrame(layout.Link{Text: "New key"}), created)},
		{"feedback-key-delete", page.DeleteKey(feedbackKeysFrame(layout.Link{Text: "Delete"}), remove)},
		{"kinds", page.Kinds(frame, page.KindsView{Settings: home, TokenPrefix: "kp", CanManage: true})},
		{"kinds-viewer", page.Kinds(frame, page.KindsView{Settings: home, TokenPrefix: "acmecorp"})},
	}
}

func userStories() []story {
	rows := []page.MemberRow{
		{ID: "u1", Name: "Ada Lindqvist", Email: "ada@acme.example", UserID: "Hq7Vd2Lk9TfA", Role: "Subscription admin", KeyAccess: true, You: true, LastAdmin: true, Joined: ago(300 * 24 * time.Hour)},
		{ID: "u2", Name: "Tomás Oliveira", Email: "tomas@acme.example", UserID: "b3Xw8Rn1Zc5E", Role: "Admin", KeyAccess: true, Joined: ago(40 * 24 * time.Hour)},
		{ID: "u3", Name: "نور حداد", Email: "noor@acme.example", UserID: "K0sP6mYt4JgU", Role: "Viewer", Joined: ago(4 * 24 * time.Hour)},
		{ID: "u4", Name: "Jun Nakamura", Email: "jun@acme.example", Role: "Admin", Pending: true, LinkExpires: now.Add(40 * time.Hour)},
		{ID: "u5", Name: joined, Email: joined + "@acme.example", Role: "Viewer", Pending: true, LinkExpires: ago(time.Hour)},
	}
	add, edit := usersFrame(layout.Link{Text: "Add user"}), usersFrame(layout.Link{Text: "Edit user"})
	frame := member("Users", layout.Link{Text: "Users"})
	return []story{
		{"users", page.Members(flashed(frame, "Jun Nakamura is added."), page.MembersView{Settings: home, CanManage: true, Rows: rows})},
		{"users-viewer", page.Members(frame, page.MembersView{Settings: home, Rows: rows[:1]})},
		{"user-new", page.NewMember(add, page.NewMemberView{Settings: home, Role: "viewer"})},
		{"user-new-error", page.NewMember(add, page.NewMemberView{Settings: home, Name: "نور", Email: "ada@acme.example", Role: "admin", KeyAccess: true, Errors: part.Errors{"email": "This address is a member already."}})},
		{"user-edit", page.EditMember(edit, page.EditMemberView{Settings: home, ID: "u2", Name: "Tomás Oliveira", Email: "tomas@acme.example", UserID: "b3Xw8Rn1Zc5E", Role: "admin", KeyAccess: true})},
		{"user-edit-error", page.EditMember(edit, page.EditMemberView{Settings: home, ID: "u1", Name: "Ada Lindqvist", Email: "ada@acme.example", Role: "viewer", Errors: part.Errors{"role": "A subscription keeps at least one Subscription admin."}})},
		{"user-remove", page.RemoveMember(usersFrame(layout.Link{Text: "Remove user"}), page.RemoveMemberView{Settings: home, ID: "u2", Name: "Tomás Oliveira", Email: "tomas@acme.example", Keys: "more than 1,000 keys", FeedbackKeys: "1 Feedback API key"})},
		{"user-remove-you", page.RemoveMember(usersFrame(layout.Link{Text: "Remove user"}), page.RemoveMemberView{Settings: home, ID: "u1", Name: joined, Email: joined + "@example.com", You: true, Keys: "0 keys", Errors: part.Errors{"": "The last Subscription admin stays."}})},
		{"user-remove-invited", page.RemoveMember(usersFrame(layout.Link{Text: "Remove user"}), page.RemoveMemberView{Settings: home, ID: "u3", Name: arabic, Email: "nour@acme.example", Pending: true})},
		{"user-remove-refused", page.RemoveMember(usersFrame(layout.Link{Text: "Remove user"}), page.RemoveMemberView{Settings: home, ID: "u1", Name: "Ada Lindqvist", Email: "ada@acme.example", You: true, Refused: "Ada Lindqvist is the last Subscription admin. Make somebody else one first."})},
		{"user-link", page.OneTimeLink(usersFrame(layout.Link{Text: "Link"}), page.OneTimeLinkView{Name: "Jun Nakamura", Email: "jun@acme.example", Subscription: "Acme Analytics", URL: "https://keys.example.com/invitation?token=8d7f6a5c4b3e2d1f0a9b8c7d6e5f4a3b2c1d0e9f", Back: home + "/users", Expires: now.Add(72 * time.Hour)})},
	}
}

func auditStories() []story {
	rows := []page.AuditRow{
		{At: ago(3 * time.Minute), Actor: "Ada Lindqvist", Email: "ada@acme.example", UserID: "Hq7Vd2Lk9TfA", What: "Created an integration key", Detail: "Nightly warehouse export, Read", Key: "4fT9aQ0bZ7Lm", Address: "10.0.4.17"},
		{At: ago(2 * time.Hour), Actor: "Tomás Oliveira", Email: "tomas@acme.example", UserID: "b3Xw8Rn1Zc5E", What: "Tried to delete an integration key", Key: "Wk2vC8sXr5Ye", Address: "2001:db8:85a3::8a2e:370:7334", Refused: true, Attempts: "12,408 times", Last: ago(90 * time.Minute), LastAddress: "203.0.113.9"},
		{At: ago(26 * time.Hour), Actor: "نور حداد", Email: "nour@acme.example", UserID: "K0sP6mYt4JgU", What: "Switched Integration Keys on", Address: "203.0.113.9"},
		{At: ago(400 * 24 * time.Hour), Actor: joined, Email: joined + "@example.com", UserID: "K0sP6mYt4JgU", What: "Renamed the subscription", Detail: joined, Address: "10.0.4.17"},
	}
	frame := member("Audit log", layout.Link{Text: "Audit log"})
	return []story{
		{"audit", page.AuditLog(frame, page.AuditView{Rows: rows, Older: "?after=x"})},
		{"audit-empty", page.AuditLog(frame, page.AuditView{})},
	}
}

func operatorStories() []story {
	rows := []page.SubscriptionRow{
		{ID: "acme1", Name: "Acme Analytics", State: "on", Created: ago(400 * 24 * time.Hour), Members: "5"},
		{ID: "other", Name: "شركة المثال", State: "off", Created: ago(20 * 24 * time.Hour), Members: "1"},
		{ID: "third", Name: joined, State: "unavailable", Created: ago(2 * 24 * time.Hour), Members: "more than 1,000"},
	}
	inside := layout.Link{Text: "Subscriptions", Href: "/operator/subscriptions"}
	return []story{
		{"withdraw", page.Withdraw(operator("Withdraw Integration Keys", inside), page.WithdrawView{ID: "acme1", Name: "Acme Analytics"})},
		{"withdraw-error", page.Withdraw(operator("Withdraw Integration Keys", inside), page.WithdrawView{ID: "other", Name: joined, Typed: "Acme", Errors: part.Errors{"confirm": "This is not the subscription's name."}})},
		{"subscriptions", page.Subscriptions(flashed(operator("Subscriptions"), "Integration Keys is available to Acme Analytics."), page.SubscriptionsView{Rows: rows, Newer: "?before=x", Older: "?after=y"})},
		{"subscriptions-empty", page.Subscriptions(operator("Subscriptions"), page.SubscriptionsView{})},
		{"subscription-new", page.NewSubscription(operator("Create subscription", inside, layout.Link{Text: "Create"}), page.NewSubscriptionView{})},
		{"subscription-new-error", page.NewSubscription(operator("Create subscription", inside, layout.Link{Text: "Create"}), page.NewSubscriptionView{Name: "نور", Errors: part.Errors{"subscription": "Enter a name for the subscription.", "email": "Enter an email address."}})},
		{"subscription-link", page.OneTimeLink(operator("Link", inside, layout.Link{Text: "Link"}), page.OneTimeLinkView{Name: "Noor Haddad", Email: "noor@other.example", Subscription: "شركة المثال", URL: "https://keys.example.com/invitation?token=8d7f6a5c4b3e2d1f", Back: "/operator/subscriptions", Expires: now.Add(72 * time.Hour)})},
	}
}

func problemStories() []story {
	lost := visitor("No subscription")
	lost.Person = "Jun Nakamura"
	return []story{
		{"home", page.Home(lost, page.HomeView{Email: "jun@acme.example"})},
		{"problem-403", page.Problem(member("Not allowed"), page.ProblemView{Status: 403, Heading: "You may not manage integration keys", Text: "That takes integration key access, which a Subscription admin can give you.", Ask: []string{"Ada Lindqvist", "نور حداد"}, BackHref: home, BackText: "Back to Settings"})},
		{"problem-403-unavailable", page.Problem(member("Not available"), page.ProblemView{Status: 403, Heading: "Integration Keys is not available", Text: "The feature is not available to this subscription, so no key was created.", Contact: "keys@vendor.example", BackHref: home, BackText: "Back to Settings"})},
		{"problem-404", page.Problem(visitor("Not found"), page.ProblemView{Status: 404, Heading: "There is no such page", Text: "It may have been deleted, or you may not see it.", BackHref: "/", BackText: "To the start"})},
		{"problem-409", page.Problem(member("Already created"), page.ProblemView{Status: 409, Heading: "This key was already created", Text: "Its value was shown once. If it is lost, delete the key and add another.", BackHref: home + "/integrations/integration-keys", BackText: "Show all keys"})},
		{"problem-500", page.Problem(member("Fault"), page.ProblemView{Status: 500, Heading: "That is our fault", Text: "Something went wrong, and nothing was changed.", RequestID: "01KB2Z9X3M8QF7", BackHref: home, BackText: "Back to Settings"})},
	}
}

func applicationStories() []story {
	frame := func(last ...layout.Link) layout.Frame {
		return member("Applications", append([]layout.Link{{Text: "Applications", Href: home + "/applications"}}, last...)...)
	}
	web := page.ApplicationRow{ID: "4660744534868402", Name: "Web app", Platform: "Web", Key: "kpapp_Zk3vT8qLm0WcR5yN7bXd2HfJ9sGpA4uE", Default: true}
	phone := page.ApplicationRow{ID: "812", Name: arabic, Platform: "iOS", Key: "kpapp_mN4bV7cXz1LkJ8hGf5DsA2pOi9UyT6rE"}
	wide := page.ApplicationRow{ID: "9007199254740991", Name: joined[:100], Platform: "Browser extension", Key: "kpapp_Q1w2E3r4T5y6U7i8O9p0A1s2D3f4G5h6"}
	snippet := `<script async src="/agent.js" data-application-key="` + web.Key + `"></script>`
	platforms := []part.Option{{Value: "web", Text: "Web"}, {Value: "ios", Text: "iOS"}}
	return []story{
		{"applications", page.Applications(frame(), page.ApplicationsView{Settings: home, CanManage: true, Rows: []page.ApplicationRow{web, phone, wide}})},
		{"applications-viewer", page.Applications(frame(), page.ApplicationsView{Settings: home, Rows: []page.ApplicationRow{web}})},
		{"application", page.Application(frame(), page.ApplicationView{ApplicationRow: web, Settings: home, CanManage: true, Snippet: snippet, Where: "Put this into the head of every page.", Created: ago(100 * time.Hour)})},
		{"application-other", page.Application(frame(), page.ApplicationView{ApplicationRow: phone, Settings: home, CanManage: true, Snippet: "Agent.start()", Where: "Call this when the app has launched.", Created: ago(time.Hour)})},
		{"application-viewer", page.Application(frame(), page.ApplicationView{ApplicationRow: wide, Settings: home, Snippet: snippet, Where: "Here.", Created: ago(time.Hour)})},
		{"application-new", page.NewApplication(frame(layout.Link{Text: "Add application"}), page.NewApplicationView{Settings: home, Nonce: "nonce", Platform: "web", Platforms: platforms})},
		{"application-new-error", page.NewApplication(frame(layout.Link{Text: "Add application"}), page.NewApplicationView{Settings: home, Nonce: "nonce", Name: joined, Platform: "ios", Platforms: platforms, Errors: part.Errors{"name": "Use at most 100 characters; you typed 198.", "": "A subscription has at most 1,000 applications. Delete one that is not used any more."}})},
		{"application-edit", page.EditApplication(frame(layout.Link{Text: "Rename application"}), page.EditApplicationView{Settings: home, ID: web.ID, Name: web.Name, Saved: web.Name})},
		{"application-edit-error", page.EditApplication(frame(layout.Link{Text: "Rename application"}), page.EditApplicationView{Settings: home, ID: web.ID, Saved: web.Name, Errors: part.Errors{"name": "Fill this in."}})},
		{"application-default", page.MakeDefault(frame(layout.Link{Text: "Make this application the default"}), page.MakeDefaultView{Settings: home, ID: phone.ID, Name: phone.Name})},
		{"application-delete", page.DeleteApplication(frame(layout.Link{Text: "Delete application"}), page.DeleteApplicationView{Settings: home, ID: phone.ID, Name: phone.Name})},
		{"application-delete-error", page.DeleteApplication(frame(layout.Link{Text: "Delete application"}), page.DeleteApplicationView{Settings: home, ID: phone.ID, Name: phone.Name, Typed: "Phone", Errors: part.Errors{"confirm": "This is not the name."}})},
		{"application-delete-default", page.DeleteApplication(frame(layout.Link{Text: "Delete application"}), page.DeleteApplicationView{Settings: home, ID: web.ID, Name: web.Name, Default: true})},
	}
}
