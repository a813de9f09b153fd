package exclude

import (
	"fmt"
	"net/netip"
	"strings"
)

const notAnAddress = "This is no IP address, no CIDR block such as 192.0.2.0/24, " +
	"and no address with wildcards such as 192.0.2.*."

func cleanAddress(text string) (pattern, sentence string) {
	wild, slash := strings.Contains(text, "*"), strings.Contains(text, "/")
	switch {
	case strings.Contains(text, "%"):
		return text, "An address with a zone (%…) means something on one machine only. Leave the zone out."
	case wild && slash:
		return text, "A * and a CIDR length cannot go together. Write one or the other."
	case wild:
		return cleanWildAddress(text)
	case slash:
		return cleanCIDR(text)
	}
	address, ok := ParseAddress(text)
	if !ok {
		return text, notAnAddress
	}
	return address.String(), ""
}

// cleanWildAddress checks only the characters: the numbers next to a * may be incomplete.
func cleanWildAddress(text string) (pattern, sentence string) {
	text = strings.ToLower(text)
	if strings.Trim(text, "0123456789abcdef.:*") != "" ||
		strings.Contains(text, ".") && strings.ContainsAny(text, "abcdef:") {
		return text, notAnAddress
	}
	return text, ""
}

func cleanCIDR(text string) (pattern, sentence string) {
	_, length, _ := strings.Cut(text, "/")
	block, err := netip.ParsePrefix(text)
	if err != nil {
		address, ok := ParseAddress(text[:len(text)-len(length)-1])
		if !ok {
			return text, notAnAddress
		}
		return text, fmt.Sprintf("The length behind the / has to be a number from 1 to %d.", address.BitLen())
	}
	if block.Addr().Is4In6() {
		if block.Bits() < 96 {
			return text, "Write an IPv4 block as such, for example 192.0.2.0/24."
		}
		block = netip.PrefixFrom(block.Addr().Unmap(), block.Bits()-96)
	}
	if block.Bits() == 0 {
		return text, matchesEverything
	}
	if block.IsSingleIP() {
		return block.Addr().String(), ""
	}
	return block.Masked().String(), ""
}

// ParseAddress reads an IP address. An IPv4 address that is written as an IPv6 one is the IPv4 address. An address with
// a zone is refused.
func ParseAddress(text string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return netip.Addr{}, false
	}
	return address.Unmap(), true
}

// block returns the addresses that an entry of the kind Address without wildcards matches, and the zero Prefix for any
// other entry.
func (e Entry) block() netip.Prefix {
	if e.Kind != Address || strings.Contains(e.Pattern, "*") {
		return netip.Prefix{}
	}
	if address, ok := ParseAddress(e.Pattern); ok {
		return netip.PrefixFrom(address, address.BitLen())
	}
	block, err := netip.ParsePrefix(e.Pattern)
	if err != nil {
		return netip.Prefix{}
	}
	return block.Masked()
}
