package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/plural"
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
		view.Rows = append(view.Rows, auditRow(l))
	}
	return c.render(ec, http.StatusOK, page.AuditLog(c.frame(ec, v, "Audit log", v.crumbs()...), view))
}

func auditRow(l keyporter.AuditEvent) page.AuditRow {
	row := page.AuditRow{
		At: l.At, Who: l.ActorName, Email: l.Email, UserID: l.UserID, What: l.Words(), Detail: l.Detail, Key: l.KeyID, Address: l.Address,
		Refused: l.Refused, Attempts: attempts(l), Last: l.Last,
	}
	if l.LastAddress != l.Address {
		row.LastAddress = l.LastAddress
	}
	return row
}

// attempts says how often something was tried, where that was more than once.
func attempts(l keyporter.AuditEvent) string {
	if l.Attempts < 2 {
		return ""
	}
	return plural.Count(l.Attempts, "time", "times")
}
