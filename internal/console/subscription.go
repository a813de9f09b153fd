package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) settings(ec echo.Context, r requester) error {
	return c.settingsPage(ec, r, http.StatusOK, r.Subscription.Name, nil)
}

func (c *Console) settingsPage(ec echo.Context, r requester, status int, name string, errs part.Errors) error {
	view := page.SettingsView{
		Settings: r.settings(), Name: name, ID: r.Subscription.ID, Role: r.Member.Role.String(),
		CanRename: r.Member.Administers(), Created: r.Subscription.Created, Errors: errs,
	}
	return c.render(ec, status, page.Settings(c.frame(ec, r, "Settings"), view))
}

func (c *Console) renameSubscription(ec echo.Context, r requester) error {
	name := field(ec, "name")
	ctx, actor, subscription := r.operationArgs(ec)
	err := c.porter.RenameSubscription(ctx, actor, subscription, name)
	if errs := fieldErrors(err); errs != nil {
		return c.settingsPage(ec, r, http.StatusUnprocessableEntity, name, errs)
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, r.settings(), flashSaved)
}

func (c *Console) integrations(ec echo.Context, r requester) error {
	admins, err := c.porter.SubscriptionAdmins(r.operationArgs(ec))
	if err != nil {
		return err
	}
	view := page.IntegrationsView{
		Settings: r.settings(), State: string(r.Subscription.Feature()), CanSwitch: r.Member.Administers(),
		CanManage:           r.Member.MayManageKeys(),
		LongestLife:         r.Subscription.KeyPolicy.LongestLife,
		WriteNeedsAddresses: r.Subscription.KeyPolicy.WriteNeedsAddresses,
		OperatorContact:     c.porter.OperatorContact(), Admins: admins,
	}
	return c.render(ec, http.StatusOK, page.Integrations(c.frame(ec, r, "Integrations", r.crumbs()...), view))
}

func (c *Console) switchOffForm(ec echo.Context, r requester) error {
	stops, err := c.porter.SwitchOffConsequence(r.operationArgs(ec))
	if err != nil {
		return err
	}
	view := page.SwitchOffView{
		Settings: r.settings(), Keys: cappedCount(stops.Keys), UsedLastDay: cappedCount(stops.UsedLastDay),
		RequestsLastDay: part.Number(stops.Requests),
	}
	frame := c.frame(ec, r, "Switch off Integration Keys", r.crumbs(r.integrationsCrumb())...)
	return c.render(ec, http.StatusOK, page.SwitchOff(frame, view))
}

func (c *Console) switchFeature(ec echo.Context, r requester) error {
	ctx, actor, subscription := r.operationArgs(ec)
	on := field(ec, "on")
	if on != "true" && on != "false" {
		err := c.porter.CheckAdministers(ctx, actor, subscription, "switch Integration Keys on or off")
		if err == nil {
			err = echo.NewHTTPError(http.StatusBadRequest)
		}
		return err
	}
	if err := c.porter.SwitchFeature(ctx, actor, subscription, on == "true"); err != nil {
		return err
	}
	n := flashSwitchedOff
	if on == "true" {
		n = flashSwitchedOn
	}
	return c.redirectWithFlash(ec, r.settings()+"/integrations", n)
}
