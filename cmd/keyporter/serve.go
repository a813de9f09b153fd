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

func serve(ctx context.Context, args []string, w world) error {
	settings, err := config.ParseServe(serveUsage, args, w.getenv, w.stdout)
	if err != nil {
		return err
	}
	i, err := open(ctx, settings, time.Now, w.stderr)
	if err != nil && ctx.Err() != nil { // it was told to stop before it served
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
			fmt.Fprintf(w.stderr, "Set up Keyporter with this link, good for one hour:\n\n  %s/setup?token=%s\n\n", i.settings.PublicURL, link.Reveal())
		}
	})
}

// slowOpening is how long opening a database takes before the log says that it goes on.
const slowOpening = 3 * time.Second

// An installation is an open database with everything that serves it.
type installation struct {
	settings config.Serve
	store    *store.Store
	porter   *keyporter.Porter
	server   *server.Server
	listener net.Listener
	log      *slog.Logger
}

// open takes the port before the database, so that whichever is in use is told at once.
func open(ctx context.Context, settings config.Serve, now func() time.Time, stderr io.Writer) (*installation, error) {
	i := &installation{settings: settings, log: newLog(settings, stderr)}
	var err error
	if i.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", settings.Listen); err != nil {
		return nil, err
	}
	if i.settings.GuessedURL {
		i.settings.PublicURL = config.LocalURL(i.listener.Addr().(*net.TCPAddr).Port)
	}
	patience := time.AfterFunc(slowOpening, func() {
		i.log.Info("the database is still being opened: it may be very large, or another process may be changing its schema")
	})
	i.store, err = store.Open(ctx, settings.Database)
	patience.Stop()
	if err != nil {
		i.listener.Close()
		return nil, err
	}
	i.porter = keyporter.New(i.store, keyporter.Options{
		TokenPrefix: settings.TokenPrefix, OperatorContact: settings.OperatorContact, ReadPaths: settings.ReadPaths, Now: now, Log: i.log,
	})
	i.server, err = server.New(server.Parts{Config: i.settings, Porter: i.porter, Ready: i.store.Ready, Now: now, Log: i.log})
	if err != nil {
		i.close()
		return nil, err
	}
	return i, nil
}

func (i *installation) close() error {
	i.listener.Close() // which serving has closed already
	return i.store.Close()
}

// garbageRoom is how many bytes of garbage may gather at the least before they are collected. It is memory that is
// reserved and never touched: it counts for the collector, which waits for the heap to double, and usually takes none of
// the machine's. With few keys the heap is so small that the collector would run many times a second.
const garbageRoom = 24 << 20

// serve answers until ctx ends; then requests in flight finish, and what was gathered is written. The function
// started is called once the listener accepts.
func (i *installation) serve(ctx context.Context, started func()) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	finished := make(chan struct{})
	go func() { i.porter.Run(work); close(finished) }()
	room := make([]byte, garbageRoom)
	defer runtime.KeepAlive(room)
	i.log.Info("serving", "address", i.listener.Addr().String(), "url", i.settings.PublicURL.String(), "database", store.RedactedURL(i.settings.Database))
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
		panic(err) // config has checked it
	}
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}
