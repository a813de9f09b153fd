package page_test

import (
	"time"

	"keyporter/web/layout"
	"keyporter/web/page"
	"keyporter/web/part"
)

func applicationStories() []story {
	frame := func(last ...layout.Link) layout.Frame {
		return member(
			"Applications", append([]layout.Link{{Text: "Applications", Href: home + "/applications"}}, last...)...,
		)
	}
	web := page.ApplicationRow{
		ID: "4660744534868402", Name: "Web app", Platform: "Web", Key: "kpapp_Zk3vT8qLm0WcR5yN7bXd2HfJ9sGpA4uE",
		Default: true,
	}
	phone := page.ApplicationRow{
		ID: "812", Name: arabic, Platform: "iOS", Key: "kpapp_mN4bV7cXz1LkJ8hGf5DsA2pOi9UyT6rE",
	}
	wide := page.ApplicationRow{
		ID: "9007199254740991", Name: joined[:100], Platform: "Browser extension",
		Key: "kpapp_Q1w2E3r4T5y6U7i8O9p0A1s2D3f4G5h6",
	}
	snippet := `<script async src="/agent.js" data-application-key="` + web.Key + `"></script>`
	platforms := []part.Option{{Value: "web", Text: "Web"}, {Value: "ios", Text: "iOS"}}
	return []story{
		{"applications", page.Applications(frame(), page.ApplicationsView{
			Settings: home, CanManage: true, Rows: []page.ApplicationRow{web, phone, wide},
		})},
		{"applications-viewer", page.Applications(frame(), page.ApplicationsView{
			Settings: home, Rows: []page.ApplicationRow{web},
		})},
		{"application", page.Application(frame(), page.ApplicationView{
			ApplicationRow: web, Settings: home, CanManage: true, Snippet: snippet,
			Where: "Put this into the head of every page.", Created: ago(100 * time.Hour),
		})},
		{"application-other", page.Application(frame(), page.ApplicationView{
			ApplicationRow: phone, Settings: home, CanManage: true, Snippet: "Agent.start()",
			Where: "Call this when the app has launched.", Created: ago(time.Hour),
		})},
		{"application-viewer", page.Application(frame(), page.ApplicationView{
			ApplicationRow: wide, Settings: home, Snippet: snippet, Where: "Here.", Created: ago(time.Hour),
		})},
		{"application-new", page.NewApplication(frame(layout.Link{Text: "Add application"}), page.NewApplicationView{
			Settings: home, Nonce: "nonce", Platform: "web", Platforms: platforms,
		})},
		{"application-new-error", page.NewApplication(
			frame(layout.Link{Text: "Add application"}),
			page.NewApplicationView{
				Settings: home, Nonce: "nonce", Name: joined, Platform: "ios", Platforms: platforms,
				Errors: part.Errors{
					"name": "Use at most 100 characters; you typed 198.",
					"":     "A subscription has at most 1,000 applications. Delete one that is not used any more.",
				},
			},
		)},
		{"application-edit", page.EditApplication(
			frame(layout.Link{Text: "Rename application"}),
			page.EditApplicationView{Settings: home, ID: web.ID, Name: web.Name, Saved: web.Name},
		)},
		{"application-edit-error", page.EditApplication(
			frame(layout.Link{Text: "Rename application"}),
			page.EditApplicationView{
				Settings: home, ID: web.ID, Saved: web.Name, Errors: part.Errors{"name": "Fill this in."},
			},
		)},
		{"application-default", page.MakeDefault(
			frame(layout.Link{Text: "Make this application the default"}),
			page.MakeDefaultView{Settings: home, ID: phone.ID, Name: phone.Name},
		)},
		{"application-delete", page.DeleteApplication(
			frame(layout.Link{Text: "Delete application"}),
			page.DeleteApplicationView{Settings: home, ID: phone.ID, Name: phone.Name},
		)},
		{"application-delete-error", page.DeleteApplication(
			frame(layout.Link{Text: "Delete application"}),
			page.DeleteApplicationView{
				Settings: home, ID: phone.ID, Name: phone.Name, Typed: "Phone",
				Errors: part.Errors{"confirm": "This is not the name."},
			},
		)},
		{"application-delete-default", page.DeleteApplication(
			frame(layout.Link{Text: "Delete application"}),
			page.DeleteApplicationView{Settings: home, ID: web.ID, Name: web.Name, Default: true},
		)},
	}
}
