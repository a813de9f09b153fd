package console

import (
	"github.com/labstack/echo/v4"

	"keyporter/internal/token"
)

// deviceCookie holds an opaque value for each user who has signed in in this browser. It opens nothing: with it a right password is
// not kept waiting by the wrong ones of others.
const deviceCookie = "device"

const deviceSeconds = 365 * 24 * 60 * 60

// device is what the browser's device cookie holds; "" without one.
func (c *Console) device(ec echo.Context) string {
	cookie, err := ec.Cookie(c.sessions.cookieName(deviceCookie))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// rememberDevice makes the browser known for the user of a session that has just begun. Where that cannot be written the sign-in
// is done all the same.
func (c *Console) rememberDevice(ec echo.Context, session token.Token) {
	cookie, err := c.porter.RememberDevice(ec.Request().Context(), session, c.origin(ec).Device)
	if err != nil {
		c.options.Log.Warn("the browser could not be remembered", "error", err)
		return
	}
	ec.SetCookie(c.sessions.cookie(c.sessions.cookieName(deviceCookie), cookie.Reveal(), deviceSeconds))
}
