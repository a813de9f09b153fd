package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"keyporter/internal/config"
	"keyporter/internal/keyporter"
)

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

// confirmUser fails unless the caller gave the account's user ID, or passed --yes without comparing it.
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
