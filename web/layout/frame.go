// Package layout renders what surrounds every page: the head of the document, the navigation, the breadcrumb and the
// flash message.
package layout

import (
	"strings"
	"time"
)

// A Link is a link, or plain text if Href is empty, as at the end of a breadcrumb.
type Link struct {
	Text, Href string
	Current    bool
}

// A NavItem is a link of the navigation. Icon is the ID of a symbol in icons.svg. A Deep item is indented below the one
// before and shows no icon.
type NavItem struct {
	Text, Href, Icon string
	Deep, Current    bool
}

// A Frame is the content of what surrounds a page. Only CSRF is secret; it is bound to one session.
type Frame struct {
	// Title is the first part of the document's title.
	Title string
	// CSRF is the value of the field "csrf" of every form.
	CSRF string
	// Person is the signed-in user's name. It is empty for a visitor, whose pages have no navigation.
	Person string
	// Subscription is the name of the subscription that the page belongs to, or empty.
	Subscription string
	// Switch links to all subscriptions of the user. It is shown if there is more than one.
	Switch []Link
	// Nav links to the pages that the user may open, below the heading NavTitle.
	Nav      []NavItem
	NavTitle string
	// Crumbs is the breadcrumb. The last one is the page itself.
	Crumbs []Link
	// Flash is a sentence about what was just done, or empty.
	Flash string
	// Operator is true if the user may open the operator's pages.
	Operator bool
	// Now is the time that relative times are relative to.
	Now time.Time
}

// title returns the document's title, as "Users · Acme · Keyporter".
func (f Frame) title() string {
	parts := []string{f.Title}
	if f.Subscription != "" {
		parts = append(parts, f.Subscription)
	}
	return strings.Join(append(parts, "Keyporter"), " · ")
}

// initial returns the first letter of a name, for the small square next to it.
func initial(name string) string {
	for _, r := range strings.TrimSpace(name) {
		return strings.ToUpper(string(r))
	}
	return "·"
}

// current returns the value of aria-current for a link.
func current(is bool) string {
	if is {
		return "page"
	}
	return "false"
}

// navLabel returns the accessible name of the navigation.
func navLabel(f Frame) string {
	if f.NavTitle == "" {
		return "Pages"
	}
	return f.NavTitle
}
