// Package server puts the parts together behind one listener: the console with what every page needs around it, and
// beside that chain, not behind it, the gate, the static files and the health checks.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"keyporter/docs"
	"keyporter/internal/config"
	"keyporter/internal/console"
	"keyporter/internal/gate"
	"keyporter/internal/keyporter"
	"keyporter/static"
)

// A Server answers everything that is asked of one listener.
type Server struct {
	handler http.Handler
	log     *slog.Logger
}

// Parts are what a Server is made of.
type Parts struct {
	Config config.Serve
	Porter *keyporter.Porter
	Ready  func(context.Context) error // fails while the database does not answer
	Now    func() time.Time            // the clock, time.Now if nil
	Log    *slog.Logger
}

// New returns a server.
func New(p Parts) (*Server, error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	apiDoc, err := docs.API(p.Config.PublicURL.String())
	if err != nil {
		return nil, err
	}
	peers := newPeers(p.Config.TrustedProxies, p.Now, p.Log)
	pages, err := console.New(p.Porter, console.Options{
		PublicURL: p.Config.PublicURL, Client: peers.client, Now: p.Now, Log: p.Log, APIDoc: apiDoc,
	})
	if err != nil {
		return nil, err
	}
	mux := &doors{
		gate:    gate.New(p.Porter, peers.trusted, peers.client, newRequestID, p.Log),
		static:  strict(p.Config, static.Handler()),
		health:  health(p.Ready),
		console: strict(p.Config, chain(pages, peers, p.Log)),
	}
	return &Server{handler: mux, log: p.Log}, nil
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// doors sends each request through the door that its path names.
type doors struct{ gate, static, health, console http.Handler }

func (d *doors) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case gate.Owns(path):
		d.gate.ServeHTTP(w, r)
	case strings.HasPrefix(path, static.Prefix):
		d.static.ServeHTTP(w, r)
	case path == "/healthz" || path == "/readyz":
		d.health.ServeHTTP(w, r)
	default:
		d.console.ServeHTTP(w, r)
	}
}

// chain is what surrounds every page: request ID, log, headers, and the recovery from a panic.
func chain(pages *console.Console, peers peers, log *slog.Logger) http.Handler {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = pages.HandleError
	e.Use(requestID, logged(peers, log), secured, recovered, pages.ForgetReveal)
	pages.Mount(e)
	return e
}

// strictTransport is 30 days: long enough for a browser that comes now and then, short enough to go back to http. It
// leaves subdomains out, which may be somebody else's.
const strictTransport = "max-age=2592000"

// strict makes browsers come by https alone where the public URL is https, unless the configuration leaves that out.
func strict(c config.Serve, next http.Handler) http.Handler {
	if c.PublicURL.Scheme != "https" || c.NoHSTS {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", strictTransport)
		next.ServeHTTP(w, r)
	})
}

// newRequestID returns 13 characters that find one request in a log. They name it and protect nothing, so they need not
// come from crypto/rand.
func newRequestID() string {
	const mark = 1 << 60 // so that all have the same length
	return strconv.FormatUint(rand.Uint64()|mark<<3, 36)[:13]
}

func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		ec.Response().Header().Set(echo.HeaderXRequestID, newRequestID())
		return next(ec)
	}
}

// policy lets a page load its own files and nothing else, and run nothing that stands in it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func secured(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		h := ec.Response().Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		return next(ec)
	}
}

// recovered turns a panic into an error, which has a page like any other.
func recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) (err error) {
		defer func() {
			switch fault := recover(); fault {
			case nil:
			case http.ErrAbortHandler: // net/http's own way to break a connection off
				panic(fault)
			default:
				err = fmt.Errorf("panic: %v\n%s", fault, debug.Stack())
			}
		}()
		return next(ec)
	}
}

func health(ready func(context.Context) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if r.URL.Path == "/readyz" && ready(ctx) != nil {
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
}

// drainTime is how long requests in flight have once the server is told to stop.
const drainTime = 10 * time.Second

// Serve answers on the listener until ctx ends, then lets requests in flight finish.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s.handler,
		// One bound for a request's headers and body together.
		ReadTimeout:    10 * time.Second,
		WriteTimeout:   30 * time.Second,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	kept, stop := newDeadlineListener(l), make(chan struct{})
	defer close(stop)
	go kept.watch(stop)
	done := make(chan error, 1)
	go func() { done <- server.Serve(kept) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		s.log.Warn("some requests were not finished in time and are cut off", "error", err)
		server.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
