package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"time"

	"keyporter/internal/config"
	"keyporter/internal/keyporter"
	"keyporter/internal/server"
	"keyporter/internal/store"
)

const serveUsage = `Serve the console and the gate, until SIGTERM or SIGINT.

On an empty database it prints a link to set the installation up with, good for one hour. One process serves a database
file; any number of them serve one PostgreSQL.

Example:
  keyporter serve --listen 127.0.0.1:8080 --public-url https://keys.example.com
  KEYPORTER_DATABASE_FILE=/etc/keyporter/database keyporter serve`

func serve(ctx context.Context, args []string, e env) error {
	settings, err := config.ParseServe(serveUsage, args, e.getenv, e.stdout)
	if err != nil {
		return err
	}
	i, err := openInstance(ctx, settings, time.Now, e.stderr)
	if err != nil && ctx.Err() != nil { // the process was told to stop before it served
		return nil
	}
	if err != nil {
		return err
	}
	defer i.close()
	if err := i.porter.SavePublicURL(ctx, i.settings.PublicURL.String()); err != nil {
		return err
	}
	if err := i.porter.RefoldEmails(ctx); err != nil {
		return err
	}
	link, err := i.porter.SetUpLink(ctx)
	if err != nil {
		return err
	}
	return i.serve(ctx, func() {
		if link.Reveal() != "" {
			fmt.Fprintf(e.stderr, "Set up Keyporter with this link, good for one hour:\n\n  %s/setup?token=%s\n\n",
				i.settings.PublicURL, link.Reveal())
		}
	})
}

// slowOpen is how long opening the database may take before the log says that it goes on.
const slowOpen = 3 * time.Second

// An instance is one process that serves, with its database and its listener.
type instance struct {
	settings config.Serve
	store    *store.Store
	porter   *keyporter.Porter
	server   *server.Server
	listener net.Listener
	log      *slog.Logger
}

// openInstance listens before it opens the database, so that a port in use is reported even if the database is in use
// too.
func openInstance(ctx context.Context, settings config.Serve, now func() time.Time, stderr io.Writer,
) (*instance, error) {
	i := &instance{settings: settings, log: newLog(settings, stderr)}
	var err error
	if i.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", settings.Listen); err != nil {
		return nil, err
	}
	if i.settings.IsDefaultURL {
		i.settings.PublicURL = config.LocalURL(i.listener.Addr().(*net.TCPAddr).Port)
	}
	slow := time.AfterFunc(slowOpen, func() {
		i.log.Info("the database is still being opened: it may be very large, " +
			"or another process may be changing its schema")
	})
	i.store, err = store.Open(ctx, settings.Database)
	slow.Stop()
	if err != nil {
		i.listener.Close()
		return nil, err
	}
	i.porter = keyporter.New(i.store, keyporter.Options{
		TokenPrefix: settings.TokenPrefix, OperatorContact: settings.OperatorContact, ReadPaths: settings.ReadPaths,
		Now: now, OwnClock: i.store.JudgesByOwnClock(), Log: i.log,
	})
	i.server, err = server.New(server.Options{
		Config: i.settings, Porter: i.porter, Ready: i.store.Ready, Now: now, Log: i.log,
	})
	if err != nil {
		i.close()
		return nil, err
	}
	return i, nil
}

func (i *instance) close() error {
	i.listener.Close() // an error means that serving has closed it already
	return i.store.Close()
}

// heapBallast is the size in bytes of memory that is allocated and never used. The garbage collector waits for the heap
// to double; with few keys the heap is so small that it would run many times a second. Memory that is never touched
// usually takes none of the machine's.
const heapBallast = 24 << 20

// serve answers requests until ctx ends. Then it lets requests in flight finish and writes recorded uses. It calls
// started once the listener accepts connections.
func (i *instance) serve(ctx context.Context, started func()) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	finished := make(chan struct{})
	go func() { i.porter.Run(work); close(finished) }()
	ballast := make([]byte, heapBallast)
	defer runtime.KeepAlive(ballast)
	i.log.Info("serving", "address", i.listener.Addr().String(), "url", i.settings.PublicURL.String(),
		"database", store.RedactedURL(i.settings.Database))
	started()
	err := i.server.Serve(ctx, i.listener)
	stop()
	<-finished
	i.log.Info("stopped")
	return err
}

func newLog(s config.Serve, out io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		panic(err) // never: config has checked it
	}
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}
