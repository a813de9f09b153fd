package page_test

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

// A checker collects what is wrong with a document.
type checker struct {
	headings int
	problems []string
	ids      map[string]bool
	labelled map[string]bool
}

func checkDocument(doc *html.Node) *checker {
	c := &checker{ids: map[string]bool{}, labelled: map[string]bool{}}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "label" {
			c.labelled[attr(n, "for")] = true
		}
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			c.element(n)
		}
	}
	for n := range doc.Descendants() {
		c.references(n)
	}
	return c
}

func (c *checker) errorf(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *checker) element(n *html.Node) {
	c.inline(n)
	if id := attr(n, "id"); id != "" {
		if c.ids[id] {
			c.errorf("the ID %q occurs twice", id)
		}
		c.ids[id] = true
	}
	switch n.Data {
	case "h1":
		c.headings++
	case "input", "select", "textarea":
		if attr(n, "type") != "hidden" && !has(
			n, "hidden",
		) && !c.labelled[attr(n, "id")] && attr(n, "aria-label") == "" {
			c.errorf("the field %q has no label", attr(n, "name"))
		}
	case "button", "a", "summary":
		if strings.TrimSpace(text(n)) == "" && attr(n, "aria-label") == "" {
			c.errorf("a <%s> has no name", n.Data)
		}
	case "table":
		c.table(n)
	case "form":
		if attr(n, "method") == "post" && !hasCSRF(n) {
			c.errorf("the form %q has no CSRF field", attr(n, "action"))
		}
	}
}

func (c *checker) inline(n *html.Node) {
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
			c.errorf("<%s %s> is inline", n.Data, a.Key)
		}
	}
	if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
		c.errorf("an inline <%s>", n.Data)
	}
}

// roles are those of the elements of a table.
var roles = map[string]string{"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell"}

// table checks that every element has its role, and that every row has a cell for each column with the column's label.
func (c *checker) table(n *html.Node) {
	var headings []string
	for d := range n.Descendants() {
		if d.Type != html.ElementNode {
			continue
		}
		if want := roles[d.Data]; want != "" && attr(d, "role") != want {
			c.errorf("a <%s> has the role %q", d.Data, attr(d, "role"))
		}
		if d.Data == "th" && attr(d, "role") == "columnheader" {
			headings = append(headings, text(d))
		}
		if d.Data == "tr" && d.Parent.Data == "tbody" {
			c.row(d, headings)
		}
	}
	if attr(n, "role") != "table" || len(headings) == 0 {
		c.errorf("a table has the role %q and %d column headers", attr(n, "role"), len(headings))
	}
}

func (c *checker) row(tr *html.Node, headings []string) {
	var cells []*html.Node
	for child := range tr.ChildNodes() {
		if child.Type == html.ElementNode {
			cells = append(cells, child)
		}
	}
	if len(cells) != len(headings) {
		c.errorf("a row has %d cells, and the columns are %q", len(cells), headings)
		return
	}
	for i, cell := range cells {
		switch label, class := attr(cell, "data-label"), attr(cell, "class"); {
		case cell.Data == "th" && attr(cell, "role") == "rowheader":
		case class == "what", class == "end" && headings[i] == "Actions":
		case label != headings[i]:
			c.errorf("a <%s> in the column %q has the label %q", cell.Data, headings[i], label)
		}
	}
}

// references checks that every ID that an attribute refers to exists.
func (c *checker) references(n *html.Node) {
	for _, key := range []string{"for", "aria-labelledby", "aria-describedby", "form", "data-copy", "data-download"} {
		for _, id := range strings.Fields(attr(n, key)) {
			if !c.ids[id] {
				c.errorf("%s names %q, which is not there", key, id)
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
