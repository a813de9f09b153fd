package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"keyporter/internal/config"
	"keyporter/internal/keyporter"
	"keyporter/internal/store"
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

const operatorUsage = `Make a user an operator, or not any more. It works while the server runs.

An email address does not prove who chose an account's password. So add prints whose account it is, and acts only
with --user and the user ID that you compared, or with --yes. The last operator cannot be removed.

Usage:
  keyporter operator add --email ADDRESS [--user ID | --yes]
  keyporter operator remove --email ADDRESS

Example:
  keyporter operator add --email ada@example.com
  keyporter operator add --email ada@example.com --user 4fT9aQ0bZ7Lm`

func operator(ctx context.Context, args []string, e env) error {
	f := config.NewFlags("operator", operatorUsage, e.getenv, e.stdout)
	yes := f.Bool("yes", false, "add without comparing the user ID")
	id := f.String("user", "", "add only if this is the account's user ID")
	command := ""
	if len(args) > 0 && (args[0] == "add" || args[0] == "remove") {
		command, args = args[0], args[1:]
	}
	check := func() error {
		if command == "" {
			return fmt.Errorf("%w: operator takes add or remove", config.ErrUsage)
		}
		return nil
	}
	return withUser(ctx, f, args, check, func(p *keyporter.Porter, email string) error {
		who, err := p.Person(ctx, email)
		if err != nil {
			return err
		}
		user := who.User
		if command == "add" {
			printPerson(e.stdout, who)
			if err := confirmUser(user, *id, *yes); err != nil {
				return err
			}
		}
		if _, err := p.SetOperator(ctx, user.ID, command == "add"); err != nil {
			return err
		}
		if command == "add" {
			fmt.Fprintf(e.stdout, "%s is an operator.\n", user.Email)
		} else {
			fmt.Fprintf(e.stdout, "%s is no operator any more.\n", user.Email)
		}
		return nil
	})
}

// confirmUser fails unless the caller gave the account's user ID, or said yes without comparing it.
func confirmUser(user keyporter.User, id string, yes bool) error {
	switch {
	case id == user.ID, id == "" && yes:
		return nil
	case id != "":
		return fmt.Errorf("nothing was changed: %s has another user ID than %s", user.Email, id)
	}
	return fmt.Errorf("nothing was changed: if this is who you mean, add --user %s, or --yes", user.ID)
}

// printPerson prints what distinguishes an account from another one with a similar address.
func printPerson(out io.Writer, who keyporter.Person) {
	fmt.Fprintf(out, "Name           %s\nEmail address  %s\nUser ID        %s\n", who.User.Name, who.User.Email,
		who.User.ID)
	fmt.Fprintf(out, "Account since  %s\n", moment(who.User.Created))
	switch {
	case who.User.InvitedBy != "":
		to := who.InvitedTo.Name
		if to == "" {
			to = "a subscription that is gone"
		}
		fmt.Fprintf(out, "Invited        to %s %s\n", to, invitedBy(who.Inviter))
	case who.First:
		fmt.Fprintln(out, "Invited        by nobody: the first account of this installation")
	default:
		fmt.Fprintln(out, "Invited        by somebody whom an earlier version did not record")
	}
	for _, m := range who.Memberships {
		fmt.Fprintf(out, "Member         of %s (%s) as %s, invited %s\n",
			m.Subscription.Name, m.Subscription.ID, m.Member.Role, invitedBy(m.Inviter))
	}
	if len(who.Memberships) == 0 {
		fmt.Fprintln(out, "Member         of no subscription")
	}
}

func invitedBy(by keyporter.Inviter) string {
	who := "by an account that is not recorded"
	if by.User.ID != "" {
		who = fmt.Sprintf("by %s (%s, user ID %s)", by.User.Name, by.User.Email, by.User.ID)
	}
	return who + ", " + moment(by.At)
}

func moment(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

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
