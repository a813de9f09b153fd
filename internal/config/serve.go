package config

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

const standardReadPaths = "POST /api/v1/aggregation,POST /api/v1/blacklist/match"

// ParseServe reads the settings of `keyporter serve`. It fails as [Flags.Parse] does, and for a value that cannot be.
func ParseServe(usage string, args []string, getenv func(string) string, out io.Writer) (Serve, error) {
	f := NewFlags("serve", usage, getenv, out)
	return f.parseServe(args, f.DatabaseFlag())
}

// ParseDemo reads the settings of `keyporter demo`: those of serve without the database, which is the demo's own.
func ParseDemo(usage string, args []string, getenv func(string) string, out io.Writer) (Serve, error) {
	return NewFlags("demo", usage, getenv, out).parseServe(args, func() (string, error) { return "", nil })
}

func (f *Flags) parseServe(args []string, database func() (string, error)) (Serve, error) {
	var s Serve
	f.StringVar(&s.Listen, "listen", "127.0.0.1:8080", "the address to listen on")
	publicURL := f.PublicURLFlag("where people reach the console; https makes cookies Secure (default http://localhost with the port of --listen)")
	f.BoolVar(&s.NoHSTS, "no-hsts", false, "with an https public URL, do not send Strict-Transport-Security, which binds every port of the host for 30 days")
	proxies := f.String("trusted-proxies", "127.0.0.0/8,::1/128", "networks whose X-Forwarded-… headers are believed, and who may ask /gate")
	f.StringVar(&s.TokenPrefix, "token-prefix", "kp", "what new tokens begin with: 2 to 8 of a-z0-9")
	paths := f.String("read-paths", standardReadPaths, "requests that count as reading although their method writes")
	f.StringVar(&s.OperatorContact, "operator-contact", "", "whom to ask while Integration Keys are unavailable, as pages show it")
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
	if s.TrustedProxies, err = networks(*proxies); err != nil {
		return s, err
	}
	if s.ReadPaths, err = readPaths(*paths); err != nil {
		return s, err
	}
	if err := s.check(); err != nil {
		return s, err
	}
	if s.PublicURL == nil {
		s.PublicURL, s.GuessedURL = LocalURL(port(s.Listen)), true
	}
	return s, nil
}

func (s Serve) check() error {
	if err := listenAddress(s.Listen); err != nil {
		return err
	}
	if !regexp.MustCompile(`^[a-z0-9]{2,8}$`).MatchString(s.TokenPrefix) {
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

// networks reads a list of networks and addresses. A network of IPv4 that is written as one of IPv6
// (::ffff:10.0.0.0/104) becomes the one of IPv4, because addresses are compared in that form.
func networks(list string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range words(list) {
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
				return nil, fmt.Errorf("--trusted-proxies: %q holds all of IPv4 and more: write networks of IPv4 as such", text)
			}
			network = netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-mappedBits)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}

// mappedBits is the length of ::ffff:0:0/96, in which the addresses of IPv4 stand as addresses of IPv6 (RFC 4291,
// 2.5.5.2).
const mappedBits = 96

func readPaths(list string) ([]string, error) {
	var all []string
	for _, text := range words(list) {
		method, path, _ := strings.Cut(text, " ")
		if method == "" || method != strings.ToUpper(method) || !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " ?#") {
			return nil, fmt.Errorf("--read-paths: %s is not a method and a path, such as POST /api/v1/aggregation", Quote(text))
		}
		all = append(all, text)
	}
	return all, nil
}

func words(list string) []string {
	var all []string
	for _, text := range strings.Split(list, ",") {
		if text = strings.TrimSpace(text); text != "" {
			all = append(all, text)
		}
	}
	return all
}
