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

func (c *Console) invitationForm(ec echo.Context, v visit) error {
	token := ec.QueryParam("token")
	i, err := c.porter.Invitation(ec.Request().Context(), token)
	if err != nil {
		return err
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
		return err
	case !i.HasAccount:
		return c.newAccount(ec, v, token, i)
	case v.signedIn():
		joined, err := c.porter.JoinSubscription(ctx, v.actor, token)
		if err != nil {
			return err
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
		return err
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
		return err
	}
	view := page.NewPasswordView{Token: token, Email: user.Email}
	return c.render(ec, http.StatusOK, page.NewPassword(c.frame(ec, v, "Choose a new password"), view))
}

func (c *Console) newPassword(ec echo.Context, v visit) error {
	token, ctx := field(ec, "token"), ec.Request().Context()
	user, err := c.porter.NewPasswordFor(ctx, token)
	if err != nil {
		return err
	}
	err = c.porter.SetNewPassword(ctx, token, field(ec, "password"), c.origin(ec))
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		view := page.NewPasswordView{Token: token, Email: user.Email, Errors: part.Errors(invalid)}
		return c.render(ec, http.StatusUnprocessableEntity, page.NewPassword(c.frame(ec, v, "Choose a new password"), view))
	}
	if err != nil {
		return err
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
