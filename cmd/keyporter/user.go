package main

import (
	"context"
	"errors"
	"fmt"

	"keyporter/internal/config"
	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

// withUser adds --database and --email to a command's flags, parses args, and runs do if check finds the other flags
// valid.
func withUser(ctx context.Context, f *config.Flags, args []string, check func() error,
	do func(p *keyporter.Porter, email string) error) error {
	database := f.DatabaseFlag()
	email := f.String("email", "", "the user's email address")
	if err := f.Parse(args); err != nil {
		return err
	}
	if err := check(); err != nil {
		return err
	}
	if *email == "" {
		return fmt.Errorf("%w: --email is missing", config.ErrUsage)
	}
	path, err := database()
	if err != nil {
		return err
	}
	s, err := store.OpenAttached(ctx, path)
	if err != nil {
		return err
	}
	defer s.Close()
	p := keyporter.New(s, keyporter.Options{})
	err = do(p, *email)
	if errors.Is(err, keyporter.ErrNotFound) {
		return noAccount(ctx, p, *email)
	}
	return describe(err)
}

// noAccount returns an error that says why no user has an address.
func noAccount(ctx context.Context, p *keyporter.Porter, email string) error {
	invited, err := p.IsInvited(ctx, email)
	switch {
	case err != nil:
		return err
	case invited:
		return fmt.Errorf("%s is invited, and has not joined yet", email)
	}
	return fmt.Errorf("nobody has the address %s", email)
}
