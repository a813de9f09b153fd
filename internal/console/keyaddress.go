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
	key, clients, err := c.keyClients(ec, r)
	if err != nil {
		return err
	}
	view := page.AddressesView{
		Settings: r.settings(), ID: key.ID.String(), Description: key.Description, Version: key.AddressVersion(),
		Typed: strings.Join(key.Addresses.List(), "\n"), KnowsMine: c.options.ClientAddress(ec.Request()).IsValid(),
	}
	view.Needed = key.Write && r.Subscription.KeyPolicy.WriteNeedsAddresses
	change(&view)
	recent := c.porter.RecentAddresses(clients.Admitted)
	view.Recent = addressTexts(recent)
	if typed, wrong := keyporter.ParseAddresses(view.Typed); wrong == "" {
		view.LeftOut = addressTexts(typed.LeftOut(recent))
	}
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
	flash := flashAddressesChanged
	if key, clients, err := c.keyClients(ec, r); err == nil &&
		len(key.Addresses.LeftOut(c.porter.RecentAddresses(clients.Admitted))) > 0 {
		flash = flashAddressesLeaveOut
	}
	return c.redirectWithFlash(ec, page.BackToKey.Path(r.settings(), ec.Param("key")), flash)
}

// keyClients returns a key, and who uses it.
func (c *Console) keyClients(ec echo.Context, r requester) (keyporter.Key, keyporter.KeyClients, error) {
	ctx, actor, subscription := r.operationArgs(ec)
	key, err := c.porter.Key(ctx, actor, subscription, keyporter.IntegrationKey, ec.Param("key"))
	if err != nil {
		return key, keyporter.KeyClients{}, err
	}
	clients, err := c.porter.KeyClients(ctx, actor, subscription, ec.Param("key"))
	return key, clients, err
}

// allowAddress adds an address of the key's page to the allowed ones. If it cannot, the form shows the addresses with
// the new one.
func (c *Console) allowAddress(ec echo.Context, r requester) error {
	ctx, actor, subscription := r.operationArgs(ec)
	address := field(ec, "address")
	err := c.porter.AllowAddress(ctx, actor, subscription, ec.Param("key"), address, field(ec, "shown"))
	if errs := fieldErrors(err); errs != nil {
		return c.addressesPage(ec, r, http.StatusUnprocessableEntity, func(view *page.AddressesView) {
			view.Typed, view.Errors = strings.TrimLeft(view.Typed+"\n"+cleanText(address), "\n"), errs
		})
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, page.BackToKey.Path(r.settings(), ec.Param("key")), flashAddressAllowed)
}

// addMyAddress shows the form again with the browser's own address behind what was typed. It saves nothing.
func (c *Console) addMyAddress(ec echo.Context, r requester, form keyporter.AddressForm) error {
	return c.addressesPage(ec, r, http.StatusOK, func(view *page.AddressesView) {
		view.Typed, view.Version = c.withMyAddress(ec, form.Text), token.Mask(form.Shown)
	})
}

// withMyAddress returns typed addresses, in lines, with the browser's own address behind them.
func (c *Console) withMyAddress(ec echo.Context, typed string) string {
	lines := strings.Fields(cleanText(typed))
	if address := c.options.ClientAddress(ec.Request()); address.IsValid() {
		lines = append(lines, address.String())
	}
	return strings.Join(lines, "\n")
}
