// Package gate answers programs: /gate, which a reverse proxy asks whether a request may pass, and /api/v1. It uses no
// cookies, writes no HTML, and does not log each request.
package gate

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
	"keyporter/plural"
)

// A Judge decides whether a request may pass, and reads what a key may see. It is a [keyporter.Porter].
type Judge interface {
	Judge(ctx context.Context, c keyporter.Call) keyporter.Verdict
	Verify(ctx context.Context, c keyporter.Call) keyporter.Verified
	VerifyFeedback(ctx context.Context, c keyporter.Call) keyporter.Verified
	ApplicationsOf(ctx context.Context, c keyporter.Call) ([]keyporter.Application, keyporter.Verdict)
	ExcludeListOf(ctx context.Context, c keyporter.Call) (*exclude.List, keyporter.Verdict)
	ExcludeListFor(ctx context.Context, admitted keyporter.Verdict) (*exclude.List, keyporter.Verdict)
}

// A Gate is an [http.Handler] for every path that [Owns] reports.
type Gate struct {
	judge    Judge
	options  Options
	refusals sync.Map // of refusalKey to refusal
	slots    *matchSlots
}

// Options are what a Gate needs to know about requests. Every field is needed.
type Options struct {
	Trusted func(netip.Addr) bool // reports whether an address may ask /gate
	// ClientIP returns the address that a request came from, as it is shown, and as the allowed addresses of a key are
	// compared with it: zero where a trusted proxy sent the request and names no other address.
	ClientIP func(*http.Request) (shown string, address netip.Addr)
	// DirectIP returns the address as the allowed ones are compared with it, of a request that a program may have sent
	// without a proxy.
	DirectIP  func(*http.Request) netip.Addr
	RequestID func() string    // makes the IDs of refusals, which all have one length
	Warn      func(why string) // logs what is wrong with a proxy's configuration; it limits how often
}

// New returns a gate.
func New(judge Judge, options Options) *Gate {
	return &Gate{judge: judge, options: options, slots: newMatchSlots()}
}

// Owns reports whether the gate answers requests for a path.
func Owns(path string) bool {
	return path == "/gate" || strings.HasPrefix(path, "/gate/") || path == "/api/v1" ||
		strings.HasPrefix(path, "/api/v1/")
}

// ServeHTTP implements [http.Handler].
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case path == "/gate":
		g.judgeForwarded(w, r)
	case strings.HasPrefix(path, "/gate/"):
		g.judgeDirect(w, r)
	case path == "/api/v1/token/verify":
		g.verify(w, r)
	case path == "/api/v1/feedback/token/verify":
		g.verifyFeedback(w, r)
	case path == "/api/v1/application":
		g.applications(w, r)
	case path == blacklistPath:
		g.blacklist(w, r)
	case path == matchPath:
		g.match(w, r)
	case strings.HasPrefix(path, blacklistTypePath):
		g.blacklistType(w, r)
	default:
		g.problem(w, http.StatusNotFound, "not_found", "There is nothing at this path.")
	}
}

// judgeForwarded judges the request that a proxy describes in two headers, each of which it has to send exactly once.
func (g *Gate) judgeForwarded(w http.ResponseWriter, r *http.Request) {
	method, target := r.Header["X-Forwarded-Method"], r.Header["X-Forwarded-Uri"]
	path, query, found := "", "", false
	if len(target) == 1 {
		path, query, found = splitTarget(target[0])
	}
	switch {
	case !g.fromProxy(r):
		g.untrusted(w, fmt.Sprintf("%s is none of --trusted-proxies", r.RemoteAddr))
	case len(method) != 1 || len(target) != 1:
		g.untrusted(w, "the proxy sent X-Forwarded-Method "+plural.Count(len(method), "time", "times")+
			" and X-Forwarded-Uri "+plural.Count(len(target), "time", "times")+
			": set each once, overwriting what the client sent")
	case !isMethod(method[0]):
		g.untrusted(w, "X-Forwarded-Method holds no method")
	case !found:
		g.untrusted(w, "X-Forwarded-Uri holds no path: set it to the request's own path and query")
	default:
		g.answer(w, g.judge.Judge(r.Context(), g.call(r, method[0], path, query)))
	}
}

// judgeDirect judges the request itself, by its own method and the path after /gate.
func (g *Gate) judgeDirect(w http.ResponseWriter, r *http.Request) {
	if !g.fromProxy(r) {
		g.untrusted(w, fmt.Sprintf("%s is none of --trusted-proxies", r.RemoteAddr))
		return
	}
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/gate")
	g.answer(w, g.judge.Judge(r.Context(), g.call(r, r.Method, path, r.URL.RawQuery)))
}

func (g *Gate) fromProxy(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && g.options.Trusted(from.Addr())
}

// untrusted refuses a proxy. What to change in its configuration is written to the log, not into the answer.
func (g *Gate) untrusted(w http.ResponseWriter, why string) {
	g.options.Warn(why)
	g.refuse(w, http.StatusForbidden, keyporter.Verdict{Code: keyporter.ProxyUntrusted})
}

// overridesMethod reports whether a header, in canonical form, makes some frameworks take another method than the
// request's. Some frameworks read underscores as hyphens.
func overridesMethod(name string) bool {
	if len(name) < len("X-Http-Method") || len(name) > len("X-Http-Method-Override") || name[0] != 'X' {
		return false
	}
	switch name[2] { // few headers continue so: for the others this is cheaper
	case 'H', 'h', 'M', 'm':
	default:
		return false
	}
	switch strings.ToLower(strings.ReplaceAll(name, "_", "-")) {
	case "x-http-method-override", "x-http-method", "x-method-override":
		return true
	}
	return false
}

// call returns what is judged of a request, with the method, path and query that a proxy or the request itself names.
func (g *Gate) call(r *http.Request, method, path, query string) keyporter.Call {
	c := keyporter.Call{
		Presented: keyporter.Presented{
			IntegrationKey:      r.Header["X-Integration-Key"],
			PendoIntegrationKey: r.Header["X-Pendo-Integration-Key"],
			Authorization:       r.Header["Authorization"],
		},
		Method: method, Path: path, Query: query,
		Agent: keyporter.NewAgent(r.UserAgent()),
	}
	c.Address, c.ClientAddress = g.options.ClientIP(r)
	for name := range r.Header {
		if overridesMethod(name) {
			c.Override = true
		}
	}
	return c
}

// answer writes a verdict. An admission has every identity header, even if it is empty, so that a proxy overwrites what
// a client sent under the same name.
func (g *Gate) answer(w http.ResponseWriter, v keyporter.Verdict) {
	if !v.OK() {
		g.refuse(w, gateStatus(v.Code), v)
		return
	}
	h := w.Header()
	values := [...]string{v.KeyID.String(), v.SubscriptionID, v.Applications}
	h["Keyporter-Key-Id"] = values[0:1:1]
	h["Keyporter-Subscription-Id"] = values[1:2:2]
	h["Keyporter-Write-Access"] = writeAccess(v.Write)
	h["Keyporter-Application-Ids"] = values[2:3:3]
	h["Keyporter-Blacklist"] = blacklist(v.Blacklist)
	h["Keyporter-Key-Expires"] = keyExpires(v.Ends)
	h["Keyporter-Key-Replaced-By"] = empty // no key can be replaced yet
	h["Cache-Control"] = noStore
	h["Content-Length"] = zero
	w.WriteHeader(http.StatusOK)
}

// Header values that never change. They are shared between answers, so nothing may append to them.
var (
	apply, ignore, only = []string{"apply"}, []string{"ignore"}, []string{"only"}
	noStore             = []string{"no-store"}
	zero                = []string{"0"}
	trueText, falseText = []string{"true"}, []string{"false"}
	empty               = []string{""}
)

func blacklist(b keyporter.Blacklist) []string {
	switch b {
	case keyporter.BlacklistIgnore:
		return ignore
	case keyporter.BlacklistOnly:
		return only
	}
	return apply
}

// keyExpires is the end of a key as RFC 3339 writes it, in UTC; empty for a key that never ends.
func keyExpires(end keyporter.Timestamp) []string {
	if end == 0 {
		return empty
	}
	return []string{end.Time().Format(time.RFC3339)}
}

func writeAccess(write bool) []string {
	if write {
		return trueText
	}
	return falseText
}

// splitTarget returns the path and the query of a request's target as a proxy forwards it. They stay as they were sent,
// undecoded: a path that another server would decode differently must not count as one of --read-paths. It reports
// false for a target without a path.
func splitTarget(target string) (path, query string, ok bool) {
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c == 0x7f {
			return "", "", false
		}
	}
	path, query, _ = strings.Cut(target, "?")
	return path, query, strings.HasPrefix(path, "/")
}

func isMethod(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' {
			return false
		}
	}
	return text != ""
}
