package static_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keyporter/static"
)

func TestHandler(t *testing.T) {
	const immutable = "public, max-age=31536000, immutable"
	for _, c := range []struct {
		method, path string
		status       int
		kind, cache  string
	}{
		{"GET", static.Path("tokens.css"), 200, "text/css; charset=utf-8", immutable},
		{"GET", static.Path("main.js"), 200, "text/javascript; charset=utf-8", immutable},
		{"GET", static.Path("icons.svg"), 200, "image/svg+xml", immutable},
		{"HEAD", static.Path("favicon.svg"), 200, "image/svg+xml", immutable},
		{"GET", static.Path("other.css"), 404, "text/plain; charset=utf-8", ""},
		{"GET", static.Path("static.go"), 404, "text/plain; charset=utf-8", ""},
		{"GET", static.Path(""), 404, "text/plain; charset=utf-8", ""},
		{"GET", static.Path("../tokens.css"), 404, "text/plain; charset=utf-8", ""},
		{"GET", "/static/0123456789ab/tokens.css", 404, "text/plain; charset=utf-8", ""},
		{"GET", "/static/tokens.css", 404, "text/plain; charset=utf-8", ""},
		{"POST", static.Path("main.js"), 405, "text/plain; charset=utf-8", ""},
	} {
		w := httptest.NewRecorder()
		static.Handler().ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		got := w.Result()
		if got.StatusCode != c.status {
			t.Errorf("%s %s: status %d, want %d", c.method, c.path, got.StatusCode, c.status)
		}
		for name, want := range map[string]string{
			"Content-Type": c.kind, "Cache-Control": c.cache, "X-Content-Type-Options": "nosniff",
		} {
			if got.Header.Get(name) != want {
				t.Errorf("%s %s: %s is %q, want %q", c.method, c.path, name, got.Header.Get(name), want)
			}
		}
		if allow := got.Header.Get("Allow"); (c.status == http.StatusMethodNotAllowed) != (allow == "GET, HEAD") {
			t.Errorf("%s %s: Allow is %q", c.method, c.path, allow)
		}
		if c.method == "HEAD" && w.Body.Len() > 0 {
			t.Errorf("%s %s has a body", c.method, c.path)
		}
	}
}

func TestPath(t *testing.T) {
	if !regexp.MustCompile(`^/static/[0-9a-f]{12}/main\.js$`).MatchString(static.Path("main.js")) {
		t.Errorf("the path is %s", static.Path("main.js"))
	}
}

// TestStyles checks that every style sheet is linked, once.
func TestStyles(t *testing.T) {
	linked := static.Styles()
	slices.Sort(linked)
	if files := names(t, "*.css"); !slices.Equal(linked, files) {
		t.Errorf("pages link %q, and there are %q", linked, files)
	}
	if first := static.Styles()[0]; !strings.Contains(read(t, first), "@layer tokens, base, frame, parts, states;") {
		t.Errorf("%s, which is linked first, does not order the layers", first)
	}
}

// TestStyleSize limits the style sheets to 24 kB in all, and colours to one of them.
func TestStyleSize(t *testing.T) {
	total := 0
	for _, name := range names(t, "*.css") {
		text := read(t, name)
		total += len(text)
		if name != "tokens.css" && regexp.MustCompile(`#[0-9a-f]{3,8}\b|rgb\(`).MatchString(text) {
			t.Errorf("%s names a colour of its own", name)
		}
	}
	if total >= 24_000 {
		t.Errorf("the style sheets have %d bytes", total)
	}
}

// TestImports checks that each module imports what exists, by a relative address, and is imported itself.
func TestImports(t *testing.T) {
	imported := map[string]bool{"main.js": true}
	for _, name := range names(t, "*.js") {
		for _, m := range regexp.MustCompile(`(?m)^import .* from "(.*)";$`).FindAllStringSubmatch(read(t, name), -1) {
			target, relative := strings.CutPrefix(m[1], "./")
			if _, err := os.Stat(target); err != nil || !relative {
				t.Errorf("%s imports %q", name, m[1])
			}
			imported[target] = true
		}
	}
	for _, name := range names(t, "*.js") {
		if !imported[name] {
			t.Errorf("nothing imports %s", name)
		}
	}
}

func names(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := fs.Glob(os.DirFS("."), pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
