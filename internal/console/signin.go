package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/plural"
	"keyporter/web/page"
)

func (c *Console) signInForm(ec echo.Context, r requester) error {
	next := localPath(ec.QueryParam("next"))
	if r.signedIn() {
		return ec.Redirect(http.StatusSeeOther, orRoot(next))
	}
	if done, err := c.isSetUp(ec); err == nil && !done { // without the database, show the form
		return c.render(ec, http.StatusOK, page.NotSetUp(c.frame(ec, r, "Not set up yet")))
	}
	return c.render(ec, http.StatusOK, page.SignIn(c.frame(ec, r, "Sign in"), page.SignInView{Next: next}))
}

// signIn signs in. A user who is signed in already, in another tab, can sign in again: the browser's earlier session
// ends.
func (c *Console) signIn(ec echo.Context, r requester) error {
	view := page.SignInView{
		Email: field(ec, "email"), Next: localPath(field(ec, "next")), Invitation: field(ec, "invitation"),
		Suspended: suspendedForm(ec),
	}
	ctx, password := ec.Request().Context(), field(ec, "password")
	value, joined, err := c.porter.SignIn(ctx, view.Email, password, view.Invitation, c.clientInfo(ec))
	errs := fieldErrors(err)
	var wait *keyporter.TooManyTries
	switch {
	case errs != nil:
		view.Message = errs[""]
		return c.signInAgain(ec, http.StatusUnprocessableEntity, view)
	case errors.As(err, &wait):
		seconds := secondsLeft(wait)
		ec.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
		view.Message = "Too many tries. Wait " + plural.Count(seconds, "second", "seconds") +
			" and try again. Your account is not locked."
		return c.signInAgain(ec, http.StatusTooManyRequests, view)
	case err != nil && view.Invitation != "":
		return asInvalidLink(err, invalidInvitation)
	case err != nil:
		return err
	}
	if err := c.beginSession(ec, r, value); err != nil {
		return err
	}
	if joined != "" {
		return c.redirectWithFlash(ec, "/s/"+joined+"/settings", flashJoined)
	}
	if view.Suspended.Path != "" {
		if found, err := c.resumeForm(ec, value, view.Suspended); found {
			return err
		}
	}
	return ec.Redirect(http.StatusSeeOther, orRoot(view.Next))
}

func (c *Console) signInAgain(ec echo.Context, status int, view page.SignInView) error {
	if view.Invitation != "" {
		invitation, err := c.porter.Invitation(ec.Request().Context(), view.Invitation)
		if err != nil {
			return asInvalidLink(err, invalidInvitation)
		}
		view.Joining = invitation.Subscription
	}
	return c.render(ec, status, page.SignIn(c.frame(ec, requester{}, "Sign in"), view))
}

func (c *Console) signOut(ec echo.Context, r requester) error {
	if err := c.porter.EndSession(ec.Request().Context(), r.actor, r.session.ID); err != nil {
		return err
	}
	if err := c.deleteSessionCookie(ec); err != nil {
		return err
	}
	return c.redirectWithFlash(ec, "/sign-in", flashSignedOut)
}

// localPath returns next if it is a path of this console, and "" if it could lead to another site.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\\r\n\t\x00") {
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
