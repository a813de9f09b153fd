package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/layout"
	"keyporter/web/page"
)

// An invalidLinkError is the [keyporter.ErrNotFound] of a one-time link that is wrong, used, replaced or expired. Its
// text tells the visitor how to get a new one.
type invalidLinkError struct{ text string }

func (e *invalidLinkError) Error() string   { return "one-time link: " + keyporter.ErrNotFound.Error() }
func (*invalidLinkError) Is(err error) bool { return err == keyporter.ErrNotFound }

// Texts of an [invalidLinkError].
const (
	invalidLinkReason = "It was used, replaced by a newer one, has expired, or was not copied whole. "
	invalidInvitation = invalidLinkReason + "Ask who invited you: a Subscription admin makes a new one under Users " +
		"with New link, the operator with New link in the list of subscriptions. " +
		"If you have joined already, sign in."
	invalidPasswordLink = invalidLinkReason + "Ask the operator for a new one: keyporter reset-password prints it."
	invalidSetUpLink    = invalidLinkReason + "Restart keyporter serve: it prints a new one to its standard error, " +
		"good for one hour. If this installation is set up already, sign in."
)

// asInvalidLink returns an [invalidLinkError] for [keyporter.ErrNotFound], and any other error as it is.
func asInvalidLink(err error, text string) error {
	if errors.Is(err, keyporter.ErrNotFound) {
		return &invalidLinkError{text}
	}
	return err
}

func (c *Console) invitationForm(ec echo.Context, r requester) error {
	token := ec.QueryParam("token")
	i, err := c.porter.Invitation(ec.Request().Context(), token)
	if err != nil {
		return asInvalidLink(err, invalidInvitation)
	}
	frame := c.frame(ec, r, "Join "+i.Subscription)
	return c.render(ec, http.StatusOK, page.Invitation(frame, invitationView(token, i)))
}

func invitationView(token string, i keyporter.Invitation) page.InvitationView {
	return page.InvitationView{
		Token: token, Subscription: i.Subscription, Role: i.Member.Role.String(), Name: i.Member.Name,
		Email: i.Member.Email, HasAccount: i.HasAccount,
	}
}

// acceptInvitation creates the account of a new user, lets a signed-in user join at once, and shows any other user the
// sign-in form, which carries the invitation.
func (c *Console) acceptInvitation(ec echo.Context, r requester) error {
	token, ctx := field(ec, "token"), ec.Request().Context()
	i, err := c.porter.Invitation(ctx, token)
	switch {
	case err != nil:
		return asInvalidLink(err, invalidInvitation)
	case !i.HasAccount:
		return c.newAccount(ec, r, token, i)
	case r.signedIn():
		joined, err := c.porter.JoinSubscription(ctx, r.actor, token)
		if err != nil {
			return asInvalidLink(err, invalidInvitation)
		}
		return c.redirectWithFlash(ec, "/s/"+joined+"/settings", flashJoined)
	}
	view := page.SignInView{Invitation: token, Joining: i.Subscription}
	return c.render(ec, http.StatusOK, page.SignIn(c.frame(ec, r, "Sign in to join"), view))
}

func (c *Console) newAccount(ec echo.Context, r requester, token string, i keyporter.Invitation) error {
	name := field(ec, "name")
	ctx, password := ec.Request().Context(), field(ec, "password")
	value, joined, err := c.porter.AcceptInvitation(ctx, token, name, password, c.clientInfo(ec))
	if errs := fieldErrors(err); errs != nil {
		view := invitationView(token, i)
		view.Name, view.Errors = name, errs
		frame := c.frame(ec, r, "Join "+i.Subscription)
		return c.render(ec, http.StatusUnprocessableEntity, page.Invitation(frame, view))
	}
	if err != nil {
		return asInvalidLink(err, invalidInvitation)
	}
	if err := c.beginSession(ec, r, value); err != nil {
		return err
	}
	return c.redirectWithFlash(ec, "/s/"+joined+"/settings", flashJoined)
}

func (c *Console) newPasswordForm(ec echo.Context, r requester) error {
	token := ec.QueryParam("token")
	user, err := c.porter.NewPasswordFor(ec.Request().Context(), token)
	if err != nil {
		return asInvalidLink(err, invalidPasswordLink)
	}
	view := page.NewPasswordView{Token: token, Email: user.Email}
	return c.render(ec, http.StatusOK, page.NewPassword(c.frame(ec, r, "Choose a new password"), view))
}

func (c *Console) newPassword(ec echo.Context, r requester) error {
	token, ctx := field(ec, "token"), ec.Request().Context()
	user, err := c.porter.NewPasswordFor(ctx, token)
	if err != nil {
		return asInvalidLink(err, invalidPasswordLink)
	}
	err = c.porter.SetNewPassword(ctx, token, field(ec, "password"), c.clientInfo(ec))
	if errs := fieldErrors(err); errs != nil {
		view := page.NewPasswordView{Token: token, Email: user.Email, Errors: errs}
		frame := c.frame(ec, r, "Choose a new password")
		return c.render(ec, http.StatusUnprocessableEntity, page.NewPassword(frame, view))
	}
	if err != nil {
		return asInvalidLink(err, invalidPasswordLink)
	}
	return c.redirectWithFlash(ec, "/sign-in", flashPasswordSet)
}

// showLink answers with the page that shows a one-time link. Like a token, the link is not stored, so the answer is the
// page and not a redirect to it.
func (c *Console) showLink(
	ec echo.Context, r requester, i keyporter.Invited, back string, crumbs ...layout.Link,
) error {
	link := *c.options.PublicURL
	link.Path, link.RawQuery = "/invitation", "token="+i.Value.Reveal()
	view := page.OneTimeLinkView{
		Name: i.Member.Name, Email: i.Member.Email, Subscription: i.Subscription, URL: link.String(), Back: back,
		Expires: i.Expires,
	}
	frame := c.frame(ec, r, "Link for "+i.Member.Name, crumbs...)
	return c.render(ec, http.StatusCreated, page.OneTimeLink(frame, view))
}
