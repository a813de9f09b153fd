package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) setupForm(ec echo.Context, v visit) error {
	token := ec.QueryParam("token")
	if err := c.porter.CheckSetUpLink(ec.Request().Context(), token); err != nil {
		return orDeadLink(err, deadSetUp)
	}
	return c.render(ec, http.StatusOK, page.Setup(c.frame(ec, v, "Set up Keyporter"), page.SetupView{Token: token}))
}

func (c *Console) setup(ec echo.Context, v visit) error {
	view := page.SetupView{
		Token: field(ec, "token"), Subscription: field(ec, "subscription"), Name: field(ec, "name"), Email: field(ec, "email"),
	}
	value, subscription, err := c.porter.SetUp(ec.Request().Context(), view.Token, keyporter.SetUpForm{
		Subscription: view.Subscription, Name: view.Name, Email: view.Email, Password: field(ec, "password"),
	}, c.origin(ec))
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		view.Errors = part.Errors(invalid)
		return c.render(ec, http.StatusUnprocessableEntity, page.Setup(c.frame(ec, v, "Set up Keyporter"), view))
	}
	if err != nil {
		return orDeadLink(err, deadSetUp)
	}
	if err := c.begin(ec, v, value); err != nil {
		return err
	}
	return c.seeOther(ec, "/s/"+subscription+"/settings", noteSetUp)
}

// setUp reports whether the installation is set up. The database is asked until it once was.
func (c *Console) setUp(ec echo.Context) (bool, error) {
	if c.isSetUp.Load() {
		return true, nil
	}
	done, err := c.porter.IsSetUp(ec.Request().Context())
	if done {
		c.isSetUp.Store(true)
	}
	return done, err
}
