package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"keyporter/internal/config"
	"keyporter/internal/demo"
	"keyporter/internal/store"
)

const demoUsage = `Serve a database of its own in a temporary folder, filled as after a year of use, and print who can
sign in. Everything is thrown away at the end. It takes the flags of serve except --database.

Example:
  keyporter demo`

func runDemo(ctx context.Context, args []string, e env) error {
	settings, err := config.ParseDemo(demoUsage, args, e.getenv, e.stdout)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "keyporter-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	settings.Database = filepath.Join(folder, "keyporter.db")
	if settings.OperatorContact == "" {
		settings.OperatorContact = "your account representative, support@example.com"
	}
	// Each demo gets its own password: Keyporter has no default one.
	password := strings.ToLower(rand.Text()[:16])
	contents, err := fillDemo(ctx, settings.Database, password)
	if err != nil {
		return fmt.Errorf("fill the demo: %w", err)
	}
	i, err := openInstance(ctx, settings, time.Now, e.stderr)
	if err != nil {
		return err
	}
	defer i.close()
	return i.serve(ctx, func() {
		fmt.Fprintf(e.stdout, "Open %s and sign in with the password %s as\n\n", i.settings.PublicURL, password)
		for _, u := range contents.Users {
			fmt.Fprintf(e.stdout, "  %-22s %s\n", u.Email, u.Description)
		}
		fmt.Fprint(e.stdout, "\nIts applications, and an integration key that reads all of them:\n\n")
		for _, a := range contents.Applications {
			fmt.Fprintf(e.stdout, "  %-22s %s\n", a.ID, a.Name)
		}
		fmt.Fprintf(e.stdout, "  %s\n", contents.Key.Reveal())
		fmt.Fprintln(e.stdout, "\nEverything in it is thrown away when you stop it with Ctrl-C.")
	})
}

func fillDemo(ctx context.Context, path, password string) (demo.Contents, error) {
	s, err := store.Open(ctx, path)
	if err != nil {
		return demo.Contents{}, err
	}
	defer s.Close()
	return demo.Fill(ctx, s, password, time.Now())
}
