package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
)

// apiDocPath is where docs/api.md is shown, for everybody.
const apiDocPath = "/docs/api"

// apiDoc shows it to a member among the pages of the subscription that they opened last.
func (c *Console) apiDoc(ec echo.Context, v visit) error {
	if v.signedIn() {
		home, err := c.porter.Home(ec.Request().Context(), v.actor)
		if err == nil && home != "" {
			v.Visit, err = c.porter.Visit(ec.Request().Context(), v.actor, home)
		}
		if err != nil && !errors.Is(err, keyporter.ErrNotFound) {
			return err
		}
	}
	return c.render(ec, http.StatusOK, page.Document(c.frame(ec, v, "Using an integration key"), page.DocumentView{HTML: c.options.APIDoc}))
}
