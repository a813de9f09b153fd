package server

import (
	"log/slog"
	"net/url"
	"regexp"
	"time"

	"github.com/labstack/echo/v4"
)

// tokenShape is anything that could be a token of any brand, however damaged; what follows its prefix is masked.
var tokenShape = regexp.MustCompile(`([a-z0-9]{2,8}(?:int|fbk|app)_)[0-9A-Za-z_%]+`)

// masked also finds a token behind percent-encoding, however often it was applied.
func masked(path string) string {
	for range 3 {
		plain, err := url.PathUnescape(path)
		if err != nil || plain == path {
			break
		}
		path = plain
	}
	return tokenShape.ReplaceAllString(path, "${1}…")
}

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
			log.Info("request", "method", r.Method, "path", masked(r.URL.Path), "status", ec.Response().Status,
				"duration", time.Since(begin).Round(time.Microsecond), "client", peers.client(r),
				"request", ec.Response().Header().Get(echo.HeaderXRequestID))
			return nil
		}
	}
}
