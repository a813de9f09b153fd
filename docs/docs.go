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

// API returns docs/api.md as HTML. It is our own text, so it may stand in a page as it is.
func API() (string, error) {
	var html bytes.Buffer
	err := goldmark.New(goldmark.WithExtensions(extension.Table)).Convert(api, &html)
	return html.String(), err
}
