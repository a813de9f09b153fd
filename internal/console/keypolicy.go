package console

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
)

func (c *Console) keyPolicyForm(ec echo.Context, r requester) error {
	ctx, actor, subscription := r.operationArgs(ec)
	if err := c.porter.CheckAdministers(ctx, actor, subscription, "change the key policy"); err != nil {
		return err
	}
	stored := r.Subscription.KeyPolicy
	return c.keyPolicyPage(ec, r, http.StatusOK, page.KeyPolicyView{
		LongestLife: strconv.Itoa(stored.LongestLife), WriteNeedsAddresses: stored.WriteNeedsAddresses,
	})
}

func (c *Console) keyPolicyPage(ec echo.Context, r requester, status int, view page.KeyPolicyView) error {
	view.Settings, view.Version = r.settings(), r.Subscription.KeyPolicy.Version()
	frame := c.frame(ec, r, "Key policy", r.crumbs(r.integrationsCrumb())...)
	return c.render(ec, status, page.KeyPolicy(frame, view))
}

func (c *Console) setKeyPolicy(ec echo.Context, r requester) error {
	view := page.KeyPolicyView{
		LongestLife: field(ec, "longest_life"), WriteNeedsAddresses: field(ec, "write_needs_addresses") == "on",
	}
	form := keyporter.KeyPolicyForm{Shown: field(ec, "shown")}
	form.WriteNeedsAddresses = view.WriteNeedsAddresses
	var err error
	if form.LongestLife, err = strconv.Atoi(view.LongestLife); err != nil {
		form.LongestLife = -1 // none of the choices
	}
	ctx, actor, subscription := r.operationArgs(ec)
	err = c.porter.SetKeyPolicy(ctx, actor, subscription, form)
	if errs := fieldErrors(err); errs != nil {
		view.Errors = errs
		return c.keyPolicyPage(ec, r, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, r.settings()+"/integrations/key-policy", flashSaved)
}
