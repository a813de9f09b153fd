// Package docs holds the documents. It embeds docs/api.md, which the console shows at /docs/api.
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

// API returns docs/api.md as HTML, with the console's public URL in its examples. The HTML is trusted, so it may be
// written into a page as it is. An error means that the document cannot be rendered, which is a bug.
func API(publicURL string) (string, error) {
	var html bytes.Buffer
	text := bytes.ReplaceAll(api, []byte(standardURL), []byte(publicURL))
	err := goldmark.New(goldmark.WithExtensions(extension.Table)).Convert(text, &html)
	return html.String(), err
}
