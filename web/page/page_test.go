package page_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"keyporter/static"
	"keyporter/web/page"
	"keyporter/web/part"
)

var update = flag.Bool("update", false, "rewrite the snapshots in testdata")

// TestPages compares every page in every state with its snapshot. Snapshots leave out the hash in the paths of static
// files, so that a change of a style sheet does not change them.
func TestPages(t *testing.T) {
	for _, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			got := render(t, s)
			file := filepath.Join("testdata", s.name+".html")
			text := strings.ReplaceAll(got, static.Path(""), static.Prefix+"hash/")
			text = strings.ReplaceAll(text, "><", ">\n<") + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("the page differs from %s; look at it, and run the test with -update", file)
			}
			check(t, got)
		})
	}
}

// TestStorybook writes every page in every state into the folder KEYPORTER_STORYBOOK, for people to look at.
func TestStorybook(t *testing.T) {
	folder := os.Getenv("KEYPORTER_STORYBOOK")
	if folder == "" {
		t.Skip("KEYPORTER_STORYBOOK names no folder")
	}
	for _, s := range stories() {
		if err := os.WriteFile(filepath.Join(folder, s.name+".html"), []byte(render(t, s)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func render(t *testing.T, s story) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.page.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	asset  = regexp.MustCompile(`/static/[0-9a-f]{12}/([a-z.]+)`)
	symbol = regexp.MustCompile(`icons\.svg#([a-z]+)`)
)

// check asserts what holds for every page: one heading of level 1, unique IDs, named controls, a CSRF field in every
// POST form, complete tables, no inline script or style, and only links to static files that exist.
func check(t *testing.T, text string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := checkDocument(doc)
	if c.headings != 1 {
		t.Errorf("%d headings of level 1, want 1", c.headings)
	}
	for _, problem := range c.problems {
		t.Error(problem)
	}
	sprite, err := os.ReadFile("../../static/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range symbol.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(string(sprite), `id="`+m[1]+`"`) {
			t.Errorf("no icon %q", m[1])
		}
	}
	for _, m := range asset.FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat("../../static/" + m[1]); err != nil {
			t.Error(err)
		}
	}
}

// TestSecrets checks that a page never contains the value of a password field.
func TestSecrets(t *testing.T) {
	var b bytes.Buffer
	field := part.Text(part.Field{Name: "password", Type: "password", Value: "correct horse"})
	if err := field.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "horse") {
		t.Errorf("the page holds the password: %s", b.String())
	}
}

// TestHostileText checks that text from users is escaped.
func TestHostileText(t *testing.T) {
	evil := `"><script>alert(1)</script>`
	view := page.KeysView{
		Kind: page.IntegrationKeys, Settings: home, State: "on",
		Rows: []page.KeyRow{
			{ID: "4fT9aQ0bZ7Lm", Description: evil, CreatedBy: page.UserName{ID: evil, Name: evil, Email: evil}},
		},
		Query: evil, Searched: true, OperatorContact: "javascript:alert(1)",
	}
	got := render(t, story{"evil", page.Keys(keysFrame(), view)})
	if strings.Contains(got, "<script>") {
		t.Error("text became markup")
	}
	check(t, got)
	view.State = "unavailable"
	if got := render(t, story{"evil", page.Keys(keysFrame(), view)}); strings.Contains(got, `href="javascript:`) {
		t.Error("a contact became a script")
	}
}
