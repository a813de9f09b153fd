package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keyporter/internal/config"
)

// A documentedFlag is one flag as the command's help or docs/configuration.md describes it.
type documentedFlag struct {
	variable  string // "none" where the environment cannot set it
	byDefault string // the default, "" for none
}

var (
	helpFlag     = regexp.MustCompile(`(?m)^  --([a-z-]+) \((KEYPORTER_[A-Z_]+)\)\n +(.*)$`)
	helpDefault  = regexp.MustCompile(`\(default (.*)\)$`)
	variableName = regexp.MustCompile(`KEYPORTER_[A-Z]+(?:_[A-Z]+)*`)
)

// helpOf returns what a command's help says of its flags, by name, and the help itself.
func helpOf(t *testing.T, command string) (map[string]documentedFlag, string) {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), []string{command, "--help"}, nil, nil, &out, &out); !errors.Is(err, flag.ErrHelp) {
		t.Fatalf("%s --help: %v", command, err)
	}
	flags := map[string]documentedFlag{}
	for _, m := range helpFlag.FindAllStringSubmatch(out.String(), -1) {
		f := documentedFlag{variable: m[2]}
		if config.CheckEnvironment([]string{m[2] + "=x"}) != nil {
			f.variable = "none"
		}
		if found := helpDefault.FindStringSubmatch(m[3]); found != nil {
			f.byDefault = found[1]
		}
		flags[m[1]] = f
	}
	return flags, out.String()
}

// pageFlags returns the rows of a section's table: | flag | variable | default | example | meaning |.
func pageFlags(t *testing.T, command, section string) map[string]documentedFlag {
	t.Helper()
	flags := map[string]documentedFlag{}
	for _, line := range strings.Split(section, "\n") {
		name, isFlag := strings.CutPrefix(line, "| `--")
		if !isFlag {
			continue
		}
		cells := strings.Split(strings.Trim(name, "| "), " | ")
		if len(cells) != 5 {
			t.Fatalf("%s: a row has %d cells: %s", command, len(cells), line)
		}
		for i := range cells {
			cells[i] = strings.ReplaceAll(cells[i], "`", "")
		}
		f := documentedFlag{variable: cells[1], byDefault: cells[2]}
		if slices.Contains([]string{"none", "off", "required"}, f.byDefault) {
			f.byDefault = ""
		}
		flags[cells[0]] = f
		checkExample(t, command, cells[0], cells[3])
	}
	return flags
}

// checkExample checks that an example is of the flag itself, and of serve that its value is taken.
func checkExample(t *testing.T, command, name, example string) {
	t.Helper()
	given, value, hasValue := strings.Cut(example, " ")
	if given != "--"+name {
		t.Errorf("%s: the example of --%s is %q", command, name, example)
	}
	if command != "serve" {
		return
	}
	args := []string{given}
	if hasValue {
		args = append(args, strings.Trim(value, `"`))
	}
	if _, err := config.ParseServe("", args, func(string) string { return "" }, nil); err != nil {
		t.Errorf("the example of --%s is refused: %v", name, err)
	}
}

// TestConfigurationPage compares docs/configuration.md with the commands' help: each has every flag with its variable
// and its default, and each variable, that the other has.
func TestConfigurationPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	sections := map[string]string{}
	for _, section := range strings.Split(page, "\n## ")[1:] {
		if name, isCommand := strings.CutPrefix(section, "`keyporter "); isCommand {
			name, _, _ = strings.Cut(name, "`")
			sections[name] = section
		}
	}
	var helps strings.Builder
	for _, c := range commands() {
		section, found := sections[c.name]
		delete(sections, c.name)
		if !found {
			t.Errorf("the page has no section `keyporter %s`", c.name)
			continue
		}
		flags, help := helpOf(t, c.name)
		helps.WriteString(help)
		compareFlags(t, c.name, flags, pageFlags(t, c.name, section))
		if !strings.Contains(section, "\n    keyporter "+c.name) {
			t.Errorf("the section of %s has no example", c.name)
		}
	}
	for name := range sections {
		t.Errorf("the page has a section `keyporter %s`, which is no command", name)
	}
	for _, name := range variableName.FindAllString(page, -1) {
		if config.CheckEnvironment([]string{name + "=x"}) != nil || !strings.Contains(helps.String(), name) {
			t.Errorf("the page names %s, which the binary does not know", name)
		}
	}
	for _, name := range variableName.FindAllString(helps.String(), -1) {
		if config.CheckEnvironment([]string{name + "=x"}) == nil && !strings.Contains(page, name) {
			t.Errorf("the page does not name %s", name)
		}
	}
}

func compareFlags(t *testing.T, command string, binary, page map[string]documentedFlag) {
	t.Helper()
	for name, want := range binary {
		if got, found := page[name]; !found {
			t.Errorf("%s: the page leaves out --%s", command, name)
		} else if got != want {
			t.Errorf("%s: --%s is %+v, the page says %+v", command, name, want, got)
		}
	}
	for name := range page {
		if _, found := binary[name]; !found {
			t.Errorf("%s: the page has --%s, which the command lacks", command, name)
		}
	}
}
