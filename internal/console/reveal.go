package console

import (
	"crypto/rand"

	"github.com/labstack/echo/v4"
)

// revealCookie is set by the answer that shows a token and deleted by the next answer. Its value is random. Chromium
// keeps no-store pages for its Back button, except when a cookie has changed since, so Back does not show the token
// again even without JavaScript.
const revealCookie = "reveal"

// setRevealCookie marks the answer as one that shows a token.
func (c *Console) setRevealCookie(ec echo.Context) {
	ec.SetCookie(c.sessions.cookie(c.sessions.cookieName(revealCookie), rand.Text(), 0))
}

// ForgetReveal is middleware for every page. It deletes the cookie of an earlier page that showed a token.
func (c *Console) ForgetReveal(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		name := c.sessions.cookieName(revealCookie)
		if _, err := ec.Cookie(name); err == nil {
			ec.SetCookie(c.sessions.cookie(name, "", -1))
		}
		return next(ec)
	}
}
