package page_test

import (
	"strings"
	"time"

	"keyporter/web/layout"
	"keyporter/web/page"
	"keyporter/web/part"
)

func excludeStories() []story {
	const list = home + "/exclude-list"
	frame := member("Exclude List", layout.Link{Text: "Exclude List"})
	add := member("Exclude List", layout.Link{Text: "Exclude List", Href: list}, layout.Link{Text: "Add entries"})
	view := page.ExcludeView{
		List: list, Kind: "server", Total: "3 entries", Capacity: "9 of 10,000 in the whole list",
		Rows: []page.ExcludeRow{
			{ID: "e1", Pattern: "dev*", CreatedBy: userNamed("Ada Lindqvist"), Created: ago(3 * time.Minute)},
			{ID: "e2", Pattern: "*:3000", CreatedBy: userNamed("نور حداد"), Created: ago(40 * 24 * time.Hour)},
			{
				ID: "e3", Pattern: strings.Repeat("staging", 36) + "*", CreatedBy: userNamed(joined),
				Created: ago(400 * 24 * time.Hour),
			},
		},
	}
	found, tried, wrong, chosen := view, view, view, view
	found.Query, found.Total, found.Rows, found.Newer = arabic, "0 entries found", nil, ""
	tried.Try = page.TryView{Done: true, Text: "dev1.example.com:3000", Matching: []string{"*:3000", "dev*"}}
	wrong.Kind, wrong.Newer, wrong.Older = "remoteIp", "?at=x", "?at=y"
	wrong.Try = page.TryView{Text: "dev1", Error: "Type an IP address, such as 192.0.2.7 or 2001:db8::7."}
	chosen.Errors = part.Errors{"entry": "Nothing is selected. Select the entries to delete."}
	chosen.Try = page.TryView{Done: true, Text: arabic}
	bad := "dev*\na**b\nhttps://dev.example.com/"
	remove := member("Exclude List", layout.Link{Text: "Exclude List", Href: list}, layout.Link{
		Text: "Delete selected entries",
	})
	return []story{
		{"exclude-delete", page.DeleteExclude(remove, page.DeleteExcludeView{
			List: list, Kind: "server", Total: "3 entries", Rows: view.Rows,
		})},
		{"exclude", page.Exclude(flashed(frame, "Added: 3 entries."), view)},
		{"exclude-empty", page.Exclude(frame, page.ExcludeView{
			List: list, Kind: "visitorId", Capacity: "9 of 10,000 in the whole list",
		})},
		{"exclude-none-found", page.Exclude(frame, found)},
		{"exclude-tried", page.Exclude(frame, tried)},
		{"exclude-tried-error", page.Exclude(frame, wrong)},
		{"exclude-delete-error", page.Exclude(frame, chosen)},
		{"exclude-new", page.NewExclude(add, page.NewExcludeView{List: list, Kind: "remoteIp", Text: "203.0.113.24"})},
		{"exclude-new-error", page.NewExclude(add, page.NewExcludeView{
			List: list, Kind: "server", Text: bad,
			Errors: part.Errors{
				"entries": "Line 2: Two * in a row mean no more than one. Write one.\nLine 3: Write the host alone, " +
					"such as dev.example.com or dev.example.com:3000, without https:// and without a path.",
			},
		})},
		{"exclude-new-empty", page.NewExclude(add, page.NewExcludeView{
			List: list, Kind: "accountId", Errors: part.Errors{"entries": "Type at least one entry."},
		})},
	}
}
