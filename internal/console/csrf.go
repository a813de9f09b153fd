package console

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

const (
	// maxForm is more than most forms of ours can fill, in bytes: 200 characters and a password of 128, percent-encoded.
	maxForm = 64 << 10
	// maxLargeForm is for those into which a list is pasted.
	maxLargeForm = 1 << 20
)

// errForged refuses a form that did not come from a page of ours.
var errForged = errors.New("the form did not come from this console")

// A plainHTTP refuses a form of a page that was opened over http although the public URL is https: browsers keep no Secure
// cookie there, so that no form can ever succeed.
type plainHTTP struct{ publicURL string }

func (p *plainHTTP) Error() string {
	return "the console was opened over http, and its public URL is " + p.publicURL
}

// forged returns what a form without its token is refused with, and logs the case that a setting has to correct.
func (c *Console) forged(ec echo.Context) error {
	if !c.sessions.secure || !overHTTP(ec.Request()) {
		return errForged
	}
	if cookie, err := ec.Cookie(c.sessions.cookieName("form")); err == nil && cookie.Value != "" {
		return errForged
	}
	err := &plainHTTP{c.options.PublicURL.String()}
	c.options.Log.Warn("a form was refused: the console was opened over http, where browsers keep no Secure cookie; open it at the public URL, or start with an http --public-url",
		"url", err.publicURL, "host", ec.Request().Host)
	return err
}

// overHTTP reports whether a browser opened the page over http, as far as headers tell. It chooses what a refusal says, so
// that it may be asked of headers that anybody can send.
func overHTTP(r *http.Request) bool {
	for _, name := range []string{"Origin", "Referer"} {
		if u, err := url.Parse(r.Header.Get(name)); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
			return u.Scheme == "http"
		}
	}
	return r.TLS == nil && !strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// readForm reads a posted form, so that what is too large or malformed is refused before anything looks into it.
func readForm(ec echo.Context, most int64) error {
	r := ec.Request()
	if r.ContentLength == 0 {
		return nil // an empty form, which nothing accepts
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	r.Body = http.MaxBytesReader(ec.Response(), r.Body, most)
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return echo.NewHTTPError(http.StatusRequestEntityTooLarge)
	case err != nil:
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	return nil
}

// field returns what a posted form has in a field. What stands in the address does not count.
func field(ec echo.Context, name string) string { return ec.Request().PostFormValue(name) }

// formToken returns what the forms of a page send back: bound to the session, or, before there is one, to a cookie that
// serves nothing else. Beside it stands the check of Origin and Sec-Fetch-Site: either alone has a hole.
func (c *Console) formToken(ec echo.Context, v visit) string {
	if v.signedIn() {
		return v.session.FormToken()
	}
	name := c.sessions.cookieName("form")
	if cookie, err := ec.Cookie(name); err == nil && cookie.Value != "" {
		return visitorToken(cookie.Value)
	}
	var raw [32]byte
	rand.Read(raw[:])
	value := base64.RawURLEncoding.EncodeToString(raw[:])
	cookie := c.sessions.cookie(name, value, 0)
	ec.SetCookie(cookie)
	ec.Request().AddCookie(cookie) // another form of the same page finds it
	return visitorToken(value)
}

func (c *Console) isFormToken(ec echo.Context, v visit, text string) bool {
	if v.signedIn() && v.session.IsFormToken(text) {
		return true
	}
	if v.signedIn() && !v.open { // a sign-in form may have been opened before a sign-in in another tab
		return false
	}
	cookie, err := ec.Cookie(c.sessions.cookieName("form"))
	return err == nil && cookie.Value != "" && subtle.ConstantTimeCompare([]byte(visitorToken(cookie.Value)), []byte(text)) == 1
}

func visitorToken(value string) string {
	sum := sha256.Sum256([]byte("form " + value))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
