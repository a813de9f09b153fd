package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) disableKeyForm(ec echo.Context, r requester) error {
	return c.disableKeyPage(ec, r, http.StatusOK, page.Back(ec.QueryParam("back")), "", nil)
}

func (c *Console) disableKeyPage(
	ec echo.Context, r requester, status int, back page.Back, reason string, errs part.Errors,
) error {
	ctx, actor, subscription := r.operationArgs(ec)
	key, usage, err := c.porter.KeyUsage(ctx, actor, subscription, keyporter.IntegrationKey, ec.Param("key"))
	if err != nil {
		return err
	}
	view := page.DisableKeyView{
		Settings: r.settings(), ID: key.ID.String(), Description: key.Description, Back: back,
		KeyUse: keyUse(key, usage), Disabled: key.Disabled.Time(), DisabledBy: userName(key.Disabler),
		DisabledReason: key.DisabledReason, Reason: reason, Errors: errs,
	}
	title := "Disable integration key"
	if key.Disabled != 0 {
		title = "Enable integration key"
	}
	frame := c.frame(ec, r, title, r.crumbs(r.integrationsCrumb(), r.keysCrumb())...)
	return c.render(ec, status, page.DisableKey(frame, view))
}

func (c *Console) disableKey(ec echo.Context, r requester) error {
	reason, back := field(ec, "reason"), page.Back(field(ec, "back"))
	ctx, actor, subscription := r.operationArgs(ec)
	err := c.porter.DisableKey(ctx, actor, subscription, ec.Param("key"), reason)
	if errs := fieldErrors(err); errs != nil {
		return c.disableKeyPage(ec, r, http.StatusUnprocessableEntity, back, token.Mask(reason), errs)
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, back.Path(r.settings(), ec.Param("key")), flashKeyDisabled)
}

func (c *Console) enableKey(ec echo.Context, r requester) error {
	ctx, actor, subscription := r.operationArgs(ec)
	if err := c.porter.EnableKey(ctx, actor, subscription, ec.Param("key")); err != nil {
		return err
	}
	back := page.Back(field(ec, "back"))
	return c.redirectWithFlash(ec, back.Path(r.settings(), ec.Param("key")), flashKeyEnabled)
}
