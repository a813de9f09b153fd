package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"keyporter/migrations"
)

// unportable is what one of the two engines does not take, or takes for something else.
var unportable = map[string]*regexp.Regexp{
	"? as a placeholder":        regexp.MustCompile(`\?`),
	"::type":                    regexp.MustCompile(`::`),
	"now()":                     regexp.MustCompile(`(?i)\b(now\s*\(|current_timestamp|datetime\s*\(|strftime\s*\()`),
	"AUTOINCREMENT and SERIAL":  regexp.MustCompile(`(?i)\b(autoincrement|(small|big)?serial)\b`),
	"JSON operators":            regexp.MustCompile(`->|@>|#>|(?i)\bjson`),
	"FOR UPDATE":                regexp.MustCompile(`(?i)\bfor\s+(update|share)\b`),
	"SELECT *":                  regexp.MustCompile(`(?i)\bselect\s+(distinct\s+)?(\w+\.)?\*|\breturning\s+\*`),
	"lower() and upper()":       regexp.MustCompile(`(?i)\b(lower|upper)\s*\(`),
	"ILIKE, GLOB and REGEXP":    regexp.MustCompile(`(?i)\b(ilike|glob|regexp)\b`),
	"INSERT OR and REPLACE":     regexp.MustCompile(`(?i)\b(insert\s+or|replace\s+into)\b`),
	"rowid and WITHOUT ROWID":   regexp.MustCompile(`(?i)\b_?rowid\b`),
	"BLOB, DATETIME, TIMESTAMP": regexp.MustCompile(`(?i)\b(blob|datetime|timestamp|timestamptz)\b`),
	"a comparison with 0 or 1 where a boolean is meant": regexp.MustCompile(
		`(?i)\b(operator|rotate|write_access|feature_on|feature_available|key_access|refused)\s*=\s*[01]\b`),
	"backquotes and double quotes": regexp.MustCompile("[`\"]"),
}

// statement is the beginning of SQL; pieces that are joined to one are read as well.
var statement = regexp.MustCompile(
	`(?i)^\s*(select|insert|update|delete|with|create|alter|drop|and|where|order by|from|limit|pragma)\b`)

// TestSQLIsPortable reads every SQL string of this package, but for the files in which engines differ, and every
// migration.
func TestSQLIsPortable(t *testing.T) {
	read := 0
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := file.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == "engine.go" ||
			name == "sqlite.go" || name == "postgres.go" {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			if statement.MatchString(text) {
				read++
				checkPortable(t, name, text)
			}
			return true
		})
	}
	if read < 60 {
		t.Errorf("only %d SQL strings were found", read)
	}
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	comment := regexp.MustCompile(`(?m)--.*$`)
	for _, name := range names {
		text, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		checkPortable(t, name, comment.ReplaceAllString(string(text), ""))
	}
}

func checkPortable(t *testing.T, where, text string) {
	t.Helper()
	for what, pattern := range unportable {
		if found := pattern.FindString(text); found != "" {
			t.Errorf("%s: %s (%q) in %s", where, what, found, text)
		}
	}
}

// TestUnportableSQLIsDetected checks the patterns of TestSQLIsPortable on statements that are not portable.
func TestUnportableSQLIsDetected(t *testing.T) {
	for what, text := range map[string]string{
		"? as a placeholder": "SELECT a FROM b WHERE c = ?", "::type": "SELECT a::text",
		"now()": "UPDATE a SET b = now()", "SELECT *": "SELECT k.* FROM k",
		"AUTOINCREMENT and SERIAL": "id BIGSERIAL", "JSON operators": "SELECT a->>'b'",
		"FOR UPDATE":          "SELECT a FROM b FOR UPDATE",
		"lower() and upper()": "WHERE lower(a) = $1", "INSERT OR and REPLACE": "INSERT OR IGNORE INTO a",
		"ILIKE, GLOB and REGEXP": "a ILIKE $1",
	} {
		if !unportable[what].MatchString(text) {
			t.Errorf("%s is not found in %s", what, text)
		}
	}
}
