package console

import (
	"github.com/labstack/echo/v4"

	"keyporter/internal/token"
)

// The device cookie has a random value for each user who has signed in with this browser. It gives no access: it
// exempts a right password from the waiting time that other browsers' wrong ones cause.
const (
	deviceCookie  = "device"
	deviceSeconds = 365 * 24 * 60 * 60
)

// deviceValue returns the value of the browser's device cookie; "" without one.
func (c *Console) deviceValue(ec echo.Context) string {
	cookie, err := ec.Cookie(c.sessions.cookieName(deviceCookie))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// rememberDevice records that the user of a new session signed in with this browser. It only logs an error, because the
// sign-in is valid without.
func (c *Console) rememberDevice(ec echo.Context, session token.Token) {
	cookie, err := c.porter.RememberDevice(ec.Request().Context(), session, c.clientInfo(ec).Device)
	if err != nil {
		c.options.Log.Warn("the browser could not be remembered", "error", err)
		return
	}
	ec.SetCookie(c.sessions.cookie(c.sessions.cookieName(deviceCookie), cookie.Reveal(), deviceSeconds))
}
