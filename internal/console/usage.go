package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/plural"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) keyPage(ec echo.Context, v visit) error {
	key, usage, err := c.porter.KeyUsage(ec.Request().Context(), v.actor, v.Subscription.ID, keyporter.IntegrationKey,
		ec.Param("key"))
	if err != nil {
		return err
	}
	view := page.KeyView{
		Settings: v.settings(), ID: key.ID.String(), Description: key.Description,
		State: string(v.Subscription.Feature()), Write: key.Write,
		Created: key.Created, CreatedBy: creator(key),
		LastUsed: key.LastUsed, LastAddress: key.LastAddress, LastAgent: key.LastAgent,
		Hours: counts(usage.Hours), Days: counts(usage.Days),
	}
	frame := c.frame(ec, v, key.Description, v.crumbs(v.integrationsCrumb(), v.keysCrumb())...)
	return c.render(ec, http.StatusOK, page.Key(frame, view))
}

func counts(all []keyporter.Count) []page.UsageCount {
	shown := make([]page.UsageCount, len(all))
	for i, c := range all {
		shown[i] = page.UsageCount{At: c.At, Admitted: c.Admitted, Refused: c.Refused}
	}
	return shown
}

func (c *Console) deletedKeys(ec echo.Context, v visit) error {
	pos, err := position(ec)
	if err != nil {
		return err
	}
	list, err := c.porter.DeletedKeys(ec.Request().Context(), v.actor, v.Subscription.ID, pos)
	if err != nil {
		return err
	}
	view := page.DeletedKeysView{Settings: v.settings(), Newer: pageHref(ec, list.Newer),
		Older: pageHref(ec, list.Older)}
	for _, d := range list.Rows {
		view.Rows = append(view.Rows, deletedRow(d))
	}
	frame := c.frame(ec, v, "Deleted keys", v.crumbs(v.integrationsCrumb(), v.keysCrumb())...)
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
	return page.UserName{ID: k.CreatedBy, Name: k.Creator, Email: k.CreatorEmail, Gone: k.CreatorGone}
}

// times says how often something was done; "" for never.
func times(n int64) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "once"
	}
	return plural.Count(n, "time", "times")
}
