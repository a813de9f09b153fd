package exclude

import "strings"

func cleanHost(text string) (pattern, sentence string) {
	switch {
	case strings.ContainsAny(text, `/\?#`):
		return text, "Write the host alone, such as dev.example.com or dev.example.com:3000, " +
			"without https:// and without a path."
	case strings.ContainsAny(text, " \t"):
		return text, "A host has no spaces."
	}
	return lowerHost(text), ""
}

// lowerHost maps A to Z to lower case. Hosts with other letters reach servers in a form of a to z alone.
func lowerHost(text string) string {
	if !hasUpper(text) {
		return text
	}
	lower := []byte(text)
	lowerBytes(lower)
	return string(lower)
}

func hasUpper(text string) bool {
	for i := range len(text) {
		if isUpper(text[i]) {
			return true
		}
	}
	return false
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func lowerBytes(text []byte) {
	for i, c := range text {
		if isUpper(c) {
			text[i] = c + 'a' - 'A'
		}
	}
}

// withoutPort returns a server without its port. A server that has none, or that may be an IPv6 address, is returned
// unchanged.
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
