package main

import (
	"context"
	"fmt"
	"io"
	"net/url"

	"keyporter/internal/config"
	"keyporter/internal/keyporter"
)

const resetUsage = `Print a one-time link to choose a new password, good for 72 hours. It works while the server runs.

The link begins with the public URL that keyporter serve used last on this database, unless --public-url says another.

Example:
  keyporter reset-password --email ada@example.com`

func resetPassword(ctx context.Context, args []string, e env) error {
	f := config.NewFlags("reset-password", resetUsage, e.getenv, e.stdout)
	publicURL := f.PublicURLFlag("where people reach the console (default the one that keyporter serve used last)")
	var base *url.URL
	check := func() (err error) {
		base, err = publicURL()
		return err
	}
	return withUser(ctx, f, args, check, func(p *keyporter.Porter, email string) error {
		user, value, err := p.NewPasswordLink(ctx, email)
		if err != nil {
			return err
		}
		address, err := servedURL(ctx, p, base, e.stderr)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.stderr, "A link for %s (%s, user ID %s), good for 72 hours and one use:\n",
			user.Name, user.Email, user.ID)
		fmt.Fprintf(e.stdout, "%s/new-password?token=%s\n", address, value.Reveal())
		return nil
	})
}

// servedURL returns the public URL that was given, or the one that the database was served with last. For a database
// that was never served it returns the default of keyporter serve, and prints a note about it to stderr.
func servedURL(ctx context.Context, p *keyporter.Porter, given *url.URL, stderr io.Writer) (string, error) {
	if given != nil {
		return given.String(), nil
	}
	kept, err := p.PublicURL(ctx)
	if err == nil && kept == "" {
		kept = config.LocalURL(config.DefaultPort).String()
		fmt.Fprintf(stderr, "keyporter serve has not run on this database yet: "+
			"unless it serves at %s, give --public-url.\n", kept)
	}
	return kept, err
}
