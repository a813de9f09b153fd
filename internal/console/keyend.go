package console

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/page"
	"keyporter/web/part"
)

// endFields returns the fields of a posted form about the end of a key.
func endFields(ec echo.Context) page.EndFields {
	return page.EndFields{
		Choice: field(ec, "ends"), Date: token.Mask(field(ec, "end_date")), Offset: token.Mask(field(ec, "end_offset")),
	}
}

// endForm parses the fields about the end of a key. An offset that is no number is more than any time zone has.
func endForm(f page.EndFields) keyporter.EndForm {
	form := keyporter.EndForm{Choice: keyporter.EndChoice(f.Choice), Date: f.Date}
	if f.Offset != "" {
		var err error
		if form.Offset, err = strconv.Atoi(f.Offset); err != nil {
			form.Offset = 1 << 20
		}
	}
	return form
}

func (c *Console) changeEndForm(ec echo.Context, r requester) error {
	return c.changeEndPage(ec, r, http.StatusOK, page.EndFields{}, nil)
}

// changeEndPage shows the form with the fields that were sent. Without errors nothing was sent: then a key that ends is
// to end on a date, so that saving alone does not let it go on for ever.
func (c *Console) changeEndPage(ec echo.Context, r requester, status int, sent page.EndFields, errs part.Errors) error {
	ctx, actor, subscription := r.operationArgs(ec)
	key, err := c.porter.Key(ctx, actor, subscription, keyporter.IntegrationKey, ec.Param("key"))
	if err != nil {
		return err
	}
	if errs == nil && key.Ends != 0 {
		sent.Choice = string(keyporter.EndOnDate)
	}
	sent.Longest = r.Subscription.KeyPolicy.LongestLife
	view := page.ChangeEndView{
		Settings: r.settings(), ID: key.ID.String(), Description: key.Description, Version: key.EndVersion(),
		Ends: key.Ends.Time(), Final: !c.porter.CanChangeEnd(key), Fields: sent, Errors: errs,
	}
	frame := c.frame(ec, r, "Change end", r.crumbs(r.integrationsCrumb(), r.keysCrumb())...)
	return c.render(ec, status, page.ChangeEnd(frame, view))
}

func (c *Console) changeEnd(ec echo.Context, r requester) error {
	fields := endFields(ec)
	form := endForm(fields)
	form.Shown = field(ec, "shown")
	ctx, actor, subscription := r.operationArgs(ec)
	err := c.porter.ChangeEnd(ctx, actor, subscription, ec.Param("key"), form)
	if errs := fieldErrors(err); errs != nil {
		return c.changeEndPage(ec, r, http.StatusUnprocessableEntity, fields, errs)
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, page.BackToKey.Path(r.settings(), ec.Param("key")), flashEndChanged)
}
