package console

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) account(ec echo.Context, v visit) error {
	return c.accountPage(ec, v, http.StatusOK, func(*page.AccountView) {})
}

func (c *Console) accountPage(ec echo.Context, v visit, status int, change func(*page.AccountView)) error {
	account, err := c.porter.Account(ec.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	v.All = account.Subscriptions
	view := page.AccountView{
		Name: account.User.Name, Email: account.User.Email, UserID: account.User.ID, FailedSignIns: account.User.FailedSignIns, LastFailed: account.User.LastFailed,
	}
	for _, s := range account.Sessions {
		view.Sessions = append(view.Sessions, page.SessionView{
			ID: s.ID, Address: s.Client.Address, Device: device(s.Client.Agent), Current: s.ID == v.session.ID, Started: s.Started, LastSeen: s.Seen,
		})
	}
	for _, l := range account.Events {
		what := l.Words()
		if l.Detail != "" {
			what += ": " + l.Detail
		}
		view.Events = append(view.Events, page.AccountEvent{
			At: l.At, What: what, Address: l.Address, Attempts: attempts(l), Last: l.Last,
		})
	}
	change(&view)
	return c.render(ec, status, page.Account(c.frame(ec, v, "Account"), view))
}

func (c *Console) renameUser(ec echo.Context, v visit) error {
	name := field(ec, "name")
	err := c.porter.RenameUser(ec.Request().Context(), v.actor, name)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.accountPage(ec, v, http.StatusUnprocessableEntity, func(view *page.AccountView) {
			view.Name, view.NameErrors = name, part.Errors(invalid)
		})
	}
	if err != nil {
		return err
	}
	return c.seeOther(ec, "/account", noteSaved)
}

func (c *Console) changePassword(ec echo.Context, v visit) error {
	value, err := c.porter.ChangePassword(ec.Request().Context(), v.actor, field(ec, "current"), field(ec, "password"))
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.accountPage(ec, v, http.StatusUnprocessableEntity, func(view *page.AccountView) {
			view.PasswordErrors = part.Errors(invalid)
		})
	}
	if err != nil {
		return err
	}
	if err := c.begin(ec, v, value); err != nil {
		return err
	}
	return c.seeOther(ec, "/account", notePassword)
}

func (c *Console) endSession(ec echo.Context, v visit) error {
	id := ec.Param("session")
	if !token.IsID(id) {
		return keyporter.ErrNotFound
	}
	if err := c.porter.EndSession(ec.Request().Context(), v.actor, id); err != nil {
		return err
	}
	if id == v.session.ID {
		if err := c.end(ec); err != nil {
			return err
		}
		return c.seeOther(ec, "/sign-in", noteSignedOut)
	}
	return c.seeOther(ec, "/account", noteSessionEnded)
}

func (c *Console) homeless(ec echo.Context, v visit) error {
	return c.render(ec, http.StatusOK, page.Home(c.frame(ec, v, "No subscription yet"), page.HomeView{Email: v.session.User.Email}))
}

// device says in a few words which browser a User-Agent is of. Browsers name one another in theirs, so the order matters.
func device(agent string) string {
	browser := first(agent, "Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari", "curl/", "curl")
	system := first(agent, "Windows", "Windows", "Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "CrOS", "ChromeOS", "Mac OS X", "macOS", "Linux", "Linux")
	switch {
	case agent == "":
		return "Unknown browser"
	case browser == "":
		return agent
	case system == "":
		return browser
	}
	return browser + " on " + system
}

// first returns the word for the first mark that text holds; the list is marks and words in turn.
func first(text string, marksAndWords ...string) string {
	for i := 0; i < len(marksAndWords); i += 2 {
		if strings.Contains(text, marksAndWords[i]) {
			return marksAndWords[i+1]
		}
	}
	return ""
}
