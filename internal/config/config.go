// Package config turns flags and environment variables into one checked struct per command.
package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"
)

// A Serve is what `keyporter serve` runs with. Every field is checked.
type Serve struct {
	Listen          string
	Database        string // a path, or a postgres:// URL, which may hold a password
	PublicURL       *url.URL
	TrustedProxies  []netip.Prefix
	TokenPrefix     string
	ReadPaths       []string // "METHOD /path"
	OperatorContact string
	LogFormat       string // "text" or "json"
	LogLevel        string // "debug", "info", "warn" or "error"
}

// ErrUsage marks a command that was called wrongly, as opposed to a value that does not work.
var ErrUsage = errors.New("wrong usage")

// A Flags is the flags of one command, each with its twin in the environment: --public-url is KEYPORTER_PUBLIC_URL.
// What stands on the command line wins.
type Flags struct {
	*flag.FlagSet
	getenv func(string) string
	help   func()
}

// environment names every variable that some command knows, without the prefix.
var environment = []string{
	"LISTEN", "DATABASE", "DATABASE_FILE", "PUBLIC_URL", "TRUSTED_PROXIES", "TOKEN_PREFIX", "READ_PATHS", "OPERATOR_CONTACT",
	"LOG_FORMAT", "LOG_LEVEL", "SUBSCRIPTION", "EMAIL", "NAME", "PASSWORD_STDIN",
}

const prefix = "KEYPORTER_"

// CheckEnvironment fails for a variable KEYPORTER_… that no command knows: it would be a setting that has no effect.
func CheckEnvironment(environ []string) error {
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(name, prefix)
		if ours && !known(rest) {
			return fmt.Errorf("the environment variable %s is not known; see keyporter serve --help", name)
		}
	}
	return nil
}

func known(name string) bool {
	for _, each := range environment {
		if each == name {
			return true
		}
	}
	return false
}

// NewFlags returns the flags of a command; usage is printed to out before the flags themselves.
func NewFlags(command, usage string, getenv func(string) string, out io.Writer) *Flags {
	f := &Flags{FlagSet: flag.NewFlagSet(command, flag.ContinueOnError), getenv: getenv}
	f.SetOutput(io.Discard)
	f.Usage = func() {} // flag would print it at every error
	f.help = func() {
		fmt.Fprintln(out, usage)
		fmt.Fprintln(out, "\nFlags, each with its environment variable:")
		f.VisitAll(func(fl *flag.Flag) {
			fmt.Fprintf(out, "  --%s (%s)\n        %s", fl.Name, variable(fl.Name), fl.Usage)
			if fl.DefValue != "" && fl.DefValue != "false" {
				fmt.Fprintf(out, " (default %s)", fl.DefValue)
			}
			fmt.Fprintln(out)
		})
	}
	return f
}

func variable(name string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// Parse reads args, and the environment for flags that do not stand there. It fails with [flag.ErrHelp] when help was
// asked for, with [ErrUsage], or with a value that a variable cannot have.
func (f *Flags) Parse(args []string) error {
	if err := f.FlagSet.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			f.help()
			return err
		}
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%w: unexpected argument %q", ErrUsage, f.Arg(0))
	}
	given := map[string]bool{}
	f.Visit(func(fl *flag.Flag) { given[fl.Name] = true })
	var failed error
	f.VisitAll(func(fl *flag.Flag) {
		value := f.getenv(variable(fl.Name))
		if value == "" || given[fl.Name] || failed != nil {
			return
		}
		if err := fl.Value.Set(value); err != nil {
			failed = fmt.Errorf("%s: %w", variable(fl.Name), err)
		}
	})
	return failed
}

// DatabaseFlag adds --database. The function returned gives its value after Parse: that of the flag, else of
// KEYPORTER_DATABASE, else what stands in the file that KEYPORTER_DATABASE_FILE names.
func (f *Flags) DatabaseFlag() func() (string, error) {
	const standard = "data/keyporter.db"
	value := f.String("database", standard, "the database: a path, or a postgres:// URL; or in the file that KEYPORTER_DATABASE_FILE names")
	return func() (string, error) {
		if file := f.getenv(prefix + "DATABASE_FILE"); *value == standard && file != "" && !f.given("database") {
			text, err := os.ReadFile(file)
			if err != nil {
				return "", fmt.Errorf("KEYPORTER_DATABASE_FILE: %w", err)
			}
			*value = strings.TrimSpace(string(text))
		}
		if *value == "" {
			return "", errors.New("--database is empty")
		}
		return *value, CheckDatabase("database", *value)
	}
}

// notAPath is what others take for the address of a PostgreSQL, and nobody means as a file's name: a password may be in it.
var notAPath = regexp.MustCompile(`(?i)^\s*(postgres(ql)?:|(host|hostaddr|port|dbname|user|password|service|sslmode)\s*=)`)

// CheckDatabase checks the address of a database that a flag was given, as far as it is an URL or was meant to be one. What
// it says never quotes it, because a password may stand in it, in the right place or in a wrong one.
func CheckDatabase(flag, value string) error {
	scheme, rest, found := strings.Cut(value, "://")
	switch {
	case !found && notAPath.MatchString(value):
		return fmt.Errorf("--%s is neither a path nor a postgres:// URL: of settings such as host=… make a URL", flag)
	case !found:
		return nil
	case scheme != "postgres" && scheme != "postgresql":
		return fmt.Errorf("--%s is neither a path nor a postgres:// URL", flag)
	}
	const example = "a URL such as postgres://keyporter:password@localhost:5432/keyporter, with what is not a letter or digit in the password written as %2F"
	u, err := url.Parse(value)
	if err != nil || u.Fragment != "" || strings.Trim(u.Path, "/") == "" || strings.Contains(u.Path+u.RawQuery, "@") || u.User == nil && strings.Contains(rest, "@") {
		return fmt.Errorf("--%s is not %s", flag, example)
	}
	return nil
}

func (f *Flags) given(name string) bool {
	found := f.getenv(variable(name)) != ""
	f.Visit(func(fl *flag.Flag) { found = found || fl.Name == name })
	return found
}

// PublicURLFlag adds --public-url. The function returned checks its value after Parse.
func (f *Flags) PublicURLFlag() func() (*url.URL, error) {
	value := f.String("public-url", "http://localhost:8080", "where people reach the console; https makes cookies Secure")
	return func() (*url.URL, error) {
		u, err := url.Parse(*value)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return nil, fmt.Errorf("--public-url %q is not a URL such as https://keys.example.com, without a path", *value)
		}
		u.Path = ""
		return u, nil
	}
}

func listenAddress(value string) error {
	if _, port, err := net.SplitHostPort(value); err != nil || port == "" {
		return fmt.Errorf("--listen %q is not an address such as 127.0.0.1:8080", value)
	}
	return nil
}
