package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"keyporter/internal/config"
)

// An env is what a command uses of its process. A test passes its own.
type env struct {
	environ        []string // as "NAME=value"
	stdin          io.Reader
	stdout, stderr io.Writer
}

// getenv returns the last value of a variable, as [os.Getenv] does.
func (e env) getenv(name string) string {
	value := ""
	for _, entry := range e.environ {
		if n, v, _ := strings.Cut(entry, "="); n == name {
			value = v
		}
	}
	return value
}

// A command is a sub-command: `keyporter NAME`.
type command struct {
	name, summary string
	run           func(ctx context.Context, args []string, e env) error
}

func commands() []command {
	return []command{
		{"serve", "serve the console and the gate", serve},
		{"setup", "make the first subscription and user without a browser", setup},
		{"demo", "serve a database of its own, filled as after a year of use", runDemo},
		{"reset-password", "print a one-time link to choose a new password", resetPassword},
		{"operator", "make a user an operator, or not any more", operator},
		{"move", "copy a whole installation into another, empty database", move},
		{"version", "print versions", version},
	}
}

const usage = `Keyporter: the console for integration keys, and the gate that judges API requests by them.

Usage:
  keyporter COMMAND [FLAGS]

Commands:
%s
  keyporter help COMMAND says more, and so does keyporter COMMAND --help.

Example:
  keyporter serve --public-url https://keys.example.com`

func usageText() string {
	var list strings.Builder
	for _, c := range commands() {
		fmt.Fprintf(&list, "  %-16s%s\n", c.name, c.summary)
	}
	return fmt.Sprintf(usage, list.String())
}

// run runs the command that args begin with. It uses nothing of the process but its parameters, so that a test can call
// it in place of the binary.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) error {
	e := env{environ: environ, stdin: stdin, stdout: stdout, stderr: stderr}
	if len(args) == 0 {
		fmt.Fprintln(stderr, usageText())
		return fmt.Errorf("%w: no command", config.ErrUsage)
	}
	switch args[0] {
	case "help", "--help", "-help", "-h":
		if len(args) == 1 || args[1] == "help" {
			fmt.Fprintln(stdout, usageText())
			return nil
		}
		args = []string{args[1], "--help"}
	case "--version", "-version":
		args = append([]string{"version"}, args[1:]...)
	}
	if err := config.CheckEnvironment(environ); err != nil {
		return err
	}
	for _, c := range commands() {
		if c.name == args[0] {
			err := c.run(ctx, args[1:], e)
			if errors.Is(err, config.ErrUsage) {
				err = fmt.Errorf("%w; keyporter %s --help says how it is used", err, c.name)
			}
			return err
		}
	}
	return fmt.Errorf("%w: unknown command %s; keyporter --help lists them", config.ErrUsage, config.Quote(args[0]))
}

// oneLine returns the text of an error without line breaks.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
