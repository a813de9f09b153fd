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
	"regexp"
	"strconv"
	"strings"
)

// A Serve is what `keyporter serve` runs with. Every field is checked.
type Serve struct {
	Listen          string
	Database        string // a path, or a postgres:// URL, which may hold a password
	PublicURL       *url.URL
	GuessedURL      bool // no public URL was given: it is [LocalURL] of the port in Listen, or of the port that 0 becomes
	NoHSTS          bool // leaves Strict-Transport-Security out
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
	"LOG_FORMAT", "LOG_LEVEL", "NO_HSTS", "SUBSCRIPTION", "EMAIL", "NAME", "PASSWORD_STDIN", "YES", "USER",
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

func variable(name string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// flagValue is what the package flag quotes of a value that a flag cannot have: a password, where somebody takes
// --password-stdin for the place to write it.
var flagValue = regexp.MustCompile(`value "(\\.|[^"\\])*"`)

// notAFlag is what the package flag quotes of an argument that cannot be a flag's name: an address, where the space
// before it is missing.
var notAFlag = regexp.MustCompile(`^(flag provided but not defined:|bad flag syntax:) .*[^A-Za-z-].*$`)

// flagName is how the package flag names a flag: always with one hyphen.
var flagName = regexp.MustCompile(`-[A-Za-z-]+`)

// typed returns a flag's name with as many hyphens as it has in args.
func typed(args []string, name string) string {
	for _, arg := range args {
		if arg, _, _ := strings.Cut(arg, "="); arg == "-"+name {
			return arg
		}
	}
	return name
}

// Parse reads args, and the environment for flags that do not stand there. It fails with [flag.ErrHelp] when help was
// asked for, with [ErrUsage], or with a value that a variable cannot have.
func (f *Flags) Parse(args []string) error {
	if err := f.FlagSet.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			f.help()
			return err
		}
		message := flagValue.ReplaceAllString(err.Error(), "value")
		message = flagName.ReplaceAllStringFunc(message, func(name string) string { return typed(args, name) })
		return fmt.Errorf("%w: %s", ErrUsage, notAFlag.ReplaceAllString(message, "$1 "+notShown))
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%w: unexpected argument %s", ErrUsage, Quote(f.Arg(0)))
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

func (f *Flags) given(name string) bool {
	found := f.getenv(variable(name)) != ""
	f.Visit(func(fl *flag.Flag) { found = found || fl.Name == name })
	return found
}

// PublicURLFlag adds --public-url, whose default the usage text says. The function returned checks its value after
// Parse; it returns nil where none was given.
func (f *Flags) PublicURLFlag(usage string) func() (*url.URL, error) {
	value := f.String("public-url", "", usage)
	return func() (*url.URL, error) {
		if *value == "" {
			return nil, nil
		}
		u, err := url.Parse(*value)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return nil, fmt.Errorf("--public-url %s is not a URL such as https://keys.example.com, without a path", Quote(*value))
		}
		u.Path = ""
		return u, nil
	}
}

// StandardPort is the one that keyporter serve listens on unless it is told another.
const StandardPort = 8080

// LocalURL returns the public URL of a console that listens on a port of this machine and was given none.
func LocalURL(port int) *url.URL {
	return &url.URL{Scheme: "http", Host: net.JoinHostPort("localhost", strconv.Itoa(port))}
}

// port returns the port of an address to listen on, or the standard one where it has a name.
func port(listen string) int {
	_, text, _ := net.SplitHostPort(listen)
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return StandardPort
}

func listenAddress(value string) error {
	if _, port, err := net.SplitHostPort(value); err != nil || port == "" || secretive(value) {
		return fmt.Errorf("--listen %s is not an address such as 127.0.0.1:8080", Quote(value))
	}
	return nil
}
