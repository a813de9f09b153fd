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
)

const demoUsage = `Serve a database of its own in a temporary folder, filled as after a year of use, and print who can sign in.
Everything is thrown away at the end. It takes the flags of serve except --database.

Example:
  keyporter demo`

func demo(ctx context.Context, args []string, w world) error {
	settings, err := config.ParseDemo(demoUsage, args, w.getenv, w.stdout)
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
	// A password of its own for each demo: no installation of ours has a default one.
	password := strings.ToLower(rand.Text()[:16])
	filled, err := fillDemo(ctx, settings.Database, password, time.Now())
	if err != nil {
		return fmt.Errorf("fill the demo: %w", err)
	}
	i, err := open(ctx, settings, time.Now, w.stderr)
	if err != nil {
		return err
	}
	defer i.close()
	return i.serve(ctx, func() {
		fmt.Fprintf(w.stdout, "Open %s and sign in with the password %s as\n\n", i.settings.PublicURL, password)
		for _, p := range filled.people {
			fmt.Fprintf(w.stdout, "  %-22s %s\n", p.email, p.is)
		}
		fmt.Fprint(w.stdout, "\nIts applications, and an integration key that reads all of them:\n\n")
		for _, a := range filled.applications {
			fmt.Fprintf(w.stdout, "  %-22s %s\n", a.ID, a.Name)
		}
		fmt.Fprintf(w.stdout, "  %s\n", filled.key.Reveal())
		fmt.Fprintln(w.stdout, "\nEverything in it is thrown away when you stop it with Ctrl-C.")
	})
}
