package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/layout"
	"keyporter/web/page"
	"keyporter/web/part"
)

// A deadLink is the [keyporter.ErrNotFound] of a one-time link that is wrong, used, replaced or expired.
type deadLink struct{ text string }

func (d *deadLink) Error() string   { return "one-time link: " + keyporter.ErrNotFound.Error() }
func (*deadLink) Is(err error) bool { return err == keyporter.ErrNotFound }

// What the page of a one-time link that does not work says: how to get a new one.
const (
	deadBegin      = "It was used, replaced by a newer one, has expired, or was not copied whole. "
	deadInvitation = deadBegin + "Ask who invited you: a Subscription admin makes a new one under Users with New link, the operator with New link in the list of subscriptions. " +
		"If you have joined already, sign in."
	deadPassword = deadBegin + "Ask the operator for a new one: keyporter reset-password prints it."
	deadSetUp    = deadBegin + "Restart keyporter serve: it prints a new one to its standard error, good for one hour. If this installation is set up already, sign in."
)

// orDeadLink returns err with what to do where it means that a one-time link does not work.
func orDeadLink(err error, text string) error {
	if errors.Is(err, keyporter.ErrNotFound) {
		return &deadLink{text}
	}
	return err
}

func (c *Console) invitationForm(ec echo.Context, v visit) error {
	token := ec.QueryParam("token")
	i, err := c.porter.Invitation(ec.Request().Context(), token)
	if err != nil {
		return orDeadLink(err, deadInvitation)
	}
	return c.render(ec, http.StatusOK, page.Invitation(c.frame(ec, v, "Join "+i.Subscription), invitationView(token, i)))
}

func invitationView(token string, i keyporter.Invitation) page.InvitationView {
	return page.InvitationView{
		Token: token, Subscription: i.Subscription, Role: i.Member.Role.String(), Name: i.Member.Name, Email: i.Member.Email, HasAccount: i.HasAccount,
	}
}

// acceptInvitation joins: who has no account with the password they choose, who is signed in at once, and who has an
// account but is not signed in by the sign-in form, which brings the invitation along.
func (c *Console) acceptInvitation(ec echo.Context, v visit) error {
	token, ctx := field(ec, "token"), ec.Request().Context()
	i, err := c.porter.Invitation(ctx, token)
	switch {
	case err != nil:
		return orDeadLink(err, deadInvitation)
	case !i.HasAccount:
		return c.newAccount(ec, v, token, i)
	case v.signedIn():
		joined, err := c.porter.JoinSubscription(ctx, v.actor, token)
		if err != nil {
			return orDeadLink(err, deadInvitation)
		}
		return c.seeOther(ec, "/s/"+joined+"/settings", noteJoined)
	}
	view := page.SignInView{Invitation: token, Joining: i.Subscription}
	return c.render(ec, http.StatusOK, page.SignIn(c.frame(ec, v, "Sign in to join"), view))
}

func (c *Console) newAccount(ec echo.Context, v visit, token string, i keyporter.Invitation) error {
	name := field(ec, "name")
	value, joined, err := c.porter.AcceptInvitation(ec.Request().Context(), token, name, field(ec, "password"), c.origin(ec))
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		view := invitationView(token, i)
		view.Name, view.Errors = name, part.Errors(invalid)
		return c.render(ec, http.StatusUnprocessableEntity, page.Invitation(c.frame(ec, v, "Join "+i.Subscription), view))
	}
	if err != nil {
		return orDeadLink(err, deadInvitation)
	}
	if err := c.begin(ec, v, value); err != nil {
		return err
	}
	return c.seeOther(ec, "/s/"+joined+"/settings", noteJoined)
}

func (c *Console) newPasswordForm(ec echo.Context, v visit) error {
	token := ec.QueryParam("token")
	user, err := c.porter.NewPasswordFor(ec.Request().Context(), token)
	if err != nil {
		return orDeadLink(err, deadPassword)
	}
	view := page.NewPasswordView{Token: token, Email: user.Email}
	return c.render(ec, http.StatusOK, page.NewPassword(c.frame(ec, v, "Choose a new password"), view))
}

func (c *Console) newPassword(ec echo.Context, v visit) error {
	token, ctx := field(ec, "token"), ec.Request().Context()
	user, err := c.porter.NewPasswordFor(ctx, token)
	if err != nil {
		return orDeadLink(err, deadPassword)
	}
	err = c.porter.SetNewPassword(ctx, token, field(ec, "password"), c.origin(ec))
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		view := page.NewPasswordView{Token: token, Email: user.Email, Errors: part.Errors(invalid)}
		return c.render(ec, http.StatusUnprocessableEntity, page.NewPassword(c.frame(ec, v, "Choose a new password"), view))
	}
	if err != nil {
		return orDeadLink(err, deadPassword)
	}
	return c.seeOther(ec, "/sign-in", notePasswordSet)
}

// showLink answers with the page that shows a one-time link. Like a key's token it is kept nowhere, so the answer is
// the page and not a redirect to it.
func (c *Console) showLink(ec echo.Context, v visit, i keyporter.Invited, back string, crumbs ...layout.Link) error {
	link := *c.options.PublicURL
	link.Path, link.RawQuery = "/invitation", "token="+i.Value.Reveal()
	view := page.OneTimeLinkView{
		Name: i.Member.Name, Email: i.Member.Email, Subscription: i.Subscription, URL: link.String(), Back: back, Expires: i.Expires,
	}
	return c.render(ec, http.StatusCreated, page.OneTimeLink(c.frame(ec, v, "Link for "+i.Member.Name, crumbs...), view))
}
