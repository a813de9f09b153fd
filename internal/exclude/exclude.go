// Package exclude matches events against a subscription's Exclude List.
//
// A list has entries of four kinds, one for each field of an [Event]. [CleanPattern] and [ParseLines] read what people
// type, [CheckLimits] bounds what is stored, and a [List] answers whether it excludes an event. How the index of a list
// works, and how many steps it takes, is described in docs/decisions/exclude-list.md.
package exclude

import (
	"net/netip"
	"slices"

	"keyporter/internal/input"
)

// A Kind is what an entry is compared with: the name that a field of an [Event] has in the API.
type Kind string

// The kinds.
const (
	Server  Kind = "server"
	Address Kind = "remoteIp"
	Visitor Kind = "visitorId"
	Account Kind = "accountId"
)

// Kinds are all kinds, in the order of the page's tabs and of the API's answers.
var Kinds = []Kind{Server, Address, Visitor, Account}

// Known reports whether k is one of the four.
func (k Kind) Known() bool { return slices.Contains(Kinds, k) }

// String returns the kind as pages name it.
func (k Kind) String() string {
	switch k {
	case Server:
		return "Server host / domain"
	case Address:
		return "IP address"
	case Visitor:
		return "Visitor ID"
	case Account:
		return "Account ID"
	}
	return string(k)
}

// An Entry is one entry of a list. Its pattern is in the form that [CleanPattern] returns.
type Entry struct {
	Kind    Kind
	Pattern string
}

// An Event is what a list is asked about. No entry matches an empty field or the zero address.
type Event struct {
	Server    string     // host, or host:port
	RemoteIP  netip.Addr // as [ParseAddress] returns it
	VisitorID string
	AccountID string
}

// ParseEvent returns an event with a text that a person typed in the field of the kind, and a sentence if the text
// cannot be one.
func ParseEvent(kind Kind, text string) (e Event, sentence string) {
	text, sentence = input.CleanLine(text, maxPattern)
	if sentence != "" {
		return Event{}, sentence
	}
	switch kind {
	case Server:
		return Event{Server: text}, ""
	case Visitor:
		return Event{VisitorID: text}, ""
	case Account:
		return Event{AccountID: text}, ""
	}
	address, ok := ParseAddress(text)
	if !ok {
		return Event{}, "Type an IP address, such as 192.0.2.7 or 2001:db8::7."
	}
	return Event{RemoteIP: address}, ""
}

// normal returns the event with its texts in NFC, as patterns are. It does not allocate for text in NFC, which nearly
// all text is.
func (e Event) normal() Event {
	e.Server, e.VisitorID, e.AccountID = input.Normal(e.Server), input.Normal(e.VisitorID), input.Normal(e.AccountID)
	return e
}
