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

	"keyporter/internal/keyporter"
)

// judgedTables is the beginning of a statement that writes a table by which the gate judges, or a table whose name is
// not in the literal.
var judgedTables = regexp.MustCompile(
	`(?i)\b(insert\s+into|update|delete\s+from)\s+((integration_keys|deleted_keys|subscriptions|applications)\b|$)`)

// unrecorded are the functions that write such a table without [tx.change], by file and receiver, and why they may.
var unrecorded = map[string]string{
	"subscription.go tx.LockSubscription":   "the column guard alone",
	"subscription.go tx.RenameSubscription": "the name alone",
	"subscription.go tx.SetKeyPolicy":       "the key policy alone, which limits what can be changed",
	"application.go tx.RenameApplication":   "the name alone",
	"use.go tx.AddUses":                     "last uses alone",
	"use.go tx.addAttempts":                 "attempts on deleted keys alone",
	"use.go tx.DeleteUsage":                 "tables of counts alone",
	"move.go insertStatement": "entries of Exclude Lists, and a move into an empty database that " +
		"nobody serves",
	"migrate.go firstApplicationsMigration": "a migration, before the keys are loaded",
	"normalform.go textColumn.normaliseRow": "a migration, before the keys are loaded",
}

// judgedColumns matches a statement on such a table, or the rest of one, that sets a column by which the gate judges.
// Outside of [tx.change] there is none.
func judgedColumns() *regexp.Regexp {
	columns := []string{"hash", "subscription_id", "feature_on", "feature_available", "default_application_id"}
	for _, fact := range keyFacts(&keyporter.KeyFacts{}) {
		columns = append(columns, fact.column)
	}
	return regexp.MustCompile(`(?is)(^|\bupdate\s+(integration_keys|deleted_keys|subscriptions|applications))` +
		`\s*set\b.*\b(` + strings.Join(columns, "|") + `)\s*(=|,|\))`)
}

// TestChangesAreRecorded reads all SQL of the package: a statement that changes what the gate judges by, and that the
// gate does not learn of, would let revoked keys pass. Statements whose text is not in literals are not found.
func TestChangesAreRecorded(t *testing.T) {
	recorded, excused := 0, map[string]bool{}
	for function, found := range judgedStatements(t) {
		recorded += found.recorded
		switch {
		case found.all == found.recorded:
		case unrecorded[function] == "":
			t.Errorf("%s writes what the gate judges by without tx.change", function)
		default:
			excused[function] = true
		}
		if found.setsColumns && !strings.HasPrefix(unrecorded[function], "a migration") {
			t.Errorf("%s sets a column that the gate judges by without tx.change", function)
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

// judgedStatement counts the literals of a function that write a judged table.
type judgedStatement struct {
	all, recorded int
	setsColumns   bool // a literal outside of tx.change sets a judged column
}

// judgedStatements returns the functions of the package with such literals, by file, receiver and name.
func judgedStatements(t *testing.T) map[string]judgedStatement {
	t.Helper()
	found, columns := map[string]judgedStatement{}, judgedColumns()
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
			all := literals(t, declaration, judgedTables)
			s := judgedStatement{all: all}
			set := literals(t, declaration, columns)
			ast.Inspect(declaration, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && calls(call, "change") {
					s.recorded += literals(t, call, judgedTables)
					set -= literals(t, call, columns)
				}
				return true
			})
			s.setsColumns = set > 0
			if all > 0 || set > 0 {
				found[name+" "+declared(declaration)] = s
			}
		}
	}
	return found
}

// declared is the name of a function, with its receiver's type.
func declared(declaration ast.Decl) string {
	function, ok := declaration.(*ast.FuncDecl)
	switch {
	case !ok:
		return "(no function)"
	case function.Recv == nil:
		return function.Name.Name
	}
	receiver := function.Recv.List[0].Type
	if pointer, ok := receiver.(*ast.StarExpr); ok {
		receiver = pointer.X
	}
	return receiver.(*ast.Ident).Name + "." + function.Name.Name
}

func calls(call *ast.CallExpr, method string) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == method
}

// literals counts the strings within a node that match.
func literals(t *testing.T, within ast.Node, matching *regexp.Regexp) int {
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
		if matching.MatchString(text) {
			n++
		}
		return true
	})
	return n
}
