package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"keyporter/internal/config"
	"keyporter/internal/gate"
	"keyporter/static"
)

// A router passes each request to the handler for its path.
type router struct{ gate, static, health, console http.Handler }

func (rt *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case gate.Owns(path):
		rt.gate.ServeHTTP(w, r)
	case strings.HasPrefix(path, static.Prefix):
		rt.static.ServeHTTP(w, r)
	case path == "/healthz" || path == "/readyz":
		rt.health.ServeHTTP(w, r)
	default:
		rt.console.ServeHTTP(w, r)
	}
}

// hsts is the value of Strict-Transport-Security, in seconds. 30 days are long enough for a browser that comes now and
// then, and short enough to go back to http. Subdomains are left out, because they may be another site's.
const hsts = "max-age=2592000"

// withHSTS makes browsers use https alone if the public URL is https, unless the configuration says no.
func withHSTS(c config.Serve, next http.Handler) http.Handler {
	if c.PublicURL.Scheme != "https" || c.NoHSTS {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", hsts)
		next.ServeHTTP(w, r)
	})
}

// readyTime bounds what /readyz asks the database.
const readyTime = 2 * time.Second

// health answers /healthz, which succeeds while the process serves, and /readyz, which also needs the database.
func health(ready func(context.Context) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		if r.URL.Path == "/readyz" && ready(ctx) != nil {
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
}
