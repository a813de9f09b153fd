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

// A showAgain answers with a form as it was filled in, which is in the request, and a sentence above its fields.
type showAgain func(ec echo.Context, v visit, status int, sentence string) error

const (
	keptPath   = "kept"  // the hidden input of the sign-in form with the path that a form was posted to
	keptPrefix = "kept." // and what the names of the inputs with the form's fields begin with
	maxKept    = 16 << 10

	sessionEnded  = "Your session has ended. Nothing was done, and what you typed is kept: sign in to go on."
	formOutOfDate = "This form is out of date: it was opened in another session. Nothing was done, and what you " +
		"typed is kept: " +
		"send it again."
)

// postKept is post for a form in which somebody has typed something that must not be lost when their session ends
// meanwhile. again shows the form to who is signed in then.
func (c *Console) postKept(most int64, e *echo.Echo, path string, ask who, h handler, again showAgain) {
	c.kept[path] = again
	c.postUpTo(most, e, path, ask, h)
}

// keepForm answers a form of a visitor with the sign-in page, which carries what was typed. It reports whether it did:
// only known forms from pages of this console are kept, and none that are very long.
func (c *Console) keepForm(ec echo.Context, most int64) (bool, error) {
	if c.kept[ec.Path()] == nil || readForm(ec, most) != nil {
		return false, nil
	}
	kept := page.Kept{Path: ec.Request().URL.Path}
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
	return true, c.render(ec, http.StatusForbidden, page.SignIn(c.frame(ec, visit{}, "Sign in"), view))
}

// cleanKept is what of a typed text can stand in a page.
func cleanKept(text string) string {
	return token.Mask(strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", ""))
}

// keptForm is what the sign-in form brings back of a form that was kept.
func keptForm(ec echo.Context) page.Kept {
	kept := page.Kept{Path: localPath(field(ec, keptPath))}
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

// goOn answers a sign-in with the form that was kept, for the user of the session that has just begun. It reports false
// where there is no such form.
func (c *Console) goOn(ec echo.Context, value token.Token, kept page.Kept) (bool, error) {
	typed := url.Values{}
	for _, f := range kept.Fields {
		typed.Add(strings.TrimPrefix(f.Name, keptPrefix), f.Value)
	}
	r := ec.Request().Clone(ec.Request().Context())
	r.URL, r.Form, r.PostForm = &url.URL{Path: kept.Path}, typed, typed
	form := ec.Echo().NewContext(r, ec.Response())
	ec.Echo().Router().Find(http.MethodPost, kept.Path, form)
	again := c.kept[form.Path()]
	if again == nil {
		return false, nil
	}
	session, _, err := c.porter.FindSession(r.Context(), value.Reveal())
	if err != nil {
		return true, err
	}
	v := visit{session: session, actor: session.Actor(c.origin(ec))}
	if form.Param("subscription") != "" {
		if v, err = c.inSubscription(form, v); err != nil {
			return true, err
		}
	}
	ec.Set(visitKey, v)
	return true, again(form, v, http.StatusOK, "")
}

// outOfDate answers a form whose token is not the session's: with the form again where it is one that is kept.
func (c *Console) outOfDate(ec echo.Context, v visit) error {
	again, forged := c.kept[ec.Path()], c.forged(ec)
	if again == nil || forged != errForged { // which says what else is wrong
		return forged
	}
	err := again(ec, v, http.StatusForbidden, formOutOfDate)
	if errors.Is(err, keyporter.ErrForbidden) || errors.Is(err, keyporter.ErrNotFound) {
		return errForged
	}
	return err
}

// aboutForm is a sentence about a form as a whole; none where it is empty.
func aboutForm(sentence string) part.Errors {
	if sentence == "" {
		return nil
	}
	return part.Errors{"": sentence}
}

func (k keyPages) newKeyAgain(ec echo.Context, v visit, status int, sentence string) error {
	if err := k.porter.CheckMayCreate(ec.Request().Context(), v.actor, v.Subscription.ID, k.kind); err != nil {
		return err
	}
	view := page.NewKeyView{
		Description: cleanKept(field(ec, "description")), WriteAccess: field(ec, "write_access") == "on",
		Errors: aboutForm(sentence),
	}
	return k.newKeyPage(ec, v, status, view)
}

func (c *Console) newApplicationAgain(ec echo.Context, v visit, status int, sentence string) error {
	if err := c.porter.CheckManagesApplications(ec.Request().Context(), v.actor, v.Subscription.ID); err != nil {
		return err
	}
	view := page.NewApplicationView{
		Name: cleanKept(field(ec, "name")), Platform: field(ec, "platform"), Errors: aboutForm(sentence),
	}
	return c.newApplicationPage(ec, v, status, view)
}

func (c *Console) newMemberAgain(ec echo.Context, v visit, status int, sentence string) error {
	if err := c.porter.CheckAdministers(ec.Request().Context(), v.actor, v.Subscription.ID, "add users"); err != nil {
		return err
	}
	view := page.NewMemberView{
		Name: cleanKept(field(ec, "name")), Email: cleanKept(field(ec, "email")), Role: field(ec, "role"),
		KeyAccess: field(ec, "key_access") == "on", Errors: aboutForm(sentence),
	}
	return c.newMemberPage(ec, v, status, view)
}

func (c *Console) newExcludeAgain(ec echo.Context, v visit, status int, sentence string) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	if err := c.porter.CheckKeepsExcludeList(ec.Request().Context(), v.actor, v.Subscription.ID); err != nil {
		return err
	}
	view := page.NewExcludeView{Kind: string(kind), Text: cleanKept(field(ec, "entries")), Errors: aboutForm(sentence)}
	return c.newExcludePage(ec, v, status, view)
}

func (c *Console) newSubscriptionAgain(ec echo.Context, v visit, status int, sentence string) error {
	if err := c.porter.CheckOperates(ec.Request().Context(), v.actor); err != nil {
		return err
	}
	view := page.NewSubscriptionView{
		Subscription: cleanKept(field(ec, "subscription")), Name: cleanKept(field(ec, "name")),
		Email:  cleanKept(field(ec, "email")),
		Errors: aboutForm(sentence),
	}
	return c.newSubscriptionPage(ec, v, status, view)
}
