package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) deletedKeys(ec echo.Context, r requester) error {
	pos, err := position(ec)
	if err != nil {
		return err
	}
	ctx, actor, subscription := r.operationArgs(ec)
	list, err := c.porter.DeletedKeys(ctx, actor, subscription, pos)
	if err != nil {
		return err
	}
	view := page.DeletedKeysView{
		Settings: r.settings(), Newer: pageHref(ec, list.Newer), Older: pageHref(ec, list.Older),
	}
	for _, d := range list.Rows {
		view.Rows = append(view.Rows, deletedRow(d))
	}
	frame := c.frame(ec, r, "Deleted keys", r.crumbs(r.integrationsCrumb(), r.keysCrumb())...)
	return c.render(ec, http.StatusOK, page.DeletedKeys(frame, view))
}

func deletedRow(d keyporter.DeletedKey) page.DeletedKeyRow {
	return page.DeletedKeyRow{
		ID: d.ID.String(), Description: d.Description, Created: d.Created, CreatedBy: userName(d.CreatedBy),
		Deleted: d.Deleted, DeletedBy: userName(d.DeletedBy),
		Attempts: part.Number(d.Attempts), LastAttempt: d.LastAttempt.At, LastAddress: d.LastAttempt.Address,
		LastAgent: d.LastAttempt.Agent,
	}
}

func userName(u keyporter.UserName) page.UserName {
	return page.UserName{ID: u.ID, Name: u.Name, Email: u.Email}
}

func creator(k keyporter.Key) page.UserName {
	return page.UserName{ID: k.CreatedBy, Name: k.Creator, Email: k.CreatorEmail, Removed: k.CreatorGone}
}
