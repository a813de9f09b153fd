package server

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"keyporter/internal/token"
)

// unknownAddress is what stands for a client's address where a trusted proxy forwards something that is none.
const unknownAddress = "unknown"

// peers knows which addresses are proxies of ours.
type peers struct {
	networks []netip.Prefix
	log      *slog.Logger
	now      func() time.Time

	unreadable, ignored *limiter // warnings about X-Forwarded-For
}

func newPeers(networks []netip.Prefix, now func() time.Time, log *slog.Logger) peers {
	return peers{
		networks: networks, log: log, now: now,
		unreadable: &limiter{every: time.Minute}, ignored: &limiter{every: time.Hour},
	}
}

// trusted reports whether the address is one of --trusted-proxies.
func (p peers) trusted(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	for _, n := range p.networks {
		if n.Contains(address) {
			return true
		}
	}
	return false
}

// client returns the address that a request came from: the rightmost of X-Forwarded-For that is no proxy of ours, or
// "unknown" where what stands there is no address. The header counts only where a trusted proxy sends it.
func (p peers) client(r *http.Request) string {
	forwarded := r.Header["X-Forwarded-For"]
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || len(forwarded) == 0 {
		return host
	}
	if peer, err := netip.ParseAddr(host); err != nil || !p.trusted(peer) {
		if p.ignored.allow(p.now()) {
			p.log.Warn("X-Forwarded-For is ignored, because who sent it is none of --trusted-proxies", "from", host)
		}
		return host
	}
	return p.forwardedClient(forwarded, host)
}

func (p peers) forwardedClient(forwarded []string, proxy string) string {
	client := proxy
	for i := len(forwarded) - 1; i >= 0; i-- {
		for rest := forwarded[i]; rest != ""; {
			comma := strings.LastIndexByte(rest, ',')
			text := strings.Trim(rest[comma+1:], " \t")
			rest = rest[:max(comma, 0)]
			if text == "" {
				continue
			}
			address, ok := parseForwarded(text)
			if !ok {
				if p.unreadable.allow(p.now()) {
					p.log.Warn("X-Forwarded-For holds something that is no address; such clients are counted together as unknown",
						"proxy", proxy, "value", shortened(token.Mask(text)))
				}
				return unknownAddress
			}
			if client = text; strings.ContainsAny(text, `:"[`) { // an address of IPv4 alone is text already: no allocation
				client = address.String()
			}
			if !p.trusted(address) {
				return client
			}
		}
	}
	return client // all are proxies of ours: the one that is furthest away
}

// parseForwarded reads an address as proxies write it: alone, in brackets, in quotation marks, or with a port, which is
// cut off.
func parseForwarded(text string) (netip.Addr, bool) {
	if len(text) > 1 && text[0] == '"' && text[len(text)-1] == '"' {
		text = text[1 : len(text)-1]
	}
	with, err := netip.ParseAddrPort(text)
	if inner, port, found := strings.Cut(text, "]:"); err != nil && found && strings.HasPrefix(inner, "[") {
		with, err = netip.ParseAddrPort(inner[1:] + ":" + port) // IPv4 in brackets, which netip does not take
	}
	if err == nil {
		return with.Addr().Unmap().WithZone(""), true
	}
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		text = text[1 : len(text)-1]
	}
	address, err := netip.ParseAddr(text)
	return address.Unmap().WithZone(""), err == nil
}

// shortened cuts a text that a client may have chosen, for the log.
func shortened(text string) string {
	const most = 60
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

// A limiter lets one thing through in each period. It is safe for concurrent use.
type limiter struct {
	every time.Duration
	last  atomic.Int64 // Unix milliseconds; 0 before the first
}

func (l *limiter) allow(now time.Time) bool {
	last, ms := l.last.Load(), now.UnixMilli()
	return (last == 0 || ms < last || ms-last >= l.every.Milliseconds()) && l.last.CompareAndSwap(last, ms)
}
