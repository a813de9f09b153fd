package keyporter

import (
	"fmt"
	"net/netip"
	"strings"

	"keyporter/internal/input"
)

// maxPattern is how long an entry may be, in characters.
const maxPattern = 255

// CleanPattern returns an entry of a kind in the one form in which it is kept, so that two that say the same are equal: a
// host in small letters, an address and a CIDR block as netip writes them, a block cut to its network. If it cannot be an
// entry, the sentence says why.
//
// A * stands for any run of characters, dots, colons and none at all included. There is no way to write a * that stands
// for itself.
func CleanPattern(kind ExcludeKind, text string) (pattern, sentence string) {
	text, sentence = input.CleanLine(text, maxPattern)
	switch {
	case sentence != "":
		return text, sentence
	case strings.Contains(text, "**"):
		return text, "Two * in a row mean no more than one. Write one."
	case text == "*":
		return text, everything
	}
	if n := strings.Count(text, "*"); n > MaxExcludeWildcards {
		return text, fmt.Sprintf("An entry has at most %d *; this one has %d. Leave some out, together with the text between them.", MaxExcludeWildcards, n)
	}
	switch kind {
	case ExcludeServer:
		return cleanHost(text)
	case ExcludeAddress:
		return cleanBlock(text)
	}
	return text, ""
}

const everything = "This would exclude every event. Say which ones."

func cleanHost(text string) (pattern, sentence string) {
	switch {
	case strings.ContainsAny(text, `/\?#`):
		return text, "Write the host alone, such as dev.example.com or dev.example.com:3000, without https:// and without a path."
	case strings.ContainsAny(text, " \t"):
		return text, "A host has no spaces."
	}
	return foldHost(text), ""
}

const noBlock = "This is no IP address, no CIDR block such as 192.0.2.0/24, and no address with wildcards such as 192.0.2.*."

func cleanBlock(text string) (pattern, sentence string) {
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
		return text, noBlock
	}
	return address.String(), ""
}

// cleanWildAddress looks only at the characters: what stands around a * need not be whole numbers.
func cleanWildAddress(text string) (pattern, sentence string) {
	text = strings.ToLower(text)
	if strings.Trim(text, "0123456789abcdef.:*") != "" || strings.Contains(text, ".") && strings.ContainsAny(text, "abcdef:") {
		return text, noBlock
	}
	return text, ""
}

func cleanCIDR(text string) (pattern, sentence string) {
	_, length, _ := strings.Cut(text, "/")
	block, err := netip.ParsePrefix(text)
	if err != nil {
		address, ok := ParseAddress(text[:len(text)-len(length)-1])
		if !ok {
			return text, noBlock
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
		return text, everything
	}
	if block.IsSingleIP() {
		return block.Addr().String(), ""
	}
	return block.Masked().String(), ""
}

// ParseAddress reads an IP address. One of IPv4 that is written as one of IPv6 is the IPv4 address; one with a zone is none.
func ParseAddress(text string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return netip.Addr{}, false
	}
	return address.Unmap(), true
}

// compiled returns the entry with its block, if it is of an address without wildcards.
func (e ExcludeEntry) compiled() ExcludeEntry {
	if e.Kind != ExcludeAddress || strings.Contains(e.Pattern, "*") {
		return e
	}
	if address, ok := ParseAddress(e.Pattern); ok {
		e.block = netip.PrefixFrom(address, address.BitLen())
	} else if block, err := netip.ParsePrefix(e.Pattern); err == nil {
		e.block = block.Masked()
	}
	return e
}

// foldHost makes the letters A to Z small. Hosts with other letters reach servers in the form that has none.
func foldHost(text string) string {
	if !hasCapital(text) {
		return text
	}
	folded := []byte(text)
	foldBytes(folded)
	return string(folded)
}

func hasCapital(text string) bool {
	for i := range len(text) {
		if isCapital(text[i]) {
			return true
		}
	}
	return false
}

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }

func foldBytes(text []byte) {
	for i, c := range text {
		if isCapital(c) {
			text[i] = c + 'a' - 'A'
		}
	}
}

// withoutPort returns a server without its port. What has no port, or cannot be told from an IPv6 address, is returned
// as it is.
func withoutPort(server string) string {
	colon := strings.LastIndexByte(server, ':')
	if colon <= 0 || strings.Trim(server[colon+1:], "0123456789") != "" {
		return server
	}
	if host := server[:colon]; !strings.Contains(host, ":") || host[0] == '[' && host[len(host)-1] == ']' {
		return host
	}
	return server
}

// glob reports whether a text is what a pattern with any number of * describes.
func glob(pattern, text string) bool {
	before, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	if !strings.HasPrefix(text, before) {
		return false
	}
	text = text[len(before):]
	for {
		piece, more, wild := strings.Cut(rest, "*")
		if !wild {
			return strings.HasSuffix(text, piece)
		}
		at := strings.Index(text, piece)
		if at < 0 {
			return false
		}
		text, rest = text[at+len(piece):], more
	}
}
