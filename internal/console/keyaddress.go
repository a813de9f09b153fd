package console

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
)

func (c *Console) addressesForm(ec echo.Context, r requester) error {
	return c.addressesPage(ec, r, http.StatusOK, func(*page.AddressesView) {})
}

// addressesPage shows the form with the addresses that are stored, after change.
func (c *Console) addressesPage(ec echo.Context, r requester, status int, change func(*page.AddressesView)) error {
	ctx, actor, subscription := r.operationArgs(ec)
	key, err := c.porter.Key(ctx, actor, subscription, keyporter.IntegrationKey, ec.Param("key"))
	if err != nil {
		return err
	}
	view := page.AddressesView{
		Settings: r.settings(), ID: key.ID.String(), Description: key.Description, Version: key.AddressVersion(),
		Typed: strings.Join(key.Addresses.List(), "\n"),
	}
	change(&view)
	frame := c.frame(ec, r, "Allowed addresses", r.crumbs(r.integrationsCrumb(), r.keysCrumb())...)
	return c.render(ec, status, page.Addresses(frame, view))
}

func (c *Console) changeAddresses(ec echo.Context, r requester) error {
	form := keyporter.AddressForm{Text: field(ec, "allowed_addresses"), Shown: field(ec, "shown")}
	ctx, actor, subscription := r.operationArgs(ec)
	err := c.porter.ChangeAddresses(ctx, actor, subscription, ec.Param("key"), form)
	if errs := fieldErrors(err); errs != nil {
		return c.addressesPage(ec, r, http.StatusUnprocessableEntity, func(view *page.AddressesView) {
			view.Typed, view.Errors = cleanText(form.Text), errs
		})
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, page.BackToKey.Path(r.settings(), ec.Param("key")), flashAddressesChanged)
}
