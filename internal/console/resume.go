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

// A showAgain answers with the form that the request posts, filled in as it was sent, with a sentence above its fields.
type showAgain func(ec echo.Context, r requester, status int, sentence string) error

const (
	keptPath   = "kept"   // the sign-in form's hidden input with the path that the kept form was posted to
	keptPrefix = "kept."  // how the names of its hidden inputs with the kept form's fields begin
	maxKept    = 16 << 10 // bytes of names and values; a longer form is not kept

	sessionEnded  = "Your session has ended. Nothing was done, and what you typed is kept: sign in to go on."
	formOutOfDate = "This form is out of date: it was opened in another session. " +
		"Nothing was done, and what you typed is kept: send it again."
)

// postKept registers a form whose fields survive the end of the session: the sign-in page carries them, and again shows
// them after the sign-in.
func (c *Console) postKept(maxBytes int64, e *echo.Echo, path string, g guard, h handler, again showAgain) {
	c.kept[path] = again
	c.postUpTo(maxBytes, e, path, g, h)
}

// keepForm answers a visitor's form with the sign-in page, which carries the form's fields. It reports whether it did:
// only forms that [Console.postKept] registered are kept, up to maxKept.
func (c *Console) keepForm(ec echo.Context, maxBytes int64) (bool, error) {
	if c.kept[ec.Path()] == nil || readForm(ec, maxBytes) != nil {
		return false, nil
	}
	kept := page.KeptForm{Path: ec.Request().URL.Path}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(ec.Request().PostForm)) {
		if name == "csrf" || name == "nonce" {
			continue
		}
		for _, value := range ec.Request().PostForm[name] {
			size += len(name) + len(value)
			kept.Fields = append(kept.Fields, page.KeptField{Name: keptPrefix + name, Value: cleanKept(value)})
		}
	}
	if size > maxKept {
		return false, nil
	}
	view := page.SignInView{Message: sessionEnded, Kept: kept}
	return true, c.render(ec, http.StatusForbidden, page.SignIn(c.frame(ec, requester{}, "Sign in"), view))
}

// cleanKept returns a typed text without tokens, NUL and invalid UTF-8, so that a page can show it.
func cleanKept(text string) string {
	return token.Mask(strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", ""))
}

// keptForm returns the form that a posted sign-in form carries; the zero Kept for none.
func keptForm(ec echo.Context) page.KeptForm {
	kept := page.KeptForm{Path: localPath(field(ec, keptPath))}
	if kept.Path == "" {
		return kept
	}
	for _, name := range slices.Sorted(maps.Keys(ec.Request().PostForm)) {
		if strings.HasPrefix(name, keptPrefix) {
			for _, value := range ec.Request().PostForm[name] {
				kept.Fields = append(kept.Fields, page.KeptField{Name: name, Value: cleanKept(value)})
			}
		}
	}
	return kept
}

// resumeForm answers a sign-in with the kept form, filled in again, for the user of the session that value begins. It
// reports false where no such form is registered.
func (c *Console) resumeForm(ec echo.Context, value token.Token, kept page.KeptForm) (bool, error) {
	typed := url.Values{}
	for _, f := range kept.Fields {
		typed.Add(strings.TrimPrefix(f.Name, keptPrefix), f.Value)
	}
	request := ec.Request().Clone(ec.Request().Context())
	request.URL, request.Form, request.PostForm = &url.URL{Path: kept.Path}, typed, typed
	form := ec.Echo().NewContext(request, ec.Response())
	ec.Echo().Router().Find(http.MethodPost, kept.Path, form)
	again := c.kept[form.Path()]
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

// answerStaleForm answers a form whose CSRF token is not the session's: with the form, filled in again, if it is kept.
func (c *Console) answerStaleForm(ec echo.Context, r requester) error {
	again, refused := c.kept[ec.Path()], c.csrfError(ec)
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

func (k keyPages) newKeyAgain(ec echo.Context, r requester, status int, sentence string) error {
	ctx, actor, subscription := r.scope(ec)
	if err := k.porter.CheckMayCreate(ctx, actor, subscription, k.kind); err != nil {
		return err
	}
	view := page.NewKeyView{
		Description: cleanKept(field(ec, "description")), WriteAccess: field(ec, "write_access") == "on",
		Errors: wholeFormError(sentence),
	}
	return k.newKeyPage(ec, r, status, view)
}

func (c *Console) newApplicationAgain(ec echo.Context, r requester, status int, sentence string) error {
	if err := c.porter.CheckManagesApplications(r.scope(ec)); err != nil {
		return err
	}
	view := page.NewApplicationView{
		Name: cleanKept(field(ec, "name")), Platform: field(ec, "platform"), Errors: wholeFormError(sentence),
	}
	return c.newApplicationPage(ec, r, status, view)
}

func (c *Console) newMemberAgain(ec echo.Context, r requester, status int, sentence string) error {
	ctx, actor, subscription := r.scope(ec)
	if err := c.porter.CheckAdministers(ctx, actor, subscription, "add users"); err != nil {
		return err
	}
	view := page.NewMemberView{
		Name: cleanKept(field(ec, "name")), Email: cleanKept(field(ec, "email")), Role: field(ec, "role"),
		KeyAccess: field(ec, "key_access") == "on", Errors: wholeFormError(sentence),
	}
	return c.newMemberPage(ec, r, status, view)
}

func (c *Console) newExcludeAgain(ec echo.Context, r requester, status int, sentence string) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	if err := c.porter.CheckManagesExcludeList(r.scope(ec)); err != nil {
		return err
	}
	view := page.NewExcludeView{
		Kind: string(kind), Text: cleanKept(field(ec, "entries")), Errors: wholeFormError(sentence),
	}
	return c.newExcludePage(ec, r, status, view)
}

func (c *Console) newSubscriptionAgain(ec echo.Context, r requester, status int, sentence string) error {
	if err := c.porter.CheckOperates(ec.Request().Context(), r.actor); err != nil {
		return err
	}
	view := page.NewSubscriptionView{
		Subscription: cleanKept(field(ec, "subscription")), Name: cleanKept(field(ec, "name")),
		Email:  cleanKept(field(ec, "email")),
		Errors: wholeFormError(sentence),
	}
	return c.newSubscriptionPage(ec, r, status, view)
}
