package page_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"keyporter/static"
)

var (
	styleText  = regexp.MustCompile(`(?s)/\*.*?\*/|"[^"]*"`) // comments and strings, which are not selectors
	styleClass = regexp.MustCompile(`\.([a-zA-Z][\w-]*)`)
)

// TestClassesAreUsed checks that some page or module has each class that the style sheets name.
func TestClassesAreUsed(t *testing.T) {
	used := map[string]bool{}
	for _, s := range stories() {
		doc, err := html.Parse(strings.NewReader(render(t, s)))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			for _, class := range strings.Fields(attr(n, "class")) {
				used[class] = true
			}
		}
	}
	for _, name := range static.Styles() {
		text, err := os.ReadFile(filepath.Join("..", "..", "static", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range styleClass.FindAllStringSubmatch(styleText.ReplaceAllString(string(text), ""), -1) {
			if !used[m[1]] {
				t.Errorf("%s: no page has the class %q", name, m[1])
			}
		}
	}
}
