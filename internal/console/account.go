package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/web/page"
)

func (c *Console) account(ec echo.Context, r requester) error {
	return c.accountPage(ec, r, http.StatusOK, func(*page.AccountView) {})
}

func (c *Console) accountPage(ec echo.Context, r requester, status int, change func(*page.AccountView)) error {
	account, err := c.porter.Account(ec.Request().Context(), r.actor)
	if err != nil {
		return err
	}
	r.All = account.Subscriptions
	view := page.AccountView{
		Name: account.User.Name, Email: account.User.Email, UserID: account.User.ID,
		FailedSignIns: account.User.FailedSignIns, LastFailed: account.User.LastFailed,
	}
	for _, s := range account.Sessions {
		view.Sessions = append(view.Sessions, page.SessionView{
			ID: s.ID, Address: s.Client.Address, Device: deviceName(s.Client.Agent), Current: s.ID == r.session.ID,
			Started: s.Started, LastSeen: s.Seen,
		})
	}
	for _, e := range account.Events {
		what := e.Words()
		if e.Detail != "" {
			what += ": " + e.Detail
		}
		view.Events = append(view.Events, page.AccountEvent{
			At: e.At, What: what, Address: e.Address, Attempts: attempts(e), Last: e.Last,
		})
	}
	change(&view)
	return c.render(ec, status, page.Account(c.frame(ec, r, "Account"), view))
}

func (c *Console) renameUser(ec echo.Context, r requester) error {
	name := field(ec, "name")
	err := c.porter.RenameUser(ec.Request().Context(), r.actor, name)
	if errs := fieldErrors(err); errs != nil {
		return c.accountPage(ec, r, http.StatusUnprocessableEntity, func(view *page.AccountView) {
			view.Name, view.NameErrors = name, errs
		})
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, "/account", flashSaved)
}

func (c *Console) changePassword(ec echo.Context, r requester) error {
	value, err := c.porter.ChangePassword(ec.Request().Context(), r.actor, field(ec, "current"), field(ec, "password"))
	if errs := fieldErrors(err); errs != nil {
		return c.accountPage(ec, r, http.StatusUnprocessableEntity, func(view *page.AccountView) {
			view.PasswordErrors = errs
		})
	}
	if err != nil {
		return err
	}
	if err := c.beginSession(ec, r, value); err != nil {
		return err
	}
	return c.redirectWithFlash(ec, "/account", flashPasswordChanged)
}

func (c *Console) endSession(ec echo.Context, r requester) error {
	id, err := idParam(ec, "session")
	if err != nil {
		return err
	}
	if err := c.porter.EndSession(ec.Request().Context(), r.actor, id); err != nil {
		return err
	}
	if id == r.session.ID {
		if err := c.deleteSessionCookie(ec); err != nil {
			return err
		}
		return c.redirectWithFlash(ec, "/sign-in", flashSignedOut)
	}
	return c.redirectWithFlash(ec, "/account", flashSessionEnded)
}

// noSubscription answers a user who belongs to no subscription and is no operator.
func (c *Console) noSubscription(ec echo.Context, r requester) error {
	view := page.HomeView{Email: r.session.User.Email}
	return c.render(ec, http.StatusOK, page.Home(c.frame(ec, r, "No subscription yet"), view))
}
