package console

import (
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/web/layout"
)

// subscriptionNav lists what the visitor may open in a subscription, and nothing else.
func subscriptionNav(ec echo.Context, v visit) []layout.NavItem {
	settings := v.settings()
	items := []layout.NavItem{
		{Text: "General", Href: settings, Icon: "settings"},
		{Text: "Integrations", Href: settings + "/integrations", Icon: "plug"},
	}
	if v.Member.MayManageKeys() {
		items = append(items, layout.NavItem{Text: "Integration Keys", Href: v.keys(), Deep: true})
	}
	items = append(items, layout.NavItem{Text: "Feedback API keys", Href: v.feedbackKeys(), Deep: true})
	items = append(items, layout.NavItem{Text: "Applications", Href: v.applications(), Icon: "grid"})
	if v.Member.MayKeepExcludeList() {
		items = append(items, layout.NavItem{Text: "Exclude List", Href: v.excludeList(), Icon: "ban"})
	}
	items = append(items, layout.NavItem{Text: "Users", Href: settings + "/users", Icon: "users"})
	if v.Member.Administers() {
		items = append(items, layout.NavItem{Text: "Audit log", Href: settings + "/audit-log", Icon: "list"})
	}
	return marked(ec, items)
}

// operatorNav is for an operator's pages that belong to no subscription. The user's own subscriptions are not part of it.
func operatorNav(ec echo.Context) []layout.NavItem {
	return marked(ec, []layout.NavItem{{Text: "Subscriptions", Href: operatorPath, Icon: "building"}})
}

// switchLinks lead to each subscription that the user belongs to.
func (v visit) switchLinks() []layout.Link {
	var links []layout.Link
	for _, s := range v.All {
		links = append(links, layout.Link{Text: s.Name, Href: "/s/" + s.ID + "/settings", Current: s.ID == v.Subscription.ID})
	}
	return links
}

// marked marks the item whose path is the longest beginning of the request's.
func marked(ec echo.Context, items []layout.NavItem) []layout.NavItem {
	path, best := ec.Request().URL.Path, -1
	for i, item := range items {
		if (path == item.Href || strings.HasPrefix(path, item.Href+"/")) && (best < 0 || len(item.Href) > len(items[best].Href)) {
			best = i
		}
	}
	if best >= 0 {
		items[best].Current = true
	}
	return items
}

// crumbs lead to a page of the subscription, below the given ones.
func (v visit) crumbs(more ...layout.Link) []layout.Link {
	return append([]layout.Link{{Text: "Settings", Href: v.settings()}}, more...)
}

func (v visit) integrationsCrumb() layout.Link {
	return layout.Link{Text: "Integrations", Href: v.settings() + "/integrations"}
}

func (v visit) keysCrumb() layout.Link { return layout.Link{Text: "Integration Keys", Href: v.keys()} }

func (v visit) applicationsCrumb() layout.Link {
	return layout.Link{Text: "Applications", Href: v.applications()}
}

func (v visit) usersCrumb() layout.Link {
	return layout.Link{Text: "Users", Href: v.settings() + "/users"}
}
