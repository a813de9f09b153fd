// Package server serves everything on one listener. It routes each request to the console, which is an Echo with
// middleware around it, or to the gate, the static files or the health checks, which need none of that middleware.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"keyporter/docs"
	"keyporter/internal/config"
	"keyporter/internal/console"
	"keyporter/internal/gate"
	"keyporter/internal/keyporter"
	"keyporter/static"
)

// A Server answers all requests of one listener.
type Server struct {
	handler     http.Handler
	readTimeout time.Duration // of a request's headers and body together
	log         *slog.Logger
}

// Options are the settings and the parts of a Server. Every field is needed but Now and ReadTimeout.
type Options struct {
	Config config.Serve
	Porter *keyporter.Porter
	Ready  func(context.Context) error // fails while the database does not answer
	Now    func() time.Time            // the clock, time.Now if nil
	Log    *slog.Logger

	ReadTimeout time.Duration // of a request's headers and body together, 10 seconds if 0
}

// New returns a server. It fails for a public URL that config refuses, and if the description of the API cannot be
// rendered, which is a bug.
func New(p Options) (*Server, error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.ReadTimeout == 0 {
		p.ReadTimeout = 10 * time.Second
	}
	apiDoc, err := docs.API(p.Config.PublicURL.String())
	if err != nil {
		return nil, err
	}
	client := newClientIP(p.Config.TrustedProxies, p.Now, p.Log)
	pages, err := console.New(p.Porter, console.Options{
		PublicURL: p.Config.PublicURL, Client: client.addressOf, ClientAddress: client.direct, Now: p.Now, Log: p.Log,
		APIDoc: apiDoc,
	})
	if err != nil {
		return nil, err
	}
	misconfigured := newLimiter(time.Second, p.Now)
	warn := func(why string) {
		if misconfigured.allow() {
			p.Log.Warn("refused to judge for a proxy", "why", why)
		}
	}
	return &Server{
		handler: &router{
			gate: gate.New(p.Porter, gate.Options{
				Trusted: client.isProxy, ClientIP: client.find, DirectIP: client.direct,
				RequestID: newRequestID, Warn: warn,
			}),
			static:  withHSTS(p.Config, static.Handler()),
			health:  health(p.Ready),
			console: withHSTS(p.Config, withMiddleware(pages, client, p.Log)),
		},
		readTimeout: p.ReadTimeout,
		log:         p.Log,
	}, nil
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// drainTime is how long requests in flight have once the server is told to stop.
const drainTime = 10 * time.Second

// Serve answers on the listener until ctx ends, then lets requests in flight finish for up to [drainTime]. It returns
// nil after that, also if some were cut off, and an error if it stops for another reason.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler:        s.handler,
		ReadTimeout:    s.readTimeout,
		WriteTimeout:   30 * time.Second,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	listener, stop := newDeadlineListener(l), make(chan struct{})
	defer close(stop)
	go listener.watch(stop)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
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
