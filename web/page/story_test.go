package page_test

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"keyporter/web/layout"
	"keyporter/web/page"
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
	f.Switch = []layout.Link{
		{Text: "Acme Analytics", Href: home, Current: true}, {Text: "شركة المثال", Href: "/s/other/settings"},
	}
	f.Nav = []layout.NavItem{
		{Text: "Integrations", Href: home + "/integrations", Icon: "plug", Current: title == "Integrations"},
		{
			Text: "Integration Keys", Href: home + "/integrations/integration-keys", Deep: true,
			Current: title == "Integration Keys",
		},
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
	for _, part := range [][]story{
		visitorStories(), accountStories(), integrationStories(), listStories(), applicationStories(), keyStories(),
		keyLifeStories(), addressStories(),
		identifyStories(), usageStories(), feedbackKeyStories(), userStories(), auditStories(), excludeStories(),
		operatorStories(), problemStories(),
	} {
		all = append(all, part...)
	}
	return all
}
