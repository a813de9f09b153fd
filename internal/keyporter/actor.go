package keyporter

import (
	"strings"
	"unicode/utf8"

	"keyporter/internal/input"
	"keyporter/internal/token"
)

// An Actor is the person who performs an operation, and from where.
type Actor struct {
	UserID    string
	SessionID string
	Name      string
	Email     string
	Operator  bool
	ClientInfo
}

// A ClientInfo describes the client of a request.
type ClientInfo struct {
	Address string      // the client's IP address, as text
	Agent   string      // its User-Agent, cut at 200 characters
	Device  token.Token // the value of the browser's device cookie; of a request only, never stored
}

// NewClientInfo returns the description of a client, with a User-Agent that may be stored.
func NewClientInfo(address, agent string) ClientInfo {
	return ClientInfo{Address: address, Agent: NewAgent(agent)}
}

const maxAgent = 200 // characters

// NewAgent returns a User-Agent as it may be stored: at most 200 characters, with everything masked that looks like a
// token.
func NewAgent(agent string) string {
	if len(agent) > maxAgent {
		agent = input.Truncate(agent, maxAgent)
	}
	if !utf8.ValidString(agent) || strings.ContainsAny(agent, "_%") {
		agent = token.Mask(input.Truncate(agent, maxAgent))
	}
	return agent
}
