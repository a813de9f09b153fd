package keyporter

import (
	"context"
	"net/url"
	"slices"
	"strings"
)

// A Blacklist says how a request wants the subscription's Exclude List to be applied.
type Blacklist string

// The values of the parameter "blacklist".
const (
	BlacklistApply  Blacklist = "apply"  // leave excluded events out: the default
	BlacklistIgnore Blacklist = "ignore" // the list is not applied
	BlacklistOnly   Blacklist = "only"   // nothing but excluded events
)

// allApplications is the value of "expand", and how all applications are written in a header.
const allApplications = "*"

// requestedApplications hold the parameters of a request's query that name applications and the Exclude List.
type requestedApplications struct {
	named     []ApplicationID // ascending, without repeats
	all       bool
	blacklist Blacklist
}

// parseRequestedApplications reads the parameters "appId", "expand" and "blacklist" of a query as it was sent; it
// ignores others. It refuses malformed values and values that contradict each other.
func parseRequestedApplications(query string) (requestedApplications, Verdict) {
	s := requestedApplications{}
	apps, list := Verdict{}, Verdict{}
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		name, ok := unescaped(name)
		if !ok {
			continue
		}
		switch name {
		case "appId":
			if !s.addApplications(unescaped(value)) {
				apps = unknownApplication(AppIDMalformed)
			}
		case "expand":
			if value, ok := unescaped(value); !ok || value != allApplications {
				apps = unknownApplication(ExpandMalformed)
			}
			s.all = true
		case "blacklist":
			if !s.setBlacklist(unescaped(value)) {
				list = refuse(BlacklistInvalid)
			}
		}
	}
	if s.all && len(s.named) > 0 {
		apps = unknownApplication(AppIDAndExpand)
	}
	if s.blacklist == "" {
		s.blacklist = BlacklistApply
	}
	if apps.Code != "" {
		return s, apps
	}
	return s, list
}

// unescaped decodes a name or a value of a query.
func unescaped(text string) (string, bool) {
	if !strings.ContainsAny(text, "%+") {
		return text, true
	}
	text, err := url.QueryUnescape(text)
	return text, err == nil
}

// addApplications adds the IDs of one appId.
func (s *requestedApplications) addApplications(value string, ok bool) bool {
	for text := range strings.SplitSeq(value, ",") {
		id, isID := ParseApplicationID(text)
		if !ok || !isID {
			return false
		}
		at, known := slices.BinarySearch(s.named, id)
		if known {
			continue
		}
		if len(s.named) == ApplicationLimit { // more than a subscription can have
			return false
		}
		s.named = slices.Insert(s.named, at, id)
	}
	return true
}

// setBlacklist sets the value of one blacklist.
func (s *requestedApplications) setBlacklist(value string, ok bool) bool {
	if b := Blacklist(value); ok && (s.blacklist == "" || s.blacklist == b) {
		s.blacklist = b
		return b == BlacklistApply || b == BlacklistIgnore || b == BlacklistOnly
	}
	return false
}

// resolve returns the applications that a call with a valid key reaches, and how the Exclude List is applied, or a
// refusal.
func (p *Porter) resolve(ctx context.Context, query string, g *Grant) (applications string, b Blacklist,
	refused Verdict) {
	if query == "" {
		return g.Application, BlacklistApply, Verdict{}
	}
	s, bad := parseRequestedApplications(query)
	if bad.Code == ApplicationUnknown {
		return "", "", bad
	}
	if len(s.named) > 0 {
		owns, err := p.store.OwnsApplications(ctx, g.SubscriptionID, s.named)
		if err != nil {
			return "", "", unavailable()
		}
		if !owns {
			return "", "", unknownApplication(ApplicationNotOwned)
		}
	}
	return s.applications(g), s.blacklist, bad
}

// applications returns the reached applications as the header has them.
func (s requestedApplications) applications(g *Grant) string {
	switch {
	case s.all:
		return allApplications
	case len(s.named) == 0:
		return g.Application
	}
	texts := make([]string, len(s.named))
	for i, id := range s.named {
		texts[i] = id.String()
	}
	return strings.Join(texts, ",")
}

func unknownApplication(why Reason) Verdict { return Verdict{Code: ApplicationUnknown, Reason: why} }
