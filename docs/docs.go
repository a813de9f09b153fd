// Package docs holds the description of the API that the console shows beside a new key.
package docs

import (
	"bytes"
	_ "embed"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

//go:embed api.md
var api []byte

// standardURL is the public URL in docs/api.md.
const standardURL = "http://localhost:8080"

// API returns docs/api.md as HTML, with the console's public URL in its examples. It is our own text, so it may stand
// in a page as it is.
func API(publicURL string) (string, error) {
	var html bytes.Buffer
	text := bytes.ReplaceAll(api, []byte(standardURL), []byte(publicURL))
	err := goldmark.New(goldmark.WithExtensions(extension.Table)).Convert(text, &html)
	return html.String(), err
}
