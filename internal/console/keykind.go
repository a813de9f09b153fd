package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/layout"
	"keyporter/web/page"
)

// keyPages has the handlers for the pages of one kind of keys.
type keyPages struct {
	*Console
	kind   keyporter.KeyKind
	words  page.KeyKind
	header string // the header of the example call on the page of a new key
	verify string // the path of that call
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

// path returns the path of the list of keys.
func (k keyPages) path(r requester) string { return k.words.At(r.settings()) }

// subpageFrame returns what surrounds a page below the list in the breadcrumb.
func (k keyPages) subpageFrame(ec echo.Context, r requester, title string) layout.Frame {
	list := layout.Link{Text: k.words.Title, Href: k.path(r)}
	return k.frame(ec, r, title, r.crumbs(r.integrationsCrumb(), list)...)
}

// keyKinds shows the page that compares the kinds of keys.
func (c *Console) keyKinds(ec echo.Context, r requester) error {
	view := page.KindsView{
		Settings: r.settings(), TokenPrefix: c.porter.TokenPrefix(), CanManage: r.Member.MayManageKeys(),
	}
	return c.render(ec, http.StatusOK, page.Kinds(c.frame(ec, r, "Keys in Keyporter", r.crumbs()...), view))
}
