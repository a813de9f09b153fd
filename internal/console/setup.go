package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
)

func (c *Console) setupForm(ec echo.Context, r requester) error {
	token := ec.QueryParam("token")
	if err := c.porter.CheckSetUpLink(ec.Request().Context(), token); err != nil {
		return asInvalidLink(err, invalidSetUpLink)
	}
	return c.render(ec, http.StatusOK, page.Setup(c.frame(ec, r, "Set up Keyporter"), page.SetupView{Token: token}))
}

func (c *Console) setup(ec echo.Context, r requester) error {
	view := page.SetupView{
		Token: field(ec, "token"), Subscription: field(ec, "subscription"), Name: field(ec, "name"),
		Email: field(ec, "email"),
	}
	value, subscription, err := c.porter.SetUp(ec.Request().Context(), view.Token, keyporter.SetUpForm{
		Subscription: view.Subscription, Name: view.Name, Email: view.Email, Password: field(ec, "password"),
	}, c.clientInfo(ec))
	if errs := fieldErrors(err); errs != nil {
		view.Errors = errs
		return c.render(ec, http.StatusUnprocessableEntity, page.Setup(c.frame(ec, r, "Set up Keyporter"), view))
	}
	if err != nil {
		return asInvalidLink(err, invalidSetUpLink)
	}
	if err := c.beginSession(ec, r, value); err != nil {
		return err
	}
	return c.redirectWithFlash(ec, "/s/"+subscription+"/settings", flashSetUp)
}

// isSetUp reports whether the installation is set up. It asks the database until it is, because an installation stays
// set up.
func (c *Console) isSetUp(ec echo.Context) (bool, error) {
	if c.knownSetUp.Load() {
		return true, nil
	}
	done, err := c.porter.IsSetUp(ec.Request().Context())
	if done {
		c.knownSetUp.Store(true)
	}
	return done, err
}
