package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/web/page"
)

func (c *Console) auditLog(ec echo.Context, v visit) error {
	pos, err := position(ec)
	if err != nil {
		return err
	}
	lines, err := c.porter.AuditLog(ec.Request().Context(), v.actor, v.Subscription.ID, pos)
	if err != nil {
		return err
	}
	view := page.AuditView{Newer: pageHref(ec, lines.Newer), Older: pageHref(ec, lines.Older)}
	for _, l := range lines.Rows {
		view.Rows = append(view.Rows, page.AuditRow{
			At: l.At, Who: l.Who, What: l.Action.String(), Detail: l.Detail, Key: l.KeyID, Address: l.Address, Refused: l.Refused,
		})
	}
	return c.render(ec, http.StatusOK, page.AuditLog(c.frame(ec, v, "Audit log", v.crumbs()...), view))
}
