package console

import (
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/web/layout"
)

// subscriptionNav returns the links to the pages of the subscription that the requester may open.
func subscriptionNav(ec echo.Context, r requester) []layout.NavItem {
	settings := r.settings()
	items := []layout.NavItem{
		{Text: "General", Href: settings, Icon: "settings"},
		{Text: "Integrations", Href: settings + "/integrations", Icon: "plug"},
	}
	if r.Member.MayManageKeys() {
		items = append(items, layout.NavItem{Text: "Integration Keys", Href: r.keys(), Deep: true})
	}
	items = append(items, layout.NavItem{Text: "Feedback API keys", Href: r.feedbackKeys(), Deep: true})
	items = append(items, layout.NavItem{Text: "Applications", Href: r.applications(), Icon: "grid"})
	if r.Member.MayManageExcludeList() {
		items = append(items, layout.NavItem{Text: "Exclude List", Href: r.excludeList(), Icon: "ban"})
	}
	items = append(items, layout.NavItem{Text: "Users", Href: settings + "/users", Icon: "users"})
	if r.Member.Administers() {
		items = append(items, layout.NavItem{Text: "Audit log", Href: settings + "/audit-log", Icon: "list"})
	}
	return markCurrent(ec, items)
}

// operatorNav returns the links to the operator's pages.
func operatorNav(ec echo.Context) []layout.NavItem {
	return markCurrent(ec, []layout.NavItem{{Text: "Subscriptions", Href: operatorPath, Icon: "building"}})
}

// switchLinks returns a link to each subscription that the user is a member of.
func (r requester) switchLinks() []layout.Link {
	var links []layout.Link
	for _, s := range r.All {
		links = append(links, layout.Link{
			Text: s.Name, Href: "/s/" + s.ID + "/settings", Current: s.ID == r.Subscription.ID,
		})
	}
	return links
}

// markCurrent marks the item whose path is the longest prefix of the request's path.
func markCurrent(ec echo.Context, items []layout.NavItem) []layout.NavItem {
	path, best := ec.Request().URL.Path, -1
	for i, item := range items {
		isPrefix := path == item.Href || strings.HasPrefix(path, item.Href+"/")
		if isPrefix && (best < 0 || len(item.Href) > len(items[best].Href)) {
			best = i
		}
	}
	if best >= 0 {
		items[best].Current = true
	}
	return items
}

// crumbs returns the breadcrumb of a page of the subscription: Settings, then the given links.
func (r requester) crumbs(more ...layout.Link) []layout.Link {
	return append([]layout.Link{{Text: "Settings", Href: r.settings()}}, more...)
}

func (r requester) integrationsCrumb() layout.Link {
	return layout.Link{Text: "Integrations", Href: r.settings() + "/integrations"}
}

func (r requester) keysCrumb() layout.Link {
	return layout.Link{Text: "Integration Keys", Href: r.keys()}
}

func (r requester) applicationsCrumb() layout.Link {
	return layout.Link{Text: "Applications", Href: r.applications()}
}

func (r requester) usersCrumb() layout.Link {
	return layout.Link{Text: "Users", Href: r.settings() + "/users"}
}
