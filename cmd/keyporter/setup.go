package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"keyporter/internal/config"
	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

const setupUsage = `Make the first subscription, and its first user as Subscription admin and operator,
without a browser.

Example:
  keyporter setup --subscription Acme --email ada@example.com --name "Ada Lindqvist" \
    --password-stdin < password.txt`

func setup(ctx context.Context, args []string, e env) error {
	f := config.NewFlags("setup", setupUsage, e.getenv, e.stdout)
	database := f.DatabaseFlag()
	var form keyporter.SetUpForm
	f.StringVar(&form.Subscription, "subscription", "", "the name of the first subscription")
	f.StringVar(&form.Email, "email", "", "the first user's email address")
	f.StringVar(&form.Name, "name", "", "the first user's name")
	fromStdin := f.Bool("password-stdin", false, "read the password from standard input, up to the first line break")
	if err := f.Parse(args); err != nil {
		return err
	}
	path, err := database()
	if err != nil {
		return err
	}
	if err := checkNotSetUp(ctx, path); err != nil {
		return err
	}
	if !*fromStdin {
		return fmt.Errorf("%w: --password-stdin is missing; a password on the command line could be read by others",
			config.ErrUsage)
	}
	if form.Password, err = readPassword(e.stdin); err != nil {
		return err
	}
	if form, err = form.Check(); err != nil { // before a database is created for it
		return describe(err)
	}
	s, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer s.Close()
	id, err := keyporter.New(s, keyporter.Options{}).SetUpFromCommandLine(ctx, form)
	if err != nil {
		return describe(err)
	}
	fmt.Fprintf(e.stdout, "Set up: subscription %s, Subscription admin and operator %s. "+
		"Integration Keys are available and off.\n", id, form.Email)
	return nil
}

// checkNotSetUp fails for a database that is set up. It creates no database; what else may be wrong with one is
// reported when it is opened.
func checkNotSetUp(ctx context.Context, path string) error {
	s, err := store.OpenAttached(ctx, path)
	if err != nil {
		return nil
	}
	defer s.Close()
	return describe(keyporter.New(s, keyporter.Options{}).CheckNotSetUp(ctx))
}

// maxPasswordLine is longer than any password, in bytes.
const maxPasswordLine = 4096

// readPassword reads the first line.
func readPassword(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, maxPasswordLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// describe returns a refusal as an error with the words that a form would show.
func describe(err error) error {
	var invalid keyporter.Invalid
	var conflict *keyporter.Conflict
	switch {
	case errors.As(err, &invalid):
		var parts []string
		for _, field := range slices.Sorted(maps.Keys(invalid)) {
			parts = append(parts, field+": "+invalid[field])
		}
		return errors.New(strings.Join(parts, " "))
	case errors.As(err, &conflict):
		return errors.New(conflict.Why)
	}
	return err
}
