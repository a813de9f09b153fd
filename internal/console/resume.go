package console

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/page"
	"keyporter/web/part"
)

// A formRenderer answers with the form that the request posts, filled in as it was sent, with a sentence above its
// fields. It checks again whether the requester may open the form.
type formRenderer func(ec echo.Context, r requester, status int, sentence string) error

const (
	suspendedPath   = "kept"   // the sign-in form's hidden input with the path that the suspended form was posted to
	suspendedPrefix = "kept."  // how the names of its hidden inputs with that form's fields begin
	maxSuspended    = 16 << 10 // bytes of names and values; a longer form is not suspended

	sessionEnded  = "Your session has ended. Nothing was done, and what you typed is kept: sign in to go on."
	formOutOfDate = "This form is out of date: it was opened in another session. " +
		"Nothing was done, and what you typed is kept: send it again."
)

// postResumable registers a form whose fields survive the end of the session: the sign-in page carries them, and again
// renders the form with them after the sign-in.
func (c *Console) postResumable(maxBytes int64, e *echo.Echo, path string, g guard, h handler, again formRenderer) {
	c.resumable[path] = again
	c.postUpTo(maxBytes, e, path, g, h)
}

// suspendForm answers a visitor's form with the sign-in page, which carries the form's fields. It reports whether it
// did: only for forms that [Console.postResumable] registered, up to maxSuspended.
func (c *Console) suspendForm(ec echo.Context, maxBytes int64) (bool, error) {
	if c.resumable[ec.Path()] == nil || readForm(ec, maxBytes) != nil {
		return false, nil
	}
	suspended := page.SuspendedForm{Path: ec.Request().URL.Path}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(ec.Request().PostForm)) {
		if name == "csrf" || name == "nonce" {
			continue
		}
		for _, value := range ec.Request().PostForm[name] {
			size += len(name) + len(value)
			suspended.Fields = append(suspended.Fields, page.SuspendedField{Name: suspendedPrefix + name,
				Value: cleanText(value)})
		}
	}
	if size > maxSuspended {
		return false, nil
	}
	view := page.SignInView{Message: sessionEnded, Suspended: suspended}
	return true, c.render(ec, http.StatusForbidden, page.SignIn(c.frame(ec, requester{}, "Sign in"), view))
}

// cleanText returns a typed text without tokens, NUL and invalid UTF-8, so that a page can show it.
func cleanText(text string) string {
	return token.Mask(strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", ""))
}

// suspendedForm returns the form that a posted sign-in form carries; the zero SuspendedForm for none.
func suspendedForm(ec echo.Context) page.SuspendedForm {
	suspended := page.SuspendedForm{Path: localPath(field(ec, suspendedPath))}
	if suspended.Path == "" {
		return suspended
	}
	for _, name := range slices.Sorted(maps.Keys(ec.Request().PostForm)) {
		if strings.HasPrefix(name, suspendedPrefix) {
			for _, value := range ec.Request().PostForm[name] {
				suspended.Fields = append(suspended.Fields, page.SuspendedField{Name: name, Value: cleanText(value)})
			}
		}
	}
	return suspended
}

// resumeForm answers a sign-in with the suspended form, filled in again, for the user of the session that value begins.
// It reports false if no form is registered for its path, and fails if the user may not open it.
func (c *Console) resumeForm(ec echo.Context, value token.Token, suspended page.SuspendedForm) (bool, error) {
	typed := url.Values{}
	for _, f := range suspended.Fields {
		typed.Add(strings.TrimPrefix(f.Name, suspendedPrefix), f.Value)
	}
	request := ec.Request().Clone(ec.Request().Context())
	request.URL, request.Form, request.PostForm = &url.URL{Path: suspended.Path}, typed, typed
	form := ec.Echo().NewContext(request, ec.Response())
	ec.Echo().Router().Find(http.MethodPost, suspended.Path, form)
	again := c.resumable[form.Path()]
	if again == nil {
		return false, nil
	}
	session, _, err := c.porter.FindSession(request.Context(), value.Reveal())
	if err != nil {
		return true, err
	}
	r := requester{session: session, actor: session.Actor(c.clientInfo(ec))}
	if form.Param("subscription") != "" {
		if r, err = c.inSubscription(form, r); err != nil {
			return true, err
		}
	}
	ec.Set(requesterKey, r)
	return true, again(form, r, http.StatusOK, "")
}

// answerStaleForm answers a form whose CSRF token is not the session's: with the form, filled in again, if it is
// resumable.
func (c *Console) answerStaleForm(ec echo.Context, r requester) error {
	again, refused := c.resumable[ec.Path()], c.csrfError(ec)
	if again == nil || refused != errForged {
		return refused
	}
	err := again(ec, r, http.StatusForbidden, formOutOfDate)
	if errors.Is(err, keyporter.ErrForbidden) || errors.Is(err, keyporter.ErrNotFound) {
		return errForged
	}
	return err
}

// wholeFormError returns sentence as an error of the form as a whole; nil if it is empty.
func wholeFormError(sentence string) part.Errors {
	if sentence == "" {
		return nil
	}
	return part.Errors{"": sentence}
}

func (k keyPages) resumeNewKey(ec echo.Context, r requester, status int, sentence string) error {
	ctx, actor, subscription := r.operationArgs(ec)
	if err := k.porter.CheckMayCreate(ctx, actor, subscription, k.kind); err != nil {
		return err
	}
	view := sentKey(ec)
	view.Errors = wholeFormError(sentence)
	return k.newKeyPage(ec, r, status, view)
}

func (c *Console) resumeNewApplication(ec echo.Context, r requester, status int, sentence string) error {
	if err := c.porter.CheckManagesApplications(r.operationArgs(ec)); err != nil {
		return err
	}
	view := page.NewApplicationView{
		Name: cleanText(field(ec, "name")), Platform: field(ec, "platform"), Errors: wholeFormError(sentence),
	}
	return c.newApplicationPage(ec, r, status, view)
}

func (c *Console) resumeNewMember(ec echo.Context, r requester, status int, sentence string) error {
	ctx, actor, subscription := r.operationArgs(ec)
	if err := c.porter.CheckAdministers(ctx, actor, subscription, "add users"); err != nil {
		return err
	}
	view := page.NewMemberView{
		Name: cleanText(field(ec, "name")), Email: cleanText(field(ec, "email")), Role: field(ec, "role"),
		KeyAccess: field(ec, "key_access") == "on", Errors: wholeFormError(sentence),
	}
	return c.newMemberPage(ec, r, status, view)
}

func (c *Console) resumeNewExclude(ec echo.Context, r requester, status int, sentence string) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	if err := c.porter.CheckManagesExcludeList(r.operationArgs(ec)); err != nil {
		return err
	}
	view := page.NewExcludeView{
		Kind: string(kind), Text: cleanText(field(ec, "entries")), Errors: wholeFormError(sentence),
	}
	return c.newExcludePage(ec, r, status, view)
}

func (c *Console) resumeNewSubscription(ec echo.Context, r requester, status int, sentence string) error {
	if err := c.porter.CheckOperates(ec.Request().Context(), r.actor); err != nil {
		return err
	}
	view := page.NewSubscriptionView{
		Subscription: cleanText(field(ec, "subscription")), Name: cleanText(field(ec, "name")),
		Email:  cleanText(field(ec, "email")),
		Errors: wholeFormError(sentence),
	}
	return c.newSubscriptionPage(ec, r, status, view)
}
