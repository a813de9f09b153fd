package console

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
)

// errSignIn sends a visitor to the sign-in page.
var errSignIn = errors.New("not signed in")

// problems are what the page of an error says, by status.
var problems = map[int]page.ProblemView{
	http.StatusBadRequest:            {Heading: "This request cannot be read", Text: "It is damaged or incomplete. Nothing was changed. Go back and try again from the page."},
	http.StatusForbidden:             {Heading: "This is not open to you", Text: "You have no right to this."},
	http.StatusNotFound:              {Heading: "There is nothing here", Text: "The page does not exist, or it belongs to somebody else. The address may be mistyped, or what it named was deleted."},
	http.StatusMethodNotAllowed:      {Heading: "This cannot be done here", Text: "The address exists, but not for this kind of request. Nothing was changed."},
	http.StatusRequestEntityTooLarge: {Heading: "This is too large", Text: "The form holds more than it can. Nothing was changed. Go back and shorten what you typed."},
	http.StatusTooManyRequests:       {Heading: "Too many tries", Text: "Wait a little and try again."},
	http.StatusServiceUnavailable:    {Heading: "The database cannot be reached", Text: "Nothing was changed. Try again in a moment; if it stays like this, tell the operator."},
	http.StatusInternalServerError:   {Heading: "Something went wrong on our side", Text: "It was noted. Nothing that was confirmed is lost. Try again; if it happens again, tell the operator."},
}

// HandleError answers an error with its page: the one place where kinds of errors become statuses.
func (c *Console) HandleError(err error, ec echo.Context) {
	if ec.Response().Committed {
		return
	}
	if errors.Is(err, context.Canceled) && ec.Request().Context().Err() != nil {
		return // nobody is there any more
	}
	// A request whose body stopped halfway is cancelled, and is answered all the same.
	ec.SetRequest(ec.Request().WithContext(context.WithoutCancel(ec.Request().Context())))
	if errors.Is(err, errSignIn) {
		c.toSignIn(ec)
		return
	}
	status, view := c.problem(ec, err)
	view.Status = status
	if status >= http.StatusInternalServerError {
		view.RequestID = ec.Response().Header().Get(echo.HeaderXRequestID)
		c.options.Log.Error("request failed", "status", status, "error", err, "request", view.RequestID)
	}
	v, found := ec.Get(visitKey).(visit)
	if !found { // refused before it was known who asks, or a path that is no page: the frame is theirs all the same
		v, _ = c.anyone(ec)
	}
	if view.BackHref == "" {
		view.BackHref, view.BackText = "/", "Go to the start"
	}
	if err := c.render(ec, status, page.Problem(c.frame(ec, v, view.Heading), view)); err != nil {
		c.options.Log.Error("error page failed", "error", err)
		ec.NoContent(http.StatusInternalServerError)
	}
}

// problem returns the status for an error, and what its page says.
func (c *Console) problem(ec echo.Context, err error) (int, page.ProblemView) {
	var forbidden *keyporter.Forbidden
	var conflict *keyporter.Conflict
	var wait *keyporter.TooManyTries
	var coded *echo.HTTPError
	var plain *plainHTTP
	var dead *deadLink
	status := http.StatusInternalServerError
	switch {
	case errors.As(err, &forbidden):
		view := problems[http.StatusForbidden]
		view.Text, view.Ask, view.Contact = forbidden.Why, forbidden.Ask, forbidden.Contact
		return http.StatusForbidden, view
	case errors.As(err, &conflict):
		return http.StatusConflict, page.ProblemView{Heading: conflict.Heading, Text: conflict.Why}
	case errors.As(err, &wait):
		ec.Response().Header().Set("Retry-After", decimal(secondsLeft(wait)))
		status = http.StatusTooManyRequests
	case errors.As(err, &plain):
		return http.StatusForbidden, page.ProblemView{Heading: "This address must be https",
			Text: "This console works at " + plain.publicURL + " alone, and the form came from a page that was opened over http, where a browser keeps no sign-in. " +
				"Nothing was changed. Open " + plain.publicURL + " and repeat it there.",
			BackHref: plain.publicURL, BackText: "Open " + plain.publicURL}
	case errors.As(err, &dead):
		return http.StatusNotFound, page.ProblemView{Heading: "This link does not work", Text: dead.text}
	case errors.Is(err, errForged):
		view := problems[http.StatusForbidden]
		view.Heading, view.Text = "This form is out of date", "It was opened in another session, or on another site. Nothing was changed. Open the page again and repeat it."
		return http.StatusForbidden, view
	case errors.Is(err, keyporter.ErrNotFound):
		status = http.StatusNotFound
	case errors.Is(err, keyporter.ErrFull):
		view := problems[http.StatusServiceUnavailable]
		view.Heading, view.Text = "The disk is full", "Nothing was changed, and nothing can be until there is room again. Keys that exist go on working. Tell the operator."
		return http.StatusServiceUnavailable, view
	case errors.Is(err, keyporter.ErrCommitUnknown):
		return http.StatusServiceUnavailable, page.ProblemView{Heading: "Nobody knows whether this was done",
			Text: "The database was lost at the moment of saving. Look whether it was done before you do it again. A key whose token you did not see cannot be recovered: delete it."}
	case errors.Is(err, keyporter.ErrUnavailable):
		status = http.StatusServiceUnavailable
	case errors.As(err, &coded):
		status = coded.Code
	}
	view, known := problems[status]
	if !known {
		status, view = http.StatusInternalServerError, problems[http.StatusInternalServerError]
	}
	return status, view
}

// secondsLeft is a wait in whole seconds, rounded up.
func secondsLeft(wait *keyporter.TooManyTries) int {
	return max(1, int(math.Ceil(wait.After.Seconds())))
}

// toSignIn remembers the page that was asked for. What was posted is not remembered: nothing of it was done.
func (c *Console) toSignIn(ec echo.Context) {
	to := "/sign-in"
	if r := ec.Request(); (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path != "/" {
		to += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	if err := ec.Redirect(http.StatusSeeOther, to); err != nil {
		c.options.Log.Error("redirect failed", "error", err)
	}
}
