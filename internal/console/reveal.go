package console

import (
	"crypto/rand"

	"github.com/labstack/echo/v4"
)

// revealCookie is set by the answer that shows a token and taken away by the next answer. Chromium keeps pages for its
// Back button although they are no-store, but not when a cookie has changed since: so Back does not show the token again,
// also without JavaScript. Its value means nothing.
const revealCookie = "reveal"

func (c *Console) markReveal(ec echo.Context) {
	ec.SetCookie(c.sessions.cookie(c.sessions.cookieName(revealCookie), rand.Text(), 0))
}

// ForgetReveal is middleware for every page: it takes away the cookie that marks a page with a token.
func (c *Console) ForgetReveal(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		name := c.sessions.cookieName(revealCookie)
		if _, err := ec.Cookie(name); err == nil {
			ec.SetCookie(c.sessions.cookie(name, "", -1))
		}
		return next(ec)
	}
}
