package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// A document is one Markdown file of the repository.
type document struct {
	path    string // from the repository's root
	source  string
	links   []string // destinations, of pictures too
	anchors []string // of headings, as GitHub makes them
	code    []string // code spans; blocks are left out
}

// readDocuments reads every Markdown file of the repository.
func readDocuments(t *testing.T) map[string]document {
	t.Helper()
	all := map[string]document{}
	walk(t, ".md", func(path, source string) { all[path] = parse(path, source) })
	if len(all) < 15 {
		t.Fatalf("only %d documents were found", len(all))
	}
	return all
}

// walk calls fn with each file of the repository whose name ends with suffix.
func walk(t *testing.T, suffix string, fn func(path, source string)) {
	t.Helper()
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || path == "bin" || path == "data"):
			return fs.SkipDir // what git keeps, and what is built and served here
		case d.IsDir() || !strings.HasSuffix(path, suffix):
			return nil
		}
		source, err := fs.ReadFile(root, path)
		if err == nil {
			fn(path, string(source))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func parse(path, source string) document {
	d := document{path: path, source: source}
	bytes := []byte(source)
	tree := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(bytes))
	ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			d.links = append(d.links, string(n.Destination))
		case *ast.Image:
			d.links = append(d.links, string(n.Destination))
		case *ast.Heading:
			d.anchors = append(d.anchors, d.anchor(plain(n, bytes)))
		case *ast.CodeSpan:
			d.code = append(d.code, plain(n, bytes))
		}
		return ast.WalkContinue, nil
	})
	return d
}

// plain returns the text below a node without its markup.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if segment, ok := n.(*ast.Text); ok && entering {
			b.Write(segment.Segment.Value(source))
			if segment.SoftLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// anchor returns what GitHub makes of the next heading: small letters, digits, hyphens and underscores, a hyphen for
// each space, and a number after one that the document already has.
func (d document) anchor(heading string) string {
	anchor := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
	if slices.Contains(d.anchors, anchor) {
		return anchor + "-1"
	}
	return anchor
}

// TestLinks checks that each link from one document to another file of the repository, or to a heading, leads to
// something that exists.
func TestLinks(t *testing.T) {
	all := readDocuments(t)
	for _, d := range all {
		for _, link := range d.links {
			if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
				continue
			}
			file, anchor, hasAnchor := strings.Cut(link, "#")
			target := d.path
			if file != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(d.path), file))
			}
			if _, err := os.Stat(filepath.Join("..", target)); err != nil {
				t.Errorf("%s links to %s, which does not exist", d.path, link)
			} else if hasAnchor && !slices.Contains(all[target].anchors, anchor) {
				t.Errorf("%s links to %s, but %s has no such heading", d.path, link, target)
			}
		}
	}
}

// TestTitles checks that each document begins with its title.
func TestTitles(t *testing.T) {
	for _, d := range readDocuments(t) {
		if !strings.HasPrefix(d.source, "# ") || len(d.anchors) == 0 {
			t.Errorf("%s does not begin with a title", d.path)
		}
	}
}

var (
	// aPath is a file or folder of the repository, perhaps with a * for a part of its name.
	aPath = regexp.MustCompile(`^(?:(?:cmd|docs|internal|migrations|static|web)(?:/[\w.*-]+)*/?|Makefile|[A-Z]+\.md)$`)
	// aName is a declaration of a package, such as store.Open or keyporter.Porter.Judge.
	aName = regexp.MustCompile(`^([a-z]+)\.([A-Z]\w*)(?:\.([A-Z]\w*))?$`)
)

// TestNames checks that the files, folders, declarations and tests that documents name in code spans exist. The
// changelog tells of the past, so it may name what is gone.
func TestNames(t *testing.T) {
	declared := declarations(t)
	for _, d := range readDocuments(t) {
		for _, name := range d.code {
			if d.path == "CHANGELOG.md" {
				continue
			}
			if aPath.MatchString(name) {
				if found, err := filepath.Glob(filepath.Join("..", name)); len(found) == 0 || err != nil {
					t.Errorf("%s names %s, which does not exist", d.path, name)
				}
			}
			if m := aName.FindStringSubmatch(name); m != nil && declared[m[1]] != nil {
				for _, part := range m[2:] {
					if part != "" && !declared[m[1]][part] {
						t.Errorf("%s names %s, but no package %s declares %s", d.path, name, m[1], part)
					}
				}
			}
		}
	}
}

var declaration = regexp.MustCompile(`(?m)^(?:func (?:\([^)]*\) )?|type |var |const |\t)([A-Z]\w*)`)

// declarations returns what the packages of each name declare, tests too. Fields and methods count, whatever they
// belong to.
func declarations(t *testing.T) map[string]map[string]bool {
	t.Helper()
	all := map[string]map[string]bool{}
	walk(t, ".go", func(path, source string) {
		name := filepath.Base(filepath.Dir(path))
		if all[name] == nil {
			all[name] = map[string]bool{}
		}
		for _, m := range declaration.FindAllStringSubmatch(source, -1) {
			all[name][m[1]] = true
		}
	})
	if !all["keyporter"]["Porter"] || !all["docs"]["TestNames"] {
		t.Fatal("declarations are not found")
	}
	return all
}
