package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/web/page"
)

// keyKinds says which key is which, and links what the visitor may open.
func (c *Console) keyKinds(ec echo.Context, v visit) error {
	view := page.KindsView{Settings: v.settings(), Brand: c.porter.TokenPrefix(), CanManage: v.Member.MayManageKeys()}
	return c.render(ec, http.StatusOK, page.Kinds(c.frame(ec, v, "Keys in Keyporter", v.crumbs()...), view))
}
