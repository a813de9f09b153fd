package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/web/page"
)

func (c *Console) identifyForm(ec echo.Context, r requester) error {
	if err := c.porter.CheckManagesKeys(r.operationArgs(ec)); err != nil {
		return err
	}
	return c.identifyPage(ec, r, http.StatusOK, page.IdentifyView{})
}

func (c *Console) identifyPage(ec echo.Context, r requester, status int, view page.IdentifyView) error {
	view.Settings = r.settings()
	frame := c.frame(ec, r, "Which key is this?", r.crumbs(r.integrationsCrumb(), r.keysCrumb())...)
	return c.render(ec, status, page.Identify(frame, view))
}

func (c *Console) identifyKey(ec echo.Context, r requester) error {
	return c.identify(ec, r, field(ec, "key"))
}

// identify answers with the key that text names. The page repeats nothing of the text but the key ID.
func (c *Console) identify(ec echo.Context, r requester, text string) error {
	ctx, actor, subscription := r.operationArgs(ec)
	found, err := c.porter.IdentifyKey(ctx, actor, subscription, text)
	if errs := fieldErrors(err); errs != nil {
		return c.identifyPage(ec, r, http.StatusUnprocessableEntity, page.IdentifyView{Errors: errs})
	}
	if err != nil {
		return err
	}
	view := page.IdentifyView{KeyID: found.ID.String(), Feedback: found.Feedback != nil}
	if found.Active != nil {
		row := keyRow(*found.Active)
		view.Active = &row
	}
	if found.Deleted != nil {
		row := deletedRow(*found.Deleted)
		view.Deleted = &row
	}
	return c.identifyPage(ec, r, http.StatusOK, view)
}
