// Package layout draws what stands around every page: the document's head, the navigation, the breadcrumb and the
// status message. It knows nothing of the pages inside it.
package layout

import (
	"strings"
	"time"
)

// A Link is a place to go. Without Href it is text, as the last step of a breadcrumb is.
type Link struct {
	Text, Href string
	Current    bool
}

// A NavItem is one line of the navigation. Icon is a name in the sprite icons.svg; a Deep item stands indented below
// the one before it and has none.
type NavItem struct {
	Text, Href, Icon string
	Deep, Current    bool
}

// A Frame is what surrounds a page. Nothing in it is secret except CSRF, which is bound to one session.
type Frame struct {
	// Title is the page's own part of the document's title.
	Title string
	// CSRF is the value that every form sends back in the field "csrf".
	CSRF string
	// Person is the signed-in user's name. It is empty for a visitor, whose pages have no navigation.
	Person string
	// Subscription is the name of the subscription that the page belongs to, or empty.
	Subscription string
	// Switch holds all subscriptions of the user. They are offered when there is more than one.
	Switch []Link
	// Nav holds what the user may open, in the order of the page, and NavTitle its heading.
	Nav      []NavItem
	NavTitle string
	// Crumbs lead to the page. The last one is the page itself.
	Crumbs []Link
	// Flash is a sentence that says what was just done, or empty.
	Flash string
	// Operator tells whether the user may open the operator's pages.
	Operator bool
	// Now is the time that relative times are counted from.
	Now time.Time
}

// title is the text of the document's title, from the page to the product.
func (f Frame) title() string {
	parts := []string{f.Title}
	if f.Subscription != "" {
		parts = append(parts, f.Subscription)
	}
	return strings.Join(append(parts, "Keyporter"), " · ")
}

// initial is the first letter of a name, for the small square beside it.
func initial(name string) string {
	for _, r := range strings.TrimSpace(name) {
		return strings.ToUpper(string(r))
	}
	return "·"
}

// current is the value of aria-current for a link.
func current(is bool) string {
	if is {
		return "page"
	}
	return "false"
}

// navLabel is the navigation's name for assistive technology.
func navLabel(f Frame) string {
	if f.NavTitle == "" {
		return "Pages"
	}
	return f.NavTitle
}
