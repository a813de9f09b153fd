package console

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
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
		Typed: strings.Join(key.Addresses.List(), "\n"), KnowsMine: c.options.ClientAddress(ec.Request()).IsValid(),
	}
	view.Needed = key.Write && r.Subscription.KeyPolicy.WriteNeedsAddresses
	change(&view)
	frame := c.frame(ec, r, "Allowed addresses", r.crumbs(r.integrationsCrumb(), r.keysCrumb())...)
	return c.render(ec, status, page.Addresses(frame, view))
}

func (c *Console) changeAddresses(ec echo.Context, r requester) error {
	form := keyporter.AddressForm{Text: field(ec, "allowed_addresses"), Shown: field(ec, "shown")}
	if field(ec, "add") == "mine" {
		return c.addMyAddress(ec, r, form)
	}
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

// addMyAddress shows the form again with the browser's own address behind what was typed. It saves nothing.
func (c *Console) addMyAddress(ec echo.Context, r requester, form keyporter.AddressForm) error {
	return c.addressesPage(ec, r, http.StatusOK, func(view *page.AddressesView) {
		lines := strings.Fields(cleanText(form.Text))
		if address := c.options.ClientAddress(ec.Request()); address.IsValid() {
			lines = append(lines, address.String())
		}
		view.Typed, view.Version = strings.Join(lines, "\n"), token.Mask(form.Shown)
	})
}
