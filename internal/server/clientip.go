package server

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"keyporter/internal/token"
)

// unknownAddress stands for a client's address if a trusted proxy forwards something that is not an address.
const unknownAddress = "unknown"

// A clientIP finds out which address a request came from.
type clientIP struct {
	proxies []netip.Prefix // --trusted-proxies
	log     *slog.Logger

	malformed, ignored *limiter // of warnings about X-Forwarded-For
}

func newClientIP(proxies []netip.Prefix, now func() time.Time, log *slog.Logger) *clientIP {
	return &clientIP{
		proxies: proxies, log: log, malformed: newLimiter(time.Minute, now), ignored: newLimiter(time.Hour, now),
	}
}

// isProxy reports whether the address is one of --trusted-proxies.
func (c *clientIP) isProxy(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	for _, n := range c.proxies {
		if n.Contains(address) {
			return true
		}
	}
	return false
}

// addressOf returns the address that a request came from: the rightmost in X-Forwarded-For that is not a trusted
// proxy's, or [unknownAddress] if that is not an address. The header counts only if a trusted proxy sent it.
func (c *clientIP) addressOf(r *http.Request) string {
	shown, _ := c.find(r)
	return shown
}

// find returns what addressOf returns, and the client's address as the allowed addresses of a key are compared with it.
// That is never the address of a trusted proxy: it is zero where no other address is known.
func (c *clientIP) find(r *http.Request) (shown string, address netip.Addr) {
	forwarded := r.Header["X-Forwarded-For"]
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return host, netip.Addr{}
	}
	peer, err := netip.ParseAddr(host)
	peer = peer.Unmap().WithZone("")
	switch {
	case err == nil && c.isProxy(peer):
		return c.forwardedBy(host, forwarded)
	case len(forwarded) > 0 && c.ignored.allow():
		c.log.Warn("X-Forwarded-For is ignored, because its sender is none of --trusted-proxies", "from", host)
	}
	return host, peer
}

// direct returns the client's address as find does, of a request that may have come without a proxy: a client on the
// same machine is known by its own address, although proxies there are trusted, because a proxy would forward one.
func (c *clientIP) direct(r *http.Request) netip.Addr {
	_, address := c.find(r)
	if _, forwarded := r.Header["X-Forwarded-For"]; !forwarded && !address.IsValid() {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		if from := from.Addr().Unmap(); err == nil && from.IsLoopback() {
			return from
		}
	}
	return address
}

// forwardedBy returns the client's address, as find does, from the values of X-Forwarded-For that a trusted proxy sent.
func (c *clientIP) forwardedBy(proxy string, forwarded []string) (shown string, _ netip.Addr) {
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
				c.warnMalformed(proxy, text)
				return unknownAddress, netip.Addr{}
			}
			if client = text; strings.ContainsAny(text, `:"[`) { // otherwise the text is the address: no allocation
				client = address.String()
			}
			if !c.isProxy(address) {
				return client, address
			}
		}
	}
	return client, netip.Addr{} // all are trusted proxies: the leftmost one
}

func (c *clientIP) warnMalformed(proxy, text string) {
	if c.malformed.allow() {
		c.log.Warn("X-Forwarded-For holds something that is no address; such clients are counted together as unknown",
			"proxy", proxy, "value", truncate(token.Mask(text)))
	}
}

// parseForwarded reads an address as proxies write it: alone, in brackets, in quotation marks, or with a port, which is
// left out.
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

// truncate shortens a text that a client may have chosen, for the log.
func truncate(text string) string {
	const limit = 60
	if len(text) > limit {
		return text[:limit] + "…"
	}
	return text
}
