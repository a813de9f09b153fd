// Package static holds the files that a browser loads for the pages: style sheets, modules and icons. They are embedded
// in the binary and served below one hash of them all, so that an answer can be cached for ever and a page never loads
// the files of another release.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed *.css *.js *.svg
var files embed.FS

var hash = hashOf(files)

// Prefix is where [Handler] is to be mounted.
const Prefix = "/static/"

// types are the only kinds of file that are served, by extension. They are listed here because the system's table of
// types may differ.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// Styles are the names of the style sheets in the order in which a page links them. The first orders the layers of all,
// so the order of the others decides only between rules of one layer.
func Styles() []string {
	return []string{
		"tokens.css", "base.css", "frame.css", "nav.css", "button.css", "form.css", "text.css", "sheet.css",
		"table.css",
		"dialog.css", "states.css",
	}
}

// Path returns the address of an embedded file. It does not check that there is one of that name: a test of the
// pages does.
func Path(name string) string {
	return Prefix + hash + "/" + name
}

// Handler serves every embedded file at the address that [Path] gives, to be cached for a year. Another name, and a
// file of another release, is a 404; a method other than GET and HEAD a 405.
func Handler() http.Handler {
	return http.HandlerFunc(serve)
}

func serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name, found := strings.CutPrefix(r.URL.Path, Path(""))
	kind, known := types[path.Ext(name)]
	if !found || !known || strings.Contains(name, "/") {
		http.NotFound(w, r)
		return
	}
	content, err := files.ReadFile(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// hashOf is the first 12 hexadecimal digits of the SHA-256 over the names, lengths and contents of all files.
func hashOf(f fs.FS) string {
	sum := sha256.New()
	err := fs.WalkDir(f, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(f, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(content))
		sum.Write(content)
		return nil
	})
	if err != nil {
		panic("static: the embedded files cannot be read: " + err.Error())
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}
