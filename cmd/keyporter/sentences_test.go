package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// numberAndPlural matches a number before a plural: in a format, or concatenated with the words after it.
var numberAndPlural = regexp.MustCompile("%d (?:[a-z-]+ )?[a-z]+s\\b|[)a-z] \\+ \" (?:more )?[a-z]+s\\b")

// alwaysPlural are sentences whose number is a constant or is between other numbers.
var alwaysPlural = []string{
	`A request takes %d events at most.`, `a field has at most %d bytes.`, `Use at least %d characters;`,
	`Use at most %d characters;`,
	`The Exclude List takes %d entries in which`,
	`"%d failed,`,
}

// TestNumbersInSentences: counts in sentences are formatted by plural.Count, so that no sentence says "1 seconds".
func TestNumbersInSentences(t *testing.T) {
	read := 0
	root := filepath.Join("..", "..")
	for _, folder := range []string{"internal", "web", "cmd/keyporter"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			ext := filepath.Ext(path)
			if err != nil || d.IsDir() || ext != ".go" && ext != ".templ" || strings.HasSuffix(path, "_test.go") ||
				strings.HasSuffix(path, "_templ.go") ||
				strings.Contains(path, "storetest") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			read++
			for n, line := range strings.Split(string(text), "\n") {
				known := slices.ContainsFunc(alwaysPlural, func(s string) bool { return strings.Contains(line, s) })
				found := numberAndPlural.FindString(line)
				verb := slices.ContainsFunc([]string{" is", " has", " was", " as"},
					func(s string) bool { return strings.HasSuffix(found, s) })
				if found != "" && !known && !verb {
					t.Errorf("%s:%d: %q says the plural of one as well: use plural.Count", path, n+1, found)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 100 {
		t.Errorf("only %d files were read", read)
	}
}
