package console

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
)

// errSignIn redirects a visitor to the sign-in page.
var errSignIn = errors.New("not signed in")

// problems are the error pages by status.
var problems = map[int]page.ProblemView{
	http.StatusBadRequest: {
		Heading: "This request cannot be read",
		Text:    "It is damaged or incomplete. Nothing was changed. Go back and try again from the page.",
	},
	http.StatusForbidden: {Heading: "You may not do this", Text: "You have no right to this."},
	http.StatusNotFound: {
		Heading: "There is nothing here",
		Text: "The page does not exist, or it belongs to somebody else. The address may be mistyped, " +
			"or what it named was deleted.",
	},
	http.StatusMethodNotAllowed: {
		Heading: "This cannot be done here",
		Text:    "The address exists, but not for this kind of request. Nothing was changed.",
	},
	http.StatusRequestEntityTooLarge: {
		Heading: "This is too large",
		Text:    "The form holds more than it can. Nothing was changed. Go back and shorten what you typed.",
	},
	http.StatusTooManyRequests: {Heading: "Too many tries", Text: "Wait a little and try again."},
	http.StatusServiceUnavailable: {
		Heading: "The database cannot be reached",
		Text:    "Nothing was changed. Try again in a moment; if it stays like this, tell the operator.",
	},
	http.StatusInternalServerError: {
		Heading: "Something went wrong on our side",
		Text: "It was logged. Nothing that was confirmed is lost. Try again; if it happens again, " +
			"tell the operator.",
	},
}

// HandleError answers an error of a handler, a guard or Echo with its page. Handlers answer themselves only with a form
// that is shown again: 422 for a [keyporter.Invalid], and 429 for the sign-in form.
func (c *Console) HandleError(err error, ec echo.Context) {
	if ec.Response().Committed {
		return
	}
	if errors.Is(err, context.Canceled) && ec.Request().Context().Err() != nil {
		return // the client has disconnected
	}
	// The context is also cancelled when a body ends too early, and such a request is answered.
	ec.SetRequest(ec.Request().WithContext(context.WithoutCancel(ec.Request().Context())))
	if errors.Is(err, errSignIn) {
		c.redirectToSignIn(ec)
		return
	}
	view := c.problem(ec, err)
	if view.Status >= http.StatusInternalServerError {
		view.RequestID = ec.Response().Header().Get(echo.HeaderXRequestID)
		c.options.Log.Error("request failed", "status", view.Status, "error", err, "request", view.RequestID)
	}
	r, found := ec.Get(requesterKey).(requester)
	if !found { // no guard has run, or it refused: show the requester's navigation all the same
		r, _ = c.anyone(ec)
	}
	if view.BackHref == "" {
		view.BackHref, view.BackText = "/", "Go to the start"
	}
	if err := c.render(ec, view.Status, page.Problem(c.frame(ec, r, view.Heading), view)); err != nil {
		c.options.Log.Error("error page failed", "error", err)
		ec.NoContent(http.StatusInternalServerError)
	}
}

// problem returns the page for an error, with its status.
func (c *Console) problem(ec echo.Context, err error) page.ProblemView {
	var forbidden *keyporter.Forbidden
	var conflict *keyporter.Conflict
	var wait *keyporter.TooManyTries
	var plain *plainHTTPError
	var dead *invalidLinkError
	switch {
	case errors.As(err, &forbidden):
		view := problemOf(http.StatusForbidden)
		view.Text, view.Ask, view.Contact = forbidden.Why, forbidden.Ask, forbidden.Contact
		return view
	case errors.As(err, &conflict):
		return page.ProblemView{Status: http.StatusConflict, Heading: conflict.Heading, Text: conflict.Why}
	case errors.As(err, &wait):
		ec.Response().Header().Set("Retry-After", strconv.Itoa(secondsLeft(wait)))
		return problemOf(http.StatusTooManyRequests)
	case errors.As(err, &plain):
		return plain.problem()
	case errors.As(err, &dead):
		return page.ProblemView{Status: http.StatusNotFound, Heading: "This link does not work", Text: dead.text}
	case errors.Is(err, errForged):
		return page.ProblemView{
			Status: http.StatusForbidden, Heading: "This form is out of date",
			Text: "It was opened in another session, or on another site. Nothing was changed. " +
				"Open the page again and repeat it.",
		}
	case errors.Is(err, keyporter.ErrNotFound):
		return problemOf(http.StatusNotFound)
	case errors.Is(err, keyporter.ErrFull):
		return page.ProblemView{
			Status: http.StatusServiceUnavailable, Heading: "The disk is full",
			Text: "Nothing was changed, and nothing can be until there is room again. " +
				"Keys that exist go on working. Tell the operator.",
		}
	case errors.Is(err, keyporter.ErrCommitUnknown):
		return page.ProblemView{
			Status: http.StatusServiceUnavailable, Heading: "Nobody knows whether this was done",
			Text: "The database was lost at the moment of saving. Look whether it was done before you do it again. " +
				"A key whose token you did not see cannot be recovered: delete it.",
		}
	case errors.Is(err, keyporter.ErrUnavailable):
		return problemOf(http.StatusServiceUnavailable)
	}
	var coded *echo.HTTPError
	if errors.As(err, &coded) {
		return problemOf(coded.Code)
	}
	return problemOf(http.StatusInternalServerError)
}

// problemOf returns the page of a status, or that of an internal error for a status without one.
func problemOf(status int) page.ProblemView {
	view, known := problems[status]
	if !known {
		status, view = http.StatusInternalServerError, problems[http.StatusInternalServerError]
	}
	view.Status = status
	return view
}

// secondsLeft returns a waiting time in whole seconds, rounded up, for Retry-After.
func secondsLeft(wait *keyporter.TooManyTries) int {
	return max(1, int(math.Ceil(wait.After.Seconds())))
}

// redirectToSignIn redirects to the sign-in page, which leads back to the page of a GET request.
func (c *Console) redirectToSignIn(ec echo.Context) {
	target := "/sign-in"
	if r := ec.Request(); (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path != "/" {
		target += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	if err := ec.Redirect(http.StatusSeeOther, target); err != nil {
		c.options.Log.Error("redirect failed", "error", err)
	}
}
