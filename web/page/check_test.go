package page_test

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

// seen is what a walk over a document found.
type seen struct {
	headings int
	faults   []string
	ids      map[string]bool
	labelled map[string]bool
}

func newSeen(doc *html.Node) *seen {
	s := &seen{ids: map[string]bool{}, labelled: map[string]bool{}}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "label" {
			s.labelled[attr(n, "for")] = true
		}
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			s.element(n)
		}
	}
	for n := range doc.Descendants() {
		s.references(n)
	}
	return s
}

func (s *seen) fault(format string, args ...any) {
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

func (s *seen) element(n *html.Node) {
	s.inline(n)
	if id := attr(n, "id"); id != "" {
		if s.ids[id] {
			s.fault("the ID %q occurs twice", id)
		}
		s.ids[id] = true
	}
	switch n.Data {
	case "h1":
		s.headings++
	case "input", "select", "textarea":
		if attr(n, "type") != "hidden" && !has(n, "hidden") && !s.labelled[attr(n, "id")] && attr(n, "aria-label") == "" {
			s.fault("the field %q has no label", attr(n, "name"))
		}
	case "button", "a", "summary":
		if strings.TrimSpace(text(n)) == "" && attr(n, "aria-label") == "" {
			s.fault("a <%s> has no name", n.Data)
		}
	case "table":
		s.table(n)
	case "form":
		if attr(n, "method") == "post" && !hasCSRF(n) {
			s.fault("the form %q has no CSRF field", attr(n, "action"))
		}
	}
}

func (s *seen) inline(n *html.Node) {
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
			s.fault("<%s %s> is inline", n.Data, a.Key)
		}
	}
	if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
		s.fault("an inline <%s>", n.Data)
	}
}

// roles of a table's elements. Browsers drop the implied ones where a narrow screen shows the table as a list.
var roles = map[string]string{"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell"}

// table checks that every element has its role, and every row one cell for each column, labelled by its heading.
func (s *seen) table(n *html.Node) {
	var headings []string
	for d := range n.Descendants() {
		if d.Type != html.ElementNode {
			continue
		}
		if want := roles[d.Data]; want != "" && attr(d, "role") != want {
			s.fault("a <%s> has the role %q", d.Data, attr(d, "role"))
		}
		if d.Data == "th" && attr(d, "role") == "columnheader" {
			headings = append(headings, text(d))
		}
		if d.Data == "tr" && d.Parent.Data == "tbody" {
			s.row(d, headings)
		}
	}
	if attr(n, "role") != "table" || len(headings) == 0 {
		s.fault("a table has the role %q and %d column headers", attr(n, "role"), len(headings))
	}
}

func (s *seen) row(tr *html.Node, headings []string) {
	var cells []*html.Node
	for child := range tr.ChildNodes() {
		if child.Type == html.ElementNode {
			cells = append(cells, child)
		}
	}
	if len(cells) != len(headings) {
		s.fault("a row has %d cells, and the columns are %q", len(cells), headings)
		return
	}
	for i, cell := range cells {
		switch label, class := attr(cell, "data-label"), attr(cell, "class"); {
		case cell.Data == "th" && attr(cell, "role") == "rowheader":
		case class == "what", class == "end" && headings[i] == "Actions":
		case label != headings[i]:
			s.fault("a <%s> in the column %q has the label %q", cell.Data, headings[i], label)
		}
	}
}

// references checks that what is named by an ID is there.
func (s *seen) references(n *html.Node) {
	for _, key := range []string{"for", "aria-labelledby", "aria-describedby", "form", "data-copy", "data-download"} {
		for _, id := range strings.Fields(attr(n, key)) {
			if !s.ids[id] {
				s.fault("%s names %q, which is not there", key, id)
			}
		}
	}
}

func hasCSRF(form *html.Node) bool {
	for n := range form.Descendants() {
		if attr(n, "name") == "csrf" && attr(n, "value") != "" {
			return true
		}
	}
	return false
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}
