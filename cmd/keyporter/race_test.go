//go:build race

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var unchecked = regexp.MustCompile(`-gcflags=(\S+)=-race=false`)

// TestUncheckedCodeIsItsOwn: the package that make test compiles without the race detector contains no function of
// another package, such as an instance of a generic one. The linker keeps one instance for the whole program, and
// without the detector in it, races would be reported that are none. It is in docs/decisions/testing.md.
func TestUncheckedCodeIsItsOwn(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	found := unchecked.FindAllStringSubmatch(string(makefile), -1)
	if len(found) != 1 {
		t.Fatalf("the Makefile excepts %q from the race detector", found)
	}
	flag, path := found[0][0], found[0][1]
	object, err := exec.Command("go", "list", "-race", flag, "-export", "-f", "{{.Export}}", path).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", path, err)
	}
	symbols, err := exec.Command("go", "tool", "nm", strings.TrimSpace(string(object))).Output()
	if err != nil {
		t.Fatal(err)
	}
	functions := 0
	for line := range strings.Lines(string(symbols)) {
		_, name, isText := strings.Cut(line, " T ")
		if !isText {
			continue
		}
		functions++
		// Comparisons of types hold no lock and no atomic operation.
		if !strings.HasPrefix(name, path+".") && !strings.HasPrefix(name, "type:.eq.") {
			t.Errorf("%s contains %s", path, name)
		}
	}
	if functions < 1000 {
		t.Errorf("%s has only %d functions", path, functions)
	}
}
