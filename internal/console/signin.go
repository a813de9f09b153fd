package console

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/plural"
	"keyporter/web/page"
)

func (c *Console) signInForm(ec echo.Context, v visit) error {
	next := localPath(ec.QueryParam("next"))
	if v.signedIn() {
		return ec.Redirect(http.StatusSeeOther, orRoot(next))
	}
	if done, err := c.setUp(ec); err == nil && !done { // while the database is away, the form shows without it
		return c.render(ec, http.StatusOK, page.NotSetUp(c.frame(ec, v, "Not set up yet")))
	}
	return c.render(ec, http.StatusOK, page.SignIn(c.frame(ec, v, "Sign in"), page.SignInView{Next: next}))
}

// signIn signs in, also somebody who is signed in already: the form may stand in another tab. The earlier session of
// this browser ends.
func (c *Console) signIn(ec echo.Context, v visit) error {
	view := page.SignInView{
		Email: field(ec, "email"), Next: localPath(field(ec, "next")), Invitation: field(ec, "invitation"), Kept: keptForm(ec),
	}
	value, joined, err := c.porter.SignIn(ec.Request().Context(), view.Email, field(ec, "password"), view.Invitation, c.origin(ec))
	var invalid keyporter.Invalid
	var wait *keyporter.TooManyTries
	switch {
	case errors.As(err, &invalid):
		view.Message = invalid[""]
		return c.signInAgain(ec, http.StatusUnprocessableEntity, view)
	case errors.As(err, &wait):
		seconds := secondsLeft(wait)
		ec.Response().Header().Set("Retry-After", decimal(seconds))
		view.Message = "Too many tries. Wait " + plural.Count(seconds, "second", "seconds") + " and try again. Your account is not locked."
		return c.signInAgain(ec, http.StatusTooManyRequests, view)
	case err != nil && view.Invitation != "":
		return orDeadLink(err, deadInvitation)
	case err != nil:
		return err
	}
	if err := c.begin(ec, v, value); err != nil {
		return err
	}
	if joined != "" {
		return c.seeOther(ec, "/s/"+joined+"/settings", noteJoined)
	}
	if view.Kept.Path != "" {
		if found, err := c.goOn(ec, value, view.Kept); found {
			return err
		}
	}
	return ec.Redirect(http.StatusSeeOther, orRoot(view.Next))
}

func (c *Console) signInAgain(ec echo.Context, status int, view page.SignInView) error {
	if view.Invitation != "" {
		invitation, err := c.porter.Invitation(ec.Request().Context(), view.Invitation)
		if err != nil {
			return orDeadLink(err, deadInvitation)
		}
		view.Joining = invitation.Subscription
	}
	return c.render(ec, status, page.SignIn(c.frame(ec, visit{}, "Sign in"), view))
}

func (c *Console) signOut(ec echo.Context, v visit) error {
	if err := c.porter.EndSession(ec.Request().Context(), v.actor, v.session.ID); err != nil {
		return err
	}
	if err := c.end(ec); err != nil {
		return err
	}
	return c.seeOther(ec, "/sign-in", noteSignedOut)
}

// localPath returns a path of this console, or "" for anything that could lead away from it.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t\x00") {
		return ""
	}
	if u, err := url.Parse(next); err != nil || u.Host != "" || u.Scheme != "" {
		return ""
	}
	return next
}

func orRoot(path string) string {
	if path == "" {
		return "/"
	}
	return path
}
