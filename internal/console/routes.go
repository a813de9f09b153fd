package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// Mount adds every page and form to e. A form's route is made by post, which is the method, the check against forgery
// and the sign-in at once, so that none of them can be forgotten.
func (c *Console) Mount(e *echo.Echo) {
	c.get(e, "/", c.anyone, c.home)

	c.get(e, apiDocPath, c.anyone, c.apiDoc)

	c.get(e, "/setup", c.anyone, c.setupForm)
	c.post(e, "/setup", c.anyone, c.setup)
	c.get(e, "/sign-in", c.anyone, c.signInForm)
	c.post(e, "/sign-in", c.anyone, c.signIn)
	c.post(e, "/sign-out", c.user, c.signOut)
	c.get(e, "/invitation", c.anyone, c.invitationForm)
	c.post(e, "/invitation", c.anyone, c.acceptInvitation)
	c.get(e, "/new-password", c.anyone, c.newPasswordForm)
	c.post(e, "/new-password", c.anyone, c.newPassword)

	c.get(e, "/account", c.user, c.account)
	c.post(e, "/account/name", c.user, c.renameUser)
	c.post(e, "/account/password", c.user, c.changePassword)
	c.post(e, "/account/sessions/:session/end", c.user, c.endSession)

	c.get(e, "/operator/subscriptions", c.user, c.subscriptions)
	c.get(e, "/operator/subscriptions/new", c.user, c.newSubscriptionForm)
	c.postKept(maxForm, e, "/operator/subscriptions", c.user, c.createSubscription, c.newSubscriptionAgain)
	c.post(e, "/operator/subscriptions/:subscription/new-link", c.user, c.renewFirstInvitation)
	c.post(e, "/operator/subscriptions/:subscription/make-available", c.user, c.makeAvailable)
	c.get(e, "/operator/subscriptions/:subscription/withdraw", c.user, c.withdrawForm)
	c.post(e, "/operator/subscriptions/:subscription/withdraw", c.user, c.withdraw)

	const settings = "/s/:subscription/settings"
	c.get(e, settings, c.member, c.settings)
	c.post(e, settings, c.member, c.renameSubscription)
	c.get(e, settings+"/integrations", c.member, c.integrations)
	c.post(e, settings+"/integrations/feature", c.member, c.switchFeature)
	c.get(e, settings+"/integrations/switch-off", c.member, c.switchOffForm)

	const keys = settings + "/integrations/integration-keys"
	integration := c.integrationKeyPages()
	c.get(e, keys, c.member, integration.keys)
	c.postKept(maxForm, e, keys, c.member, integration.createKey, integration.newKeyAgain)
	c.get(e, keys+"/new", c.member, integration.newKeyForm)
	c.post(e, keys+"/search", c.member, integration.searchKeys)
	c.get(e, keys+"/identify", c.member, c.identifyForm)
	c.post(e, keys+"/identify", c.member, c.identifyKey)
	c.get(e, keys+"/deleted", c.member, c.deletedKeys)
	c.get(e, keys+"/:key", c.member, c.keyPage)
	c.get(e, keys+"/:key/edit", c.member, c.editKeyForm)
	c.post(e, keys+"/:key/edit", c.member, c.editKey)
	c.get(e, keys+"/:key/delete", c.member, integration.deleteKeyForm)
	c.post(e, keys+"/:key/delete", c.member, integration.deleteKey)

	const ownKeys = settings + "/integrations/feedback-keys"
	feedback := c.feedbackKeyPages()
	c.get(e, ownKeys, c.member, feedback.keys)
	c.postKept(maxForm, e, ownKeys, c.member, feedback.createKey, feedback.newKeyAgain)
	c.post(e, ownKeys+"/search", c.member, feedback.searchKeys)
	c.get(e, ownKeys+"/new", c.member, feedback.newKeyForm)
	c.get(e, ownKeys+"/:key/delete", c.member, feedback.deleteKeyForm)
	c.post(e, ownKeys+"/:key/delete", c.member, feedback.deleteKey)

	c.get(e, settings+"/keys", c.member, c.keyKinds)

	const apps = settings + "/applications"
	c.get(e, apps, c.member, c.applications)
	c.postKept(maxForm, e, apps, c.member, c.createApplication, c.newApplicationAgain)
	c.get(e, apps+"/new", c.member, c.newApplicationForm)
	c.get(e, apps+"/:application", c.member, c.applicationPage)
	c.get(e, apps+"/:application/edit", c.member, c.editApplicationForm)
	c.post(e, apps+"/:application/edit", c.member, c.editApplication)
	c.get(e, apps+"/:application/default", c.member, c.makeDefaultForm)
	c.post(e, apps+"/:application/default", c.member, c.makeDefaultApplication)
	c.get(e, apps+"/:application/delete", c.member, c.deleteApplicationForm)
	c.post(e, apps+"/:application/delete", c.member, c.deleteApplication)

	const list = settings + "/exclude-list"
	c.get(e, list, c.member, c.excludeEntries)
	c.get(e, list+"/:type", c.member, c.excludeEntries)
	c.post(e, list+"/:type/search", c.member, c.searchExcludeEntries)
	c.post(e, list+"/:type/try", c.member, c.tryExcludeList)
	c.get(e, list+"/:type/new", c.member, c.newExcludeForm)
	c.postKept(maxLargeForm, e, list+"/:type", c.member, c.addExcludeEntries, c.newExcludeAgain)
	c.get(e, list+"/:type/delete", c.member, c.deleteExcludeForm)
	c.post(e, list+"/:type/delete", c.member, c.deleteExcludeEntries)

	const users = settings + "/users"
	c.get(e, users, c.member, c.members)
	c.postKept(maxForm, e, users, c.member, c.addMember, c.newMemberAgain)
	c.get(e, users+"/new", c.member, c.newMemberForm)
	c.get(e, users+"/:member/edit", c.member, c.editMemberForm)
	c.post(e, users+"/:member/edit", c.member, c.editMember)
	c.get(e, users+"/:member/remove", c.member, c.removeMemberForm)
	c.post(e, users+"/:member/remove", c.member, c.removeMember)
	c.post(e, users+"/:member/new-link", c.member, c.renewInvitation)

	c.get(e, settings+"/audit-log", c.member, c.auditLog)
}

type (
	// who finds out who is asking, and refuses those who have to be somebody else.
	who func(ec echo.Context) (visit, error)
	// handler answers one request of a visit.
	handler func(ec echo.Context, v visit) error
)

// visitKey is where a request's visit is kept for the page of an error.
const visitKey = "visit"

func (c *Console) get(e *echo.Echo, path string, ask who, h handler) {
	answer := func(ec echo.Context) error {
		v, err := ask(ec)
		if err != nil {
			return err
		}
		ec.Set(visitKey, v)
		return h(ec, v)
	}
	e.GET(path, answer)
	e.HEAD(path, answer)
}

func (c *Console) post(e *echo.Echo, path string, ask who, h handler) {
	c.postUpTo(maxForm, e, path, ask, h)
}

func (c *Console) postUpTo(most int64, e *echo.Echo, path string, ask who, h handler) {
	e.POST(path, func(ec echo.Context) error {
		if err := c.crossSite.Check(ec.Request()); err != nil {
			return errForged
		}
		v, err := ask(ec)
		if errors.Is(err, errSignIn) {
			if kept, err := c.keepForm(ec, most); kept {
				return err
			}
		}
		if err != nil {
			return err
		}
		ec.Set(visitKey, v)
		if err := readForm(ec, most); err != nil {
			return err
		}
		if !c.isFormToken(ec, v, field(ec, "csrf")) {
			return c.outOfDate(ec, v)
		}
		return h(ec, v)
	})
}

// anyone takes whoever asks, signed in or not.
func (c *Console) anyone(ec echo.Context) (visit, error) {
	session, found, err := c.session(ec)
	if err != nil || !found {
		return visit{open: true}, err
	}
	return visit{session: session, actor: session.Actor(c.origin(ec)), open: true}, nil
}

// user takes who is signed in.
func (c *Console) user(ec echo.Context) (visit, error) {
	v, err := c.anyone(ec)
	v.open = false
	if err == nil && !v.signedIn() {
		err = errSignIn
	}
	return v, err
}

// member takes who belongs to the subscription in the path. For others there is no such subscription.
func (c *Console) member(ec echo.Context) (visit, error) {
	v, err := c.user(ec)
	if err != nil {
		return v, err
	}
	return c.inSubscription(ec, v)
}

// inSubscription is the visit of who is signed in to the subscription in the path. It fails with [keyporter.ErrNotFound].
func (c *Console) inSubscription(ec echo.Context, v visit) (visit, error) {
	id := ec.Param("subscription")
	if !token.IsID(id) {
		return v, keyporter.ErrNotFound
	}
	var err error
	if v.Visit, err = c.porter.Visit(ec.Request().Context(), v.actor, id); err != nil {
		return v, err
	}
	if v.session.User.Last != id {
		err = c.porter.RememberSubscription(ec.Request().Context(), v.actor, id)
	}
	if errors.Is(err, keyporter.ErrUnavailable) { // who only reads goes on reading while nothing can be written
		err = nil
	}
	return v, err
}

func (c *Console) origin(ec echo.Context) keyporter.ClientInfo {
	return keyporter.NewClientInfo(c.options.Client(ec.Request()), ec.Request().UserAgent()).WithDevice(c.device(ec))
}

// home sends everybody to where they begin.
func (c *Console) home(ec echo.Context, v visit) error {
	if !v.signedIn() {
		return ec.Redirect(http.StatusSeeOther, "/sign-in")
	}
	subscription, err := c.porter.Home(ec.Request().Context(), v.actor)
	switch {
	case err != nil:
		return err
	case subscription != "":
		return ec.Redirect(http.StatusSeeOther, "/s/"+subscription+"/settings")
	case v.session.User.Operator:
		return ec.Redirect(http.StatusSeeOther, "/operator/subscriptions")
	}
	return c.homeless(ec, v)
}
