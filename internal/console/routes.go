package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Mount adds every page and form to e. The methods post and postResumable register a form together with its guard and
// the checks against cross-site request forgery, so that no form can lack them.
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
	c.postResumable(maxForm, e, "/operator/subscriptions", c.user, c.createSubscription, c.resumeNewSubscription)
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

	c.get(e, settings+"/integrations/key-policy", c.member, c.keyPolicyForm)
	c.post(e, settings+"/integrations/key-policy", c.member, c.setKeyPolicy)

	const keys = settings + "/integrations/integration-keys"
	integration := c.integrationKeyPages()
	c.get(e, keys, c.member, integration.keys)
	c.postResumable(maxForm, e, keys, c.member, integration.createKey, integration.resumeNewKey)
	c.get(e, keys+"/new", c.member, integration.newKeyForm)
	c.post(e, keys+"/search", c.member, integration.searchKeys)
	c.get(e, keys+"/identify", c.member, c.identifyForm)
	c.post(e, keys+"/identify", c.member, c.identifyKey)
	c.get(e, keys+"/deleted", c.member, c.deletedKeys)
	c.get(e, keys+"/:key", c.member, c.keyPage)
	c.get(e, keys+"/:key/edit", c.member, c.editKeyForm)
	c.post(e, keys+"/:key/edit", c.member, c.editKey)
	c.get(e, keys+"/:key/end", c.member, c.changeEndForm)
	c.post(e, keys+"/:key/end", c.member, c.changeEnd)
	c.get(e, keys+"/:key/addresses", c.member, c.addressesForm)
	c.post(e, keys+"/:key/addresses", c.member, c.changeAddresses)
	c.post(e, keys+"/:key/addresses/allow", c.member, c.allowAddress)
	c.get(e, keys+"/:key/disable", c.member, c.disableKeyForm)
	c.post(e, keys+"/:key/disable", c.member, c.disableKey)
	c.post(e, keys+"/:key/enable", c.member, c.enableKey)
	c.get(e, keys+"/:key/delete", c.member, integration.deleteKeyForm)
	c.post(e, keys+"/:key/delete", c.member, integration.deleteKey)

	const feedbackKeys = settings + "/integrations/feedback-keys"
	feedback := c.feedbackKeyPages()
	c.get(e, feedbackKeys, c.member, feedback.keys)
	c.postResumable(maxForm, e, feedbackKeys, c.member, feedback.createKey, feedback.resumeNewKey)
	c.post(e, feedbackKeys+"/search", c.member, feedback.searchKeys)
	c.get(e, feedbackKeys+"/new", c.member, feedback.newKeyForm)
	c.get(e, feedbackKeys+"/:key/delete", c.member, feedback.deleteKeyForm)
	c.post(e, feedbackKeys+"/:key/delete", c.member, feedback.deleteKey)

	c.get(e, settings+"/keys", c.member, c.keyKinds)

	const apps = settings + "/applications"
	c.get(e, apps, c.member, c.applications)
	c.postResumable(maxForm, e, apps, c.member, c.createApplication, c.resumeNewApplication)
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
	c.postResumable(maxLargeForm, e, list+"/:type", c.member, c.addExcludeEntries, c.resumeNewExclude)
	c.get(e, list+"/:type/delete", c.member, c.deleteExcludeForm)
	c.post(e, list+"/:type/delete", c.member, c.deleteExcludeEntries)

	const users = settings + "/users"
	c.get(e, users, c.member, c.members)
	c.postResumable(maxForm, e, users, c.member, c.addMember, c.resumeNewMember)
	c.get(e, users+"/new", c.member, c.newMemberForm)
	c.get(e, users+"/:member/edit", c.member, c.editMemberForm)
	c.post(e, users+"/:member/edit", c.member, c.editMember)
	c.get(e, users+"/:member/remove", c.member, c.removeMemberForm)
	c.post(e, users+"/:member/remove", c.member, c.removeMember)
	c.post(e, users+"/:member/new-link", c.member, c.renewInvitation)

	c.get(e, settings+"/audit-log", c.member, c.auditLog)
}

// A handler answers a request that its guard let pass.
type handler func(ec echo.Context, r requester) error

func (c *Console) get(e *echo.Echo, path string, g guard, h handler) {
	answer := func(ec echo.Context) error {
		r, err := g(ec)
		if err != nil {
			return err
		}
		ec.Set(requesterKey, r)
		return h(ec, r)
	}
	e.GET(path, answer)
	e.HEAD(path, answer)
}

func (c *Console) post(e *echo.Echo, path string, g guard, h handler) {
	c.postUpTo(maxForm, e, path, g, h)
}

// postUpTo registers a form of at most maxBytes.
func (c *Console) postUpTo(maxBytes int64, e *echo.Echo, path string, g guard, h handler) {
	e.POST(path, func(ec echo.Context) error {
		if err := c.crossSite.Check(ec.Request()); err != nil {
			return errForged
		}
		r, err := g(ec)
		if errors.Is(err, errSignIn) {
			if kept, err := c.suspendForm(ec, maxBytes); kept {
				return err
			}
		}
		if err != nil {
			return err
		}
		ec.Set(requesterKey, r)
		if err := readForm(ec, maxBytes); err != nil {
			return err
		}
		if !c.isFormToken(ec, r, field(ec, "csrf")) {
			return c.answerStaleForm(ec, r)
		}
		return h(ec, r)
	})
}

// home redirects to the page that the user begins with.
func (c *Console) home(ec echo.Context, r requester) error {
	if !r.signedIn() {
		return ec.Redirect(http.StatusSeeOther, "/sign-in")
	}
	subscription, err := c.porter.FirstSubscription(ec.Request().Context(), r.actor)
	switch {
	case err != nil:
		return err
	case subscription != "":
		return ec.Redirect(http.StatusSeeOther, "/s/"+subscription+"/settings")
	case r.session.User.Operator:
		return ec.Redirect(http.StatusSeeOther, "/operator/subscriptions")
	}
	return c.noSubscription(ec, r)
}
