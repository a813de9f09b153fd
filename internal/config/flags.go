// Package config reads flags and environment variables, and checks them: [ParseServe] and [ParseDemo] into a [Serve];
// other commands add theirs to a [Flags] and read them after [Flags.Parse].
package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// ErrUsage is the error of a command that was called wrongly, as opposed to a value that is refused.
var ErrUsage = errors.New("wrong usage")

// A Flags holds the flags of one command. Each can also be set by an environment variable: --public-url by
// KEYPORTER_PUBLIC_URL. The command line has precedence.
type Flags struct {
	*flag.FlagSet
	getenv func(string) string
	help   func()
}

// NewFlags returns the flags of a command. Its help, which is written to out, begins with the text usage.
func NewFlags(command, usage string, getenv func(string) string, out io.Writer) *Flags {
	f := &Flags{FlagSet: flag.NewFlagSet(command, flag.ContinueOnError), getenv: getenv}
	f.SetOutput(io.Discard)
	f.Usage = func() {} // flag would print it at every error
	f.help = func() {
		fmt.Fprintln(out, usage)
		heading := "\nFlags, each with its environment variable:\n"
		f.VisitAll(func(fl *flag.Flag) {
			fmt.Fprint(out, heading)
			heading = ""
			fmt.Fprintf(out, "  --%s (%s)\n        %s", fl.Name, variable(fl.Name), fl.Usage)
			if fl.DefValue != "" && fl.DefValue != "false" {
				fmt.Fprintf(out, " (default %s)", fl.DefValue)
			}
			fmt.Fprintln(out)
		})
	}
	return f
}

// variable returns the name of the environment variable for a flag.
func variable(name string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// Parse reads args, and the environment for flags that are not in args. It fails with [flag.ErrHelp] after help was
// asked for and written, with [ErrUsage], or because of the value of an environment variable.
func (f *Flags) Parse(args []string) error {
	if err := f.FlagSet.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			f.help()
			return err
		}
		return fmt.Errorf("%w: %s", ErrUsage, redactMessage(err.Error(), args))
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%w: unexpected argument %s", ErrUsage, Quote(f.Arg(0)))
	}
	return f.readEnvironment()
}

func (f *Flags) readEnvironment() error {
	inArgs := map[string]bool{}
	f.Visit(func(fl *flag.Flag) { inArgs[fl.Name] = true })
	var failed error
	f.VisitAll(func(fl *flag.Flag) {
		value := f.getenv(variable(fl.Name))
		if value == "" || inArgs[fl.Name] || failed != nil {
			return
		}
		if err := fl.Value.Set(value); err != nil {
			failed = fmt.Errorf("%s: %w", variable(fl.Name), err)
		}
	})
	return failed
}

// isSet reports whether a flag is set on the command line or in the environment.
func (f *Flags) isSet(name string) bool {
	found := f.getenv(variable(name)) != ""
	f.Visit(func(fl *flag.Flag) { found = found || fl.Name == name })
	return found
}

var (
	// flagValue is how the package flag quotes a value that it refuses. That can be a password, if somebody writes it
	// after --password-stdin.
	flagValue = regexp.MustCompile(`value "(\\.|[^"\\])*"`)
	// notAFlag matches a message of the package flag that quotes an argument which cannot be a flag's name. That can be
	// the address of a database, if the space after --database is missing.
	notAFlag = regexp.MustCompile(`^(flag provided but not defined:|bad flag syntax:) .*[^A-Za-z-].*$`)
	// flagName is how the package flag names a flag: always with one hyphen.
	flagName = regexp.MustCompile(`-[A-Za-z-]+`)
)

// redactMessage returns a message of the package flag without values, and with flags named as they are typed in args.
func redactMessage(message string, args []string) string {
	message = flagValue.ReplaceAllString(message, "value")
	message = flagName.ReplaceAllStringFunc(message, func(name string) string {
		for _, arg := range args {
			if arg, _, _ := strings.Cut(arg, "="); arg == "-"+name {
				return arg
			}
		}
		return name
	})
	return notAFlag.ReplaceAllString(message, "$1 "+notShown)
}
