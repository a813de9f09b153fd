package console

import (
	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/layout"
	"keyporter/web/page"
)

// keyPages answer for the pages of one kind of keys.
type keyPages struct {
	*Console
	kind   keyporter.KeyKind
	words  page.KeyKind
	header string // in which an example of a call sends the key
	verify string // the path that the example calls
}

func (c *Console) integrationKeyPages() keyPages {
	return keyPages{
		Console: c, kind: keyporter.IntegrationKey, words: page.IntegrationKeys,
		header: "X-Integration-Key", verify: "/api/v1/token/verify",
	}
}

func (c *Console) feedbackKeyPages() keyPages {
	return keyPages{
		Console: c, kind: keyporter.FeedbackKey, words: page.FeedbackKeys,
		header: "auth-token", verify: "/api/v1/feedback/token/verify",
	}
}

// path is the address of the list.
func (k keyPages) path(v visit) string { return k.words.At(v.settings()) }

// framed returns what surrounds a page below the list.
func (k keyPages) framed(ec echo.Context, v visit, title string) layout.Frame {
	list := layout.Link{Text: k.words.Title, Href: k.path(v)}
	return k.frame(ec, v, title, v.crumbs(v.integrationsCrumb(), list)...)
}
