package server

import (
	"log/slog"
	"time"

	"github.com/labstack/echo/v4"

	"keyporter/internal/token"
)

// logged writes one line for each request of the console, when it is answered. Queries are left out: they can hold
// one-time links, and what people search for.
func logged(peers peers, log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ec echo.Context) error {
			begin := time.Now()
			if err := next(ec); err != nil {
				ec.Error(err)
			}
			r := ec.Request()
			log.Info("request", "method", r.Method, "path", token.MaskPath(r.URL.Path), "status", ec.Response().Status,
				"duration", time.Since(begin).Round(time.Microsecond), "client", peers.client(r),
				"request", ec.Response().Header().Get(echo.HeaderXRequestID))
			return nil
		}
	}
}
