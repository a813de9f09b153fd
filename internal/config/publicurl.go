package config

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// DefaultPort is the port of the default of --listen.
const DefaultPort = 8080

// PublicURLFlag adds --public-url. The usage text says what its default is. The function returned gives its checked
// value after Parse, or nil if it is not set.
func (f *Flags) PublicURLFlag(usage string) func() (*url.URL, error) {
	value := f.String("public-url", "", usage)
	return func() (*url.URL, error) {
		if *value == "" {
			return nil, nil
		}
		u, err := url.Parse(*value)
		if err != nil || !isSite(u) {
			return nil, fmt.Errorf("--public-url %s is not a URL such as https://keys.example.com, without a path",
				Quote(*value))
		}
		u.Path = ""
		return u, nil
	}
}

// isSite reports whether a URL has a scheme of the web, a host, and nothing else.
func isSite(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && strings.Trim(u.Path, "/") == "" &&
		u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

// LocalURL returns the public URL of a console on a port of this machine, for where none is set.
func LocalURL(port int) *url.URL {
	return &url.URL{Scheme: "http", Host: net.JoinHostPort("localhost", strconv.Itoa(port))}
}

// portOf returns the port of an address to listen on, or [DefaultPort] if it is not a number but a name.
func portOf(listen string) int {
	_, text, _ := net.SplitHostPort(listen)
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return DefaultPort
}
