package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/plural"
	"keyporter/web/page"
)

func (c *Console) auditLog(ec echo.Context, r requester) error {
	pos, err := position(ec)
	if err != nil {
		return err
	}
	ctx, actor, subscription := r.operationArgs(ec)
	list, err := c.porter.AuditLog(ctx, actor, subscription, pos)
	if err != nil {
		return err
	}
	view := page.AuditView{Newer: pageHref(ec, list.Newer), Older: pageHref(ec, list.Older)}
	for _, event := range list.Rows {
		view.Rows = append(view.Rows, auditRow(event))
	}
	return c.render(ec, http.StatusOK, page.AuditLog(c.frame(ec, r, "Audit log", r.crumbs()...), view))
}

func auditRow(e keyporter.AuditEvent) page.AuditRow {
	row := page.AuditRow{
		At: e.At, Actor: e.ActorName, Email: e.Email, UserID: e.UserID, What: e.Words(), Detail: e.Detail, Key: e.KeyID,
		Address: e.Address, Refused: e.Refused, Attempts: attempts(e), Last: e.Last,
	}
	if e.LastAddress != e.Address {
		row.LastAddress = e.LastAddress
	}
	return row
}

// attempts says how often an event happened, as "3 times"; "" for once.
func attempts(e keyporter.AuditEvent) string {
	if e.Attempts < 2 {
		return ""
	}
	return plural.Count(e.Attempts, "time", "times")
}
