package keyporter

import (
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestPackageComment checks that the package comment, which says what the files are for, names each file.
func TestPackageComment(t *testing.T) {
	const mode = parser.ParseComments | parser.PackageClauseOnly
	file, err := parser.ParseFile(token.NewFileSet(), "keyporter.go", nil, mode)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, name := range regexp.MustCompile(`\w+\.go`).FindAllString(file.Doc.Text(), -1) {
		named[name] = true
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !named[name] {
			t.Errorf("the package comment does not name %s", name)
		}
		delete(named, name)
	}
	for name := range named {
		t.Errorf("the package comment names %s, which does not exist", name)
	}
}
