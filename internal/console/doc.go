package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/web/page"
)

// apiDocPath is where docs/api.md is shown, for everybody.
const apiDocPath = "/docs/api"

func (c *Console) apiDoc(ec echo.Context, v visit) error {
	return c.render(ec, http.StatusOK, page.Document(c.frame(ec, v, "Using an integration key"), page.DocumentView{HTML: c.options.APIDoc}))
}
