package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) settings(ec echo.Context, v visit) error {
	return c.settingsPage(ec, v, http.StatusOK, v.Subscription.Name, nil)
}

func (c *Console) settingsPage(ec echo.Context, v visit, status int, name string, errs part.Errors) error {
	view := page.SettingsView{
		Settings: v.settings(), Name: name, ID: v.Subscription.ID, Role: v.Member.Role.String(),
		CanRename: v.Member.Administers(), Created: v.Subscription.Created, Errors: errs,
	}
	return c.render(ec, status, page.Settings(c.frame(ec, v, "Settings"), view))
}

func (c *Console) renameSubscription(ec echo.Context, v visit) error {
	name := field(ec, "name")
	err := c.porter.RenameSubscription(ec.Request().Context(), v.actor, v.Subscription.ID, name)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.settingsPage(ec, v, http.StatusUnprocessableEntity, name, part.Errors(invalid))
	}
	if err != nil {
		return err
	}
	return c.seeOther(ec, v.settings(), noteSaved)
}

func (c *Console) integrations(ec echo.Context, v visit) error {
	admins, err := c.porter.SubscriptionAdmins(ec.Request().Context(), v.actor, v.Subscription.ID)
	if err != nil {
		return err
	}
	view := page.IntegrationsView{
		Settings: v.settings(), State: string(v.Subscription.Feature()), CanSwitch: v.Member.Administers(), CanManage: v.Member.MayManageKeys(),
		OperatorContact: c.porter.OperatorContact(), Admins: admins,
	}
	return c.render(ec, http.StatusOK, page.Integrations(c.frame(ec, v, "Integrations", v.crumbs()...), view))
}

func (c *Console) switchOffForm(ec echo.Context, v visit) error {
	stops, err := c.porter.SwitchOffConsequence(ec.Request().Context(), v.actor, v.Subscription.ID)
	if err != nil {
		return err
	}
	view := page.SwitchOffView{
		Settings: v.settings(), Keys: count(stops.Keys), UsedLastDay: count(stops.UsedLastDay), RequestsLastDay: part.Number(stops.Requests),
	}
	frame := c.frame(ec, v, "Switch off Integration Keys", v.crumbs(v.integrationsCrumb())...)
	return c.render(ec, http.StatusOK, page.SwitchOff(frame, view))
}

func (c *Console) switchFeature(ec echo.Context, v visit) error {
	on := field(ec, "on")
	if on != "true" && on != "false" {
		err := c.porter.CheckAdministers(ec.Request().Context(), v.actor, v.Subscription.ID, "switch Integration Keys on or off")
		if err == nil {
			err = echo.NewHTTPError(http.StatusBadRequest)
		}
		return err
	}
	if err := c.porter.SwitchFeature(ec.Request().Context(), v.actor, v.Subscription.ID, on == "true"); err != nil {
		return err
	}
	n := noteSwitchedOff
	if on == "true" {
		n = noteSwitchedOn
	}
	return c.seeOther(ec, v.settings()+"/integrations", n)
}

// count is a number of keys in words: exact up to a thousand.
func count(n int) string {
	switch {
	case n > keyporter.CountLimit:
		return "more than 1,000"
	case n == keyporter.CountLimit:
		return "1,000"
	}
	return decimal(n)
}
