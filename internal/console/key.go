package console

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) keys(ec echo.Context, v visit) error {
	query := searchQuery(ec)
	if id, whole := keyporter.KeyIDIn(query); whole { // a secret in an address would be kept by every log on its way
		return c.seeOther(ec, v.keys()+"?q="+id, noteTokenInSearch)
	}
	pos, err := position(ec)
	if err != nil {
		return err
	}
	filter := keyporter.KeyFilter{Text: query, Used: keyUsed(ec.QueryParam("status"))}
	list, err := c.porter.Keys(ec.Request().Context(), v.actor, v.Subscription.ID, filter, pos)
	if err != nil {
		return err
	}
	view := page.KeysView{
		Settings: v.settings(), State: string(v.Subscription.Feature()), OperatorContact: c.porter.OperatorContact(),
		CanSwitch: v.Member.Administers(), CanCreate: v.Subscription.Feature() == keyporter.FeatureOn,
		Query: query, Status: string(filter.Used), Searched: query != "" || filter.Used != keyporter.AnyUse,
		Newer: pageHref(ec, list.Newer), Older: pageHref(ec, list.Older),
	}
	view.Total = total(list.Total, view.Searched)
	if !view.CanCreate {
		if view.Admins, err = c.porter.SubscriptionAdmins(ec.Request().Context(), v.actor, v.Subscription.ID); err != nil {
			return err
		}
	}
	for _, k := range list.Rows {
		view.Rows = append(view.Rows, keyRow(k))
	}
	return c.render(ec, http.StatusOK, page.Keys(c.frame(ec, v, "Integration Keys", v.crumbs(v.integrationsCrumb())...), view))
}

// searchQuery is what is looked for, without what no description can hold.
func searchQuery(ec echo.Context) string {
	text := strings.ReplaceAll(strings.ToValidUTF8(ec.QueryParam("q"), ""), "\x00", "")
	return strings.TrimSpace(text)
}

func keyUsed(status string) keyporter.KeyUsed {
	switch used := keyporter.KeyUsed(status); used {
	case keyporter.EverUsed, keyporter.NeverUsed:
		return used
	}
	return keyporter.AnyUse
}

func keyRow(k keyporter.Key) page.KeyRow {
	return page.KeyRow{
		ID: k.ID.String(), Description: k.Description, Write: k.Write, Created: k.Created, CreatedBy: k.Creator, CreatorGone: k.CreatorGone,
		LastUsed: k.LastUsed, LastAddress: k.LastAddress, Used: !k.LastUsed.IsZero(),
	}
}

// total says how many keys there are, or were found.
func total(n int, searched bool) string {
	text := count(n) + " keys"
	if n == 1 {
		text = "1 key"
	}
	if searched {
		text += " found"
	}
	return text
}

func decimal(n int) string { return strconv.Itoa(n) }

func (c *Console) newKeyForm(ec echo.Context, v visit) error {
	if err := c.porter.CheckMayCreate(ec.Request().Context(), v.actor, v.Subscription.ID); err != nil {
		return err
	}
	return c.newKeyPage(ec, v, http.StatusOK, page.NewKeyView{})
}

// newKeyPage shows the form with a nonce of its own, so that it creates one key however often it is sent.
func (c *Console) newKeyPage(ec echo.Context, v visit, status int, view page.NewKeyView) error {
	view.Settings, view.Subscription, view.Nonce = v.settings(), v.Subscription.Name, c.porter.NewNonce(v.session)
	frame := c.frame(ec, v, "Add Integration Key", v.crumbs(v.integrationsCrumb(), v.keysCrumb())...)
	return c.render(ec, status, page.NewKey(frame, view))
}

// createKey answers with the page that shows the token and not with a redirect, so that the token is never kept
// between two requests.
func (c *Console) createKey(ec echo.Context, v visit) error {
	form := keyporter.KeyForm{
		Description: field(ec, "description"), Write: field(ec, "write_access") == "on", Nonce: field(ec, "nonce"),
	}
	key, token, err := c.porter.CreateKey(ec.Request().Context(), v.session, v.actor.Origin, v.Subscription.ID, form)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		view := page.NewKeyView{Description: keyporter.MaskTokens(form.Description), WriteAccess: form.Write, Errors: formErrors(invalid, "nonce")}
		return c.newKeyPage(ec, v, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	c.markReveal(ec)
	view := page.KeyCreatedView{
		Settings: v.settings(), ID: key.ID.String(), Description: key.Description, Token: token.Reveal(), Write: key.Write,
		Curl:     "curl -H 'X-Integration-Key: " + token.Reveal() + "' " + c.options.PublicURL.String() + "/api/v1/token/verify",
		DocsHref: apiDocPath,
	}
	frame := c.frame(ec, v, "Your new integration key", v.crumbs(v.integrationsCrumb(), v.keysCrumb())...)
	return c.render(ec, http.StatusCreated, page.KeyCreated(frame, view))
}

// formErrors moves what is said about a hidden field to the form as a whole.
func formErrors(invalid keyporter.Invalid, hidden string) part.Errors {
	errs := part.Errors(invalid)
	if sentence := errs[hidden]; sentence != "" {
		delete(errs, hidden)
		errs[""] = sentence
	}
	return errs
}

func (c *Console) editKeyForm(ec echo.Context, v visit) error {
	return c.editKeyPage(ec, v, http.StatusOK, func(*page.EditKeyView) {})
}

func (c *Console) editKeyPage(ec echo.Context, v visit, status int, change func(*page.EditKeyView)) error {
	key, err := c.porter.Key(ec.Request().Context(), v.actor, v.Subscription.ID, ec.Param("key"))
	if err != nil {
		return err
	}
	view := page.EditKeyView{Settings: v.settings(), ID: key.ID.String(), Description: key.Description, Saved: key.Description, Write: key.Write}
	change(&view)
	frame := c.frame(ec, v, "Edit integration key", v.crumbs(v.integrationsCrumb(), v.keysCrumb())...)
	return c.render(ec, status, page.EditKey(frame, view))
}

func (c *Console) editKey(ec echo.Context, v visit) error {
	description, lower := field(ec, "description"), field(ec, "lower") == "on"
	err := c.porter.EditKey(ec.Request().Context(), v.actor, v.Subscription.ID, ec.Param("key"), description, lower)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.editKeyPage(ec, v, http.StatusUnprocessableEntity, func(view *page.EditKeyView) {
			view.Description, view.Lower, view.Errors = keyporter.MaskTokens(description), lower, part.Errors(invalid)
		})
	}
	if err != nil {
		return err
	}
	return c.seeOther(ec, v.keys(), noteSaved)
}

func (c *Console) deleteKeyForm(ec echo.Context, v visit) error {
	return c.deleteKeyPage(ec, v, http.StatusOK, "", nil)
}

func (c *Console) deleteKeyPage(ec echo.Context, v visit, status int, typed string, errs part.Errors) error {
	key, usage, err := c.porter.KeyUsage(ec.Request().Context(), v.actor, v.Subscription.ID, ec.Param("key"))
	if err != nil {
		return err
	}
	view := page.DeleteKeyView{
		Settings: v.settings(), ID: key.ID.String(), Description: key.Description, LastAddress: key.LastAddress,
		LastUsed: key.LastUsed, UsedLastDay: times(usage.LastDay), Created: key.Created,
		Confirm: c.porter.NeedsConfirmation(key), Typed: typed, Errors: errs,
	}
	frame := c.frame(ec, v, "Delete integration key", v.crumbs(v.integrationsCrumb(), v.keysCrumb())...)
	return c.render(ec, status, page.DeleteKey(frame, view))
}

func (c *Console) deleteKey(ec echo.Context, v visit) error {
	typed := field(ec, "confirm")
	err := c.porter.DeleteKey(ec.Request().Context(), v.actor, v.Subscription.ID, ec.Param("key"), typed)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.deleteKeyPage(ec, v, http.StatusUnprocessableEntity, typed, part.Errors(invalid))
	}
	if err != nil {
		return err
	}
	return c.seeOther(ec, v.keys(), noteKeyDeleted)
}
