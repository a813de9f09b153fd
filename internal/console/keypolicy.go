package console

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) keyPolicyForm(ec echo.Context, r requester) error {
	ctx, actor, subscription := r.operationArgs(ec)
	if err := c.porter.CheckAdministers(ctx, actor, subscription, "change the key policy"); err != nil {
		return err
	}
	return c.keyPolicyPage(ec, r, http.StatusOK, strconv.Itoa(r.Subscription.KeyPolicy.LongestLife), nil)
}

func (c *Console) keyPolicyPage(ec echo.Context, r requester, status int, longest string, errs part.Errors) error {
	view := page.KeyPolicyView{
		Settings: r.settings(), LongestLife: longest, Version: r.Subscription.KeyPolicy.Version(), Errors: errs,
	}
	frame := c.frame(ec, r, "Key policy", r.crumbs(r.integrationsCrumb())...)
	return c.render(ec, status, page.KeyPolicy(frame, view))
}

func (c *Console) setKeyPolicy(ec echo.Context, r requester) error {
	longest := field(ec, "longest_life")
	form := keyporter.KeyPolicyForm{Shown: field(ec, "shown")}
	var err error
	if form.LongestLife, err = strconv.Atoi(longest); err != nil {
		form.LongestLife = -1 // none of the choices
	}
	ctx, actor, subscription := r.operationArgs(ec)
	err = c.porter.SetKeyPolicy(ctx, actor, subscription, form)
	if errs := fieldErrors(err); errs != nil {
		return c.keyPolicyPage(ec, r, http.StatusUnprocessableEntity, longest, errs)
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, r.settings()+"/integrations/key-policy", flashSaved)
}
