package server

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"keyporter/internal/console"
	"keyporter/internal/token"
)

// withMiddleware returns the console with what every page needs: a request ID, a log record, headers, and an error page
// for a panic.
func withMiddleware(pages *console.Console, client *clientIP, log *slog.Logger) http.Handler {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = pages.HandleError
	e.Use(setRequestID, logRequests(client, log), setSecurityHeaders, recoverPanics, pages.ForgetReveal)
	pages.Mount(e)
	return e
}

// newRequestID returns 13 characters that identify a request in the log. They protect nothing, so they need not come
// from crypto/rand.
func newRequestID() string {
	const highest = 1 << 63 // so that all have the same length
	return strconv.FormatUint(rand.Uint64()|highest, 36)[:13]
}

func setRequestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		ec.Response().Header().Set(echo.HeaderXRequestID, newRequestID())
		return next(ec)
	}
}

// logRequests logs each request of the console once it is answered. Queries are left out: they can hold one-time links,
// and what people search for.
func logRequests(client *clientIP, log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ec echo.Context) error {
			begin := time.Now()
			if err := next(ec); err != nil {
				ec.Error(err)
			}
			r := ec.Request()
			log.Info("request", "method", r.Method, "path", token.MaskPath(r.URL.Path), "status", ec.Response().Status,
				"duration", time.Since(begin).Round(time.Microsecond), "client", client.addressOf(r),
				"request", ec.Response().Header().Get(echo.HeaderXRequestID))
			return nil
		}
	}
}

// contentSecurityPolicy lets a page load the server's own files and nothing else, and run no inline script or style.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func setSecurityHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		h := ec.Response().Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		return next(ec)
	}
}

// recoverPanics returns a panic as an error, so that it is answered with an error page.
func recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) (err error) {
		defer func() {
			switch value := recover(); value {
			case nil:
			case http.ErrAbortHandler: // net/http's own way to end a connection
				panic(value)
			default:
				err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
			}
		}()
		return next(ec)
	}
}
