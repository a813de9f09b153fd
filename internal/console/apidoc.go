package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
)

// apiDocPath is the public page with docs/api.md.
const apiDocPath = "/docs/api"

// apiDoc shows the description of the API. A member sees it with the navigation of the subscription that they opened
// last.
func (c *Console) apiDoc(ec echo.Context, r requester) error {
	if r.signedIn() {
		home, err := c.porter.FirstSubscription(ec.Request().Context(), r.actor)
		if err == nil && home != "" {
			r.MemberView, err = c.porter.MemberView(ec.Request().Context(), r.actor, home)
		}
		if err != nil && !errors.Is(err, keyporter.ErrNotFound) {
			return err
		}
	}
	view := page.DocumentView{HTML: c.options.APIDoc}
	return c.render(ec, http.StatusOK, page.Document(c.frame(ec, r, "Using an integration key"), view))
}
