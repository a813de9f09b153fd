package console

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/web/page"
)

// errForged refuses a form that did not come from a page of this console.
var errForged = errors.New("the form did not come from this console")

// A plainHTTPError refuses a form of a page that was opened over http although the public URL is https. Browsers store
// no Secure cookie there, so no form can succeed.
type plainHTTPError struct{ publicURL string }

func (e *plainHTTPError) Error() string {
	return "the console was opened over http, and its public URL is " + e.publicURL
}

func (e *plainHTTPError) problem() page.ProblemView {
	return page.ProblemView{
		Status: http.StatusForbidden, Heading: "This address must be https",
		Text: "This console works at " + e.publicURL + " alone, and the form came from a page that was opened " +
			"over http, where a browser keeps no sign-in. Nothing was changed. Open " + e.publicURL +
			" and repeat it there.",
		BackHref: e.publicURL, BackText: "Open " + e.publicURL,
	}
}

// csrfError returns the error for a form without a valid token. It logs the case that only another setting can solve:
// pages opened over http with an https public URL.
func (c *Console) csrfError(ec echo.Context) error {
	if !c.sessions.secure || !overHTTP(ec.Request()) {
		return errForged
	}
	if cookie, err := ec.Cookie(c.sessions.cookieName("form")); err == nil && cookie.Value != "" {
		return errForged
	}
	err := &plainHTTPError{c.options.PublicURL.String()}
	c.options.Log.Warn("a form was refused: the console was opened over http, where browsers keep no Secure cookie; "+
		"open it at the public URL, or start with an http --public-url",
		"url", err.publicURL, "host", ec.Request().Host)
	return err
}

// overHTTP reports whether a browser opened the page over http, according to headers that anybody can send. It decides
// only what a refusal says.
func overHTTP(r *http.Request) bool {
	for _, name := range []string{"Origin", "Referer"} {
		if u, err := url.Parse(r.Header.Get(name)); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
			return u.Scheme == "http"
		}
	}
	return r.TLS == nil && !strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// formToken returns the CSRF token of a page's forms. It is bound to the session, or, before a sign-in, to a cookie of
// its own. [http.CrossOriginProtection] is checked in addition: it lets requests with neither Origin nor Sec-Fetch-Site
// pass, and a token alone fails where an attacker can set a cookie.
func (c *Console) formToken(ec echo.Context, r requester) string {
	if r.signedIn() {
		return r.session.FormToken()
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
	ec.Request().AddCookie(cookie) // so that the page's other forms get the same token
	return visitorToken(value)
}

// isFormToken reports whether text is the token that [Console.formToken] returned to this browser.
func (c *Console) isFormToken(ec echo.Context, r requester, text string) bool {
	if r.signedIn() && r.session.IsFormToken(text) {
		return true
	}
	if r.signedIn() && !r.public { // a public form may have been opened before a sign-in in another tab
		return false
	}
	cookie, err := ec.Cookie(c.sessions.cookieName("form"))
	return err == nil && cookie.Value != "" &&
		subtle.ConstantTimeCompare([]byte(visitorToken(cookie.Value)), []byte(text)) == 1
}

// visitorToken derives the token of a visitor's forms from the value of their form cookie.
func visitorToken(value string) string {
	sum := sha256.Sum256([]byte("form " + value))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
