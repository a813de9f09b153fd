package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// judgedTables is the beginning of a statement that writes a table by which the gate judges, or a table whose name is
// not in the literal.
var judgedTables = regexp.MustCompile(
	`(?i)\b(insert\s+into|update|delete\s+from)\s+((integration_keys|deleted_keys|subscriptions|applications)\b|$)`)

// unrecorded are the functions that write such a table without [tx.change], and why they may.
var unrecorded = map[string]string{
	"LockSubscription":           "the column guard alone",
	"RenameSubscription":         "the name alone",
	"RenameApplication":          "the name alone",
	"AddUses":                    "last uses alone",
	"addAttempts":                "attempts on deleted keys alone",
	"DeleteUsage":                "tables of counts alone",
	"insertStatement":            "entries of Exclude Lists, and a move into an empty database that nobody serves",
	"firstApplicationsMigration": "a migration, before the keys are loaded",
	"normaliseRow":               "a migration, before the keys are loaded",
}

// TestChangesAreRecorded reads all SQL of the package: a statement that changes what the gate judges by, and that the
// gate does not learn of, would let revoked keys pass.
func TestChangesAreRecorded(t *testing.T) {
	recorded, excused := 0, map[string]bool{}
	for function, statement := range judgedStatements(t) {
		switch {
		case statement.recorded:
			recorded += statement.count
		case unrecorded[function] == "":
			t.Errorf("%s writes what the gate judges by without tx.change", function)
		default:
			excused[function] = true
		}
	}
	if recorded < 9 {
		t.Errorf("only %d statements are recorded", recorded)
	}
	for function := range unrecorded {
		if !excused[function] {
			t.Errorf("%s writes no such table any more", function)
		}
	}
}

type judgedStatement struct {
	recorded bool // all of them
	count    int
}

// judgedStatements returns for each function of the package the statements that write a judged table.
func judgedStatements(t *testing.T) map[string]judgedStatement {
	t.Helper()
	found := map[string]judgedStatement{}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := file.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			owner := name
			if function, ok := declaration.(*ast.FuncDecl); ok {
				owner = function.Name.Name
			}
			all, inChange := literals(t, declaration), 0
			ast.Inspect(declaration, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && calls(call, "change") {
					inChange += literals(t, call)
				}
				return true
			})
			if all > 0 {
				found[owner] = judgedStatement{recorded: all == inChange, count: all}
			}
		}
	}
	return found
}

func calls(call *ast.CallExpr, method string) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == method
}

// literals counts the strings within a node that write a judged table.
func literals(t *testing.T, within ast.Node) int {
	t.Helper()
	n := 0
	ast.Inspect(within, func(node ast.Node) bool {
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		if judgedTables.MatchString(text) {
			n++
		}
		return true
	})
	return n
}
