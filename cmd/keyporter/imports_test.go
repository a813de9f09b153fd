package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows says which of our packages each of them may import. A package that is not here is not planned.
var arrows = map[string]string{
	"cmd/keyporter": "internal/config internal/demo internal/keyporter plural internal/store internal/server",
	"cmd/bench": "internal/config internal/exclude internal/keyporter internal/store internal/server " +
		"internal/token",
	"internal/server": "internal/config internal/keyporter internal/console internal/gate internal/token static docs",
	"internal/console": "internal/exclude internal/input internal/keyporter plural internal/token " +
		"web/layout web/part web/page",
	"internal/gate":      "internal/exclude internal/input internal/keyporter plural internal/token",
	"internal/store":     "internal/exclude internal/input internal/keyporter internal/token migrations",
	"internal/keyporter": "internal/exclude internal/input internal/password plural internal/token",
	"internal/demo":      "internal/exclude internal/keyporter internal/token",
	"internal/exclude":   "internal/input plural",
	"internal/input":     "internal/token",
	"internal/password":  "",
	"internal/token":     "",
	"plural":             "",
	"internal/config":    "",

	"internal/storetest":              "", // for tests: none of the others may import it
	"internal/storetest/withpostgres": "internal/storetest",

	"web/page":          "plural web/part web/layout",
	"web/part":          "plural web/layout",
	"web/layout":        "static",
	"static":            "",
	"migrations":        "",
	"docs":              "",
	"docs/examples/api": "",

	"docs/examples/product": "",
	"docs/examples/demo":    "",
}

// rooms says which packages may import what is not ours, with everything below its path.
var rooms = map[string]string{
	"github.com/labstack/echo/v4": "internal/server internal/console internal/gate cmd/bench",
	"github.com/labstack/gommon":  "",
	"github.com/gorilla/sessions": "internal/console",
	"github.com/a-h/templ":        "internal/console web/layout web/part web/page",
	"database/sql":                "internal/store internal/storetest cmd/bench",
	"modernc.org":                 "internal/store internal/storetest",
	"github.com/jackc/pgx/v5":     "internal/store internal/storetest cmd/bench",
	"github.com/pressly/goose/v3": "internal/store",
	"github.com/gofrs/flock":      "internal/store",
	"github.com/yuin/goldmark":    "docs",
	"go4.org/netipx":              "internal/exclude",
	"golang.org/x/crypto":         "internal/password",
	"golang.org/x/net":            "internal/keyporter",
	"golang.org/x/text":           "internal/input internal/keyporter internal/password",
	"net/http": "internal/server internal/console internal/gate static cmd/bench " +
		"docs/examples/api docs/examples/product",
	"flag":          "internal/config cmd/keyporter cmd/bench docs/examples/api docs/examples/product",
	"html/template": "",
	// of these the server makes request IDs with it, and the store pauses; what is secret comes from crypto/rand
	"math/rand": "cmd/bench internal/demo internal/server internal/store",
}

const module = "keyporter/"

// imports lists each package of ours with what its files, but for tests, import.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for lines := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := lines.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(p.ImportPath, module)] = p.Imports
	}
}

func TestImports(t *testing.T) {
	all := imports(t)
	for name, imported := range all {
		allowed, planned := arrows[name]
		if !planned {
			t.Errorf("the package %s is not planned", name)
			continue
		}
		for _, path := range imported {
			checkArrow(t, name, path, strings.Fields(allowed))
		}
	}
	for name := range arrows {
		if _, found := all[name]; !found {
			t.Errorf("there is no package %s", name)
		}
	}
}

func checkArrow(t *testing.T, name, path string, allowed []string) {
	t.Helper()
	if ours, ok := strings.CutPrefix(path, module); ok {
		if !slices.Contains(allowed, ours) {
			t.Errorf("%s must not import %s", name, ours)
		}
		return
	}
	known := !strings.Contains(strings.Split(path, "/")[0], ".") // the standard library
	for room, who := range rooms {
		if path != room && !strings.HasPrefix(path, room+"/") {
			continue
		}
		known = true
		if !slices.Contains(strings.Fields(who), name) {
			t.Errorf("%s must not import %s", name, path)
		}
	}
	if !known {
		t.Errorf("%s imports %s, which nobody has planned", name, path)
	}
}

// TestEchoContrib: no middleware of Echo and nothing of echo-contrib is used, so that its successor is a day's work.
func TestEchoContrib(t *testing.T) {
	for name, imported := range imports(t) {
		for _, path := range imported {
			if strings.HasPrefix(path, "github.com/labstack/") && path != "github.com/labstack/echo/v4" {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}
