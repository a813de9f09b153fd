package config

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A Serve is the configuration of `keyporter serve`. Every field is checked.
type Serve struct {
	Listen    string
	Database  string // a path, or a postgres:// URL, which may hold a password
	PublicURL *url.URL
	// IsDefaultURL reports that --public-url was not set. PublicURL is then [LocalURL] of the port in Listen; if that
	// is 0, the caller sets it once it knows the port.
	IsDefaultURL    bool
	NoHSTS          bool // do not send Strict-Transport-Security
	TrustedProxies  []netip.Prefix
	TokenPrefix     string
	ReadPaths       []string // "METHOD /path"
	OperatorContact string
	LogFormat       string // "text" or "json"
	LogLevel        string // "debug", "info", "warn" or "error"
}

const defaultReadPaths = "POST /api/v1/aggregation,POST /api/v1/blacklist/match"

// ParseServe reads the configuration of `keyporter serve`. It fails as [Flags.Parse] does, and for an invalid value.
func ParseServe(usage string, args []string, getenv func(string) string, out io.Writer) (Serve, error) {
	f := NewFlags("serve", usage, getenv, out)
	return f.parseServe(args, f.DatabaseFlag())
}

// ParseDemo reads the configuration of `keyporter demo`: that of serve without the database, which the demo creates. It
// fails as ParseServe does.
func ParseDemo(usage string, args []string, getenv func(string) string, out io.Writer) (Serve, error) {
	return NewFlags("demo", usage, getenv, out).parseServe(args, func() (string, error) { return "", nil })
}

func (f *Flags) parseServe(args []string, database func() (string, error)) (Serve, error) {
	var s Serve
	f.StringVar(&s.Listen, "listen", "127.0.0.1:8080", "the address to listen on")
	publicURL := f.PublicURLFlag("where people reach the console; https makes cookies Secure " +
		"(default http://localhost with the port of --listen)")
	f.BoolVar(&s.NoHSTS, "no-hsts", false, "with an https public URL, do not send Strict-Transport-Security, "+
		"which binds every port of the host for 30 days")
	proxies := f.String("trusted-proxies", "127.0.0.0/8,::1/128",
		"networks whose X-Forwarded-… headers are believed, and who may ask /gate")
	f.StringVar(&s.TokenPrefix, "token-prefix", "kp", "what new tokens begin with: 2 to 8 of a-z0-9")
	paths := f.String("read-paths", defaultReadPaths, "requests that count as reading although their method writes")
	f.StringVar(&s.OperatorContact, "operator-contact", "",
		"whom to ask while Integration Keys are unavailable, as pages show it")
	f.StringVar(&s.LogFormat, "log-format", "text", "text or json")
	f.StringVar(&s.LogLevel, "log-level", "info", "debug, info, warn or error")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	var err error
	if s.Database, err = database(); err != nil {
		return s, err
	}
	if s.PublicURL, err = publicURL(); err != nil {
		return s, err
	}
	if s.TrustedProxies, err = parseNetworks(*proxies); err != nil {
		return s, err
	}
	if s.ReadPaths, err = parseReadPaths(*paths); err != nil {
		return s, err
	}
	if err := s.check(); err != nil {
		return s, err
	}
	if s.PublicURL == nil {
		s.PublicURL, s.IsDefaultURL = LocalURL(portOf(s.Listen)), true
	}
	return s, nil
}

var validTokenPrefix = regexp.MustCompile(`^[a-z0-9]{2,8}$`)

func (s Serve) check() error {
	if _, port, err := net.SplitHostPort(s.Listen); err != nil || port == "" || mayHoldPassword(s.Listen) {
		return fmt.Errorf("--listen %s is not an address such as 127.0.0.1:8080", Quote(s.Listen))
	}
	if !validTokenPrefix.MatchString(s.TokenPrefix) {
		return fmt.Errorf("--token-prefix %s is not 2 to 8 of a-z0-9", Quote(s.TokenPrefix))
	}
	if !slices.Contains([]string{"text", "json"}, s.LogFormat) {
		return fmt.Errorf("--log-format %s is neither text nor json", Quote(s.LogFormat))
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		return fmt.Errorf("--log-level %s is none of debug, info, warn, error", Quote(s.LogLevel))
	}
	return nil
}

// parseNetworks reads a list of networks and addresses. An IPv4 network that is written as an IPv6 one
// (::ffff:10.0.0.0/104) becomes the IPv4 network, because addresses are compared in that form.
func parseNetworks(list string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range splitList(list) {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			address, addressErr := netip.ParseAddr(text)
			if addressErr != nil {
				return nil, fmt.Errorf("--trusted-proxies: %s is no network such as 10.0.0.0/8", Quote(text))
			}
			network = netip.PrefixFrom(address.WithZone(""), address.BitLen())
		}
		if network.Addr().Is4In6() {
			if network.Bits() < mappedBits {
				return nil,
					fmt.Errorf("--trusted-proxies: %q holds all of IPv4 and more: write networks of IPv4 as such",
						text)
			}
			network = netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-mappedBits)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}

// mappedBits is the length of ::ffff:0:0/96, which represents the IPv4 addresses in IPv6 (RFC 4291, 2.5.5.2).
const mappedBits = 96

func parseReadPaths(list string) ([]string, error) {
	var all []string
	for _, text := range splitList(list) {
		method, path, _ := strings.Cut(text, " ")
		if method == "" || method != strings.ToUpper(method) || !strings.HasPrefix(path, "/") ||
			strings.ContainsAny(path, " ?#") {
			return nil, fmt.Errorf("--read-paths: %s is not a method and a path, such as POST /api/v1/aggregation",
				Quote(text))
		}
		all = append(all, text)
	}
	return all, nil
}

// splitList returns the elements of a comma-separated list, without white space around them and without empty ones.
func splitList(list string) []string {
	var all []string
	for _, text := range strings.Split(list, ",") {
		if text = strings.TrimSpace(text); text != "" {
			all = append(all, text)
		}
	}
	return all
}
