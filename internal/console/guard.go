package console

import (
	"context"
	"errors"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/page"
)

// A requester is who sends a request, and the subscription that the request is about.
type requester struct {
	session keyporter.Session // the zero Session for a visitor who is not signed in
	actor   keyporter.Actor
	public  bool // the page is open to visitors
	keyporter.MemberView
}

func (r requester) signedIn() bool { return r.session.ID != "" }

// operationArgs returns the leading arguments of most operations on a subscription: the context, the actor, and its ID.
func (r requester) operationArgs(ec echo.Context) (ctx context.Context, actor keyporter.Actor, subscription string) {
	return ec.Request().Context(), r.actor, r.Subscription.ID
}

// A guard returns who sends a request, or the error with which to refuse it.
type guard func(ec echo.Context) (requester, error)

// requesterKey is the key under which an [echo.Context] holds its requester, for the frame of an error page.
const requesterKey = "requester"

// anyone is the [guard] of a public page: it lets everybody pass.
func (c *Console) anyone(ec echo.Context) (requester, error) {
	session, found, err := c.session(ec)
	if err != nil || !found {
		return requester{public: true}, err
	}
	return requester{session: session, actor: session.Actor(c.clientInfo(ec)), public: true}, nil
}

// user is the [guard] that lets signed-in users pass. It fails with [errSignIn] for a visitor.
func (c *Console) user(ec echo.Context) (requester, error) {
	r, err := c.anyone(ec)
	r.public = false
	if err == nil && !r.signedIn() {
		err = errSignIn
	}
	return r, err
}

// member is the [guard] that lets members of the subscription in the path pass. It fails with [keyporter.ErrNotFound]
// for other users, who are not told which subscriptions exist.
func (c *Console) member(ec echo.Context) (requester, error) {
	r, err := c.user(ec)
	if err != nil {
		return r, err
	}
	return c.inSubscription(ec, r)
}

// inSubscription returns r as a member of the subscription in the path. It fails with [keyporter.ErrNotFound] for a
// user who is none.
func (c *Console) inSubscription(ec echo.Context, r requester) (requester, error) {
	id := ec.Param("subscription")
	if !token.IsID(id) {
		return r, keyporter.ErrNotFound
	}
	var err error
	if r.MemberView, err = c.porter.MemberView(ec.Request().Context(), r.actor, id); err != nil {
		return r, err
	}
	if r.session.User.Last != id {
		err = c.porter.RememberSubscription(ec.Request().Context(), r.actor, id)
	}
	if errors.Is(err, keyporter.ErrUnavailable) { // pages can be read while the database takes no writes
		err = nil
	}
	return r, err
}

// clientInfo returns the address, the User-Agent and the device of a request.
func (c *Console) clientInfo(ec echo.Context) keyporter.ClientInfo {
	request := ec.Request()
	return keyporter.NewClientInfo(c.options.Client(request), request.UserAgent()).WithDevice(c.deviceValue(ec))
}

// settings returns the path of the subscription's settings, without a slash at the end; "" if the request is about no
// subscription.
func (r requester) settings() string {
	if r.Subscription.ID == "" {
		return ""
	}
	return "/s/" + r.Subscription.ID + "/settings"
}

func (r requester) keys() string { return page.IntegrationKeys.At(r.settings()) }

func (r requester) feedbackKeys() string { return page.FeedbackKeys.At(r.settings()) }

func (r requester) applications() string { return r.settings() + "/applications" }
