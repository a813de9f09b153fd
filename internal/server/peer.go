package server

import (
	"net"
	"net/http"
	"net/netip"

	"github.com/labstack/echo/v4"
)

// peers knows which addresses are proxies of ours.
type peers struct {
	networks []netip.Prefix
	extract  echo.IPExtractor
}

func newPeers(networks []netip.Prefix) peers {
	// Left to itself, the extractor also trusts loopback, link-local and private networks.
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, n := range networks {
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP: n.Addr().AsSlice(), Mask: net.CIDRMask(n.Bits(), n.Addr().BitLen()),
		}))
	}
	return peers{networks: networks, extract: echo.ExtractIPFromXFFHeader(options...)}
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

// client returns the address that a request came from: the rightmost of X-Forwarded-For that is no proxy of ours.
func (p peers) client(r *http.Request) string {
	if len(r.Header["X-Forwarded-For"]) == 0 {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err == nil {
			return host
		}
	}
	return p.extract(r)
}
