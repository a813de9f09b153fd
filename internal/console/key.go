package console

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/plural"
	"keyporter/internal/token"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (k keyPages) keys(ec echo.Context, v visit) error {
	query := searchQuery(ec)
	if token.MayContain(query) { // a secret in an address would be kept by every log on its way
		return k.seeOther(ec, k.path(v)+"?q="+keyIDAlone(query), noteTokenInSearch)
	}
	pos, err := position(ec)
	if err != nil {
		return err
	}
	filter := keyporter.KeyFilter{Text: query, Used: keyUsed(ec.QueryParam("status"))}
	list, err := k.porter.Keys(ec.Request().Context(), v.actor, v.Subscription.ID, k.kind, filter, pos)
	if err != nil {
		return err
	}
	view := page.KeysView{
		Kind: k.words, Settings: v.settings(), OperatorContact: k.porter.OperatorContact(),
		Query: query, Status: string(filter.Used), Searched: query != "" || filter.Used != keyporter.AnyUse,
		Newer: pageHref(ec, list.Newer), Older: pageHref(ec, list.Older),
	}
	view.Total = total(list.Total, view.Searched)
	if list.Deleted != nil {
		row := deletedRow(*list.Deleted)
		view.Deleted = &row
	}
	if err := k.state(ec, v, &view); err != nil {
		return err
	}
	isAlike := alike(list.Rows, func(k keyporter.Key) string { return k.Description })
	for i, key := range list.Rows {
		view.Rows = append(view.Rows, keyRow(key))
		view.Rows[i].Alike = isAlike[i]
	}
	return k.render(ec, http.StatusOK, page.Keys(k.frame(ec, v, k.words.Title, v.crumbs(v.integrationsCrumb())...),
		view))
}

// state fills in whether keys work, and what can be done about it. A user's own always do.
func (k keyPages) state(ec echo.Context, v visit, view *page.KeysView) (err error) {
	if k.words.Own {
		view.State, view.CanCreate = string(keyporter.FeatureOn), true
		return nil
	}
	feature := v.Subscription.Feature()
	view.State, view.CanSwitch, view.CanCreate = string(feature), v.Member.Administers(), feature == keyporter.FeatureOn
	if !view.CanCreate {
		view.Admins, err = k.porter.SubscriptionAdmins(ec.Request().Context(), v.actor, v.Subscription.ID)
	}
	return err
}

// searchQuery is what is looked for, without what no description can hold.
func searchQuery(ec echo.Context) string {
	return cleanQuery(ec.QueryParam("q"))
}

func cleanQuery(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", ""))
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
		ID: k.ID.String(), Description: k.Description, Write: k.Write, Created: k.Created, CreatedBy: creator(k),
		LastUsed: k.LastUsed, LastAddress: k.LastAddress, Used: !k.LastUsed.IsZero(),
	}
}

// total says how many keys there are, or were found.
func total(n int, searched bool) string {
	text := plural.Count(n, "key", "keys")
	if n > keyporter.CountLimit {
		text = count(n) + " keys"
	}
	if searched {
		text += " found"
	}
	return text
}

func decimal(n int) string { return strconv.Itoa(n) }

func (k keyPages) newKeyForm(ec echo.Context, v visit) error {
	if err := k.porter.CheckMayCreate(ec.Request().Context(), v.actor, v.Subscription.ID, k.kind); err != nil {
		return err
	}
	return k.newKeyPage(ec, v, http.StatusOK, page.NewKeyView{})
}

// newKeyPage shows the form with a nonce of its own, so that it creates one key however often it is sent.
func (k keyPages) newKeyPage(ec echo.Context, v visit, status int, view page.NewKeyView) error {
	view.Kind, view.Settings, view.Subscription, view.Nonce = k.words, v.settings(), v.Subscription.Name,
		k.porter.NewNonce(v.session)
	return k.render(ec, status, page.NewKey(k.framed(ec, v, k.words.Add), view))
}

// createKey answers with the page that shows the token and not with a redirect, so that the token is never kept
// between two requests.
func (k keyPages) createKey(ec echo.Context, v visit) error {
	form := keyporter.KeyForm{
		Description: field(ec, "description"), Write: field(ec, "write_access") == "on",
		Once: k.porter.Once(v.session, field(ec, "nonce")),
	}
	key, minted, err := k.porter.CreateKey(ec.Request().Context(), v.actor, v.Subscription.ID, k.kind, form)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		view := page.NewKeyView{Description: token.Mask(form.Description), WriteAccess: form.Write,
			Errors: formErrors(invalid, "nonce")}
		return k.newKeyPage(ec, v, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	k.markReveal(ec)
	view := page.KeyCreatedView{
		Kind: k.words, Settings: v.settings(), ID: key.ID.String(), Description: key.Description,
		Token: minted.Reveal(), Write: key.Write,
		Curl:     `curl -H "` + k.header + `: $KEY" ` + k.options.PublicURL.String() + k.verify,
		DocsHref: apiDocPath,
	}
	return k.render(ec, http.StatusCreated, page.KeyCreated(k.framed(ec, v, "Your new "+k.words.One), view))
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
	key, err := c.porter.Key(ec.Request().Context(), v.actor, v.Subscription.ID, keyporter.IntegrationKey,
		ec.Param("key"))
	if err != nil {
		return err
	}
	view := page.EditKeyView{Settings: v.settings(), ID: key.ID.String(), Description: key.Description,
		Saved: key.Description, Write: key.Write}
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
			view.Description, view.Lower, view.Errors = token.Mask(description), lower, part.Errors(invalid)
		})
	}
	if err != nil {
		return err
	}
	return c.seeOther(ec, v.keys(), noteSaved)
}

func (k keyPages) deleteKeyForm(ec echo.Context, v visit) error {
	return k.deleteKeyPage(ec, v, http.StatusOK, "", nil)
}

func (k keyPages) deleteKeyPage(ec echo.Context, v visit, status int, typed string, errs part.Errors) error {
	key, usage, err := k.porter.KeyUsage(ec.Request().Context(), v.actor, v.Subscription.ID, k.kind, ec.Param("key"))
	if err != nil {
		return err
	}
	view := page.DeleteKeyView{
		Kind: k.words, Settings: v.settings(), ID: key.ID.String(), Description: key.Description,
		LastAddress: key.LastAddress,
		LastUsed:    key.LastUsed, UsedLastDay: times(usage.LastDay), Created: key.Created,
		Confirm: k.porter.NeedsConfirmation(key), Typed: typed, Errors: errs,
	}
	return k.render(ec, status, page.DeleteKey(k.framed(ec, v, "Delete "+k.words.One), view))
}

func (k keyPages) deleteKey(ec echo.Context, v visit) error {
	typed := field(ec, "confirm")
	err := k.porter.DeleteKey(ec.Request().Context(), v.actor, v.Subscription.ID, k.kind, ec.Param("key"), typed)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return k.deleteKeyPage(ec, v, http.StatusUnprocessableEntity, typed, part.Errors(invalid))
	}
	if err != nil {
		return err
	}
	return k.seeOther(ec, k.path(v), noteKeyDeleted)
}
