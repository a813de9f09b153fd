package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"keyporter/internal/config"
	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

const resetUsage = `Print a one-time link to choose a new password, good for 72 hours. It works while the server runs.

Example:
  keyporter reset-password --email ada@example.com --public-url https://keys.example.com`

func resetPassword(ctx context.Context, args []string, w world) error {
	f := config.NewFlags("reset-password", resetUsage, w.getenv, w.stdout)
	publicURL := f.PublicURLFlag()
	var base *url.URL
	check := func() (err error) {
		base, err = publicURL()
		return err
	}
	return person(ctx, f, args, check, func(p *keyporter.Porter, email string) error {
		user, value, err := p.NewPasswordLink(ctx, email)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stderr, "A link for %s, good for 72 hours and one use:\n", user.Email)
		fmt.Fprintf(w.stdout, "%s/new-password?token=%s\n", base, value.Reveal())
		return nil
	})
}

const operatorUsage = `Make a user an operator, or not any more. It works while the server runs.

Usage:
  keyporter operator add|remove --email ADDRESS

Example:
  keyporter operator add --email ada@example.com`

func operator(ctx context.Context, args []string, w world) error {
	f := config.NewFlags("operator", operatorUsage, w.getenv, w.stdout)
	deed := ""
	if len(args) > 0 && (args[0] == "add" || args[0] == "remove") {
		deed, args = args[0], args[1:]
	}
	check := func() error {
		if deed == "" {
			return fmt.Errorf("%w: operator takes add or remove", config.ErrUsage)
		}
		return nil
	}
	return person(ctx, f, args, check, func(p *keyporter.Porter, email string) error {
		user, err := p.SetOperator(ctx, email, deed == "add")
		if err != nil {
			return err
		}
		if deed == "add" {
			fmt.Fprintf(w.stdout, "%s is an operator.\n", user.Email)
		} else {
			fmt.Fprintf(w.stdout, "%s is no operator any more.\n", user.Email)
		}
		return nil
	})
}

// person runs a deed on the user whom --email names, if check finds nothing wrong with what was asked for.
func person(ctx context.Context, f *config.Flags, args []string, check func() error, do func(p *keyporter.Porter, email string) error) error {
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
	s, err := store.OpenBeside(ctx, path)
	if err != nil {
		return err
	}
	defer s.Close()
	err = do(keyporter.New(s, keyporter.Options{}), *email)
	if errors.Is(err, keyporter.ErrNotFound) {
		return fmt.Errorf("nobody has the address %s", *email)
	}
	return err
}
