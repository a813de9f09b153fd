// Package gate is the machines' door: /gate, which a reverse proxy asks whether a request may pass, and /api/v1. It
// uses no cookies and writes no HTML. It stands beside the console's middleware, not behind it, and writes no log line
// per request.
package gate

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/plural"
)

// A Judge decides.
type Judge interface {
	Judge(ctx context.Context, c keyporter.Call) keyporter.Verdict
	Verify(ctx context.Context, c keyporter.Call) keyporter.Verified
	VerifyFeedback(ctx context.Context, c keyporter.Call) keyporter.Verified
	ApplicationsOf(ctx context.Context, c keyporter.Call) ([]keyporter.Application, keyporter.Verdict)
	ExcludeListOf(ctx context.Context, c keyporter.Call) (*keyporter.ExcludeList, keyporter.Verdict)
	ExcludeListFor(ctx context.Context, admitted keyporter.Verdict) (*keyporter.ExcludeList, keyporter.Verdict)
}

// A Gate answers what machines ask. It implements [http.Handler] for every path that [Owns] reports.
type Gate struct {
	judge     Judge
	trusted   func(netip.Addr) bool
	client    func(*http.Request) string
	requestID func() string
	log       *slog.Logger
	refusals  sync.Map // of refusalKey to refusal
	slots     *matchSlots
	warnedAt  atomic.Int64 // Unix seconds of the last word about a proxy that is set up wrongly
}

// New returns a gate. The function trusted says which addresses may ask /gate, client which address a request came
// from, and requestID makes the IDs that refusals carry, which are all of one length.
func New(judge Judge, trusted func(netip.Addr) bool, client func(*http.Request) string, requestID func() string,
	log *slog.Logger) *Gate {
	return &Gate{judge: judge, trusted: trusted, client: client, requestID: requestID, log: log, slots: newMatchSlots()}
}

// Owns reports whether a path is the gate's.
func Owns(path string) bool {
	return path == "/gate" || strings.HasPrefix(path, "/gate/") || path == "/api/v1" ||
		strings.HasPrefix(path, "/api/v1/")
}

// ServeHTTP implements [http.Handler].
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case path == "/gate":
		g.forwarded(w, r)
	case strings.HasPrefix(path, "/gate/"):
		g.itself(w, r)
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

// forwarded judges the request that a proxy describes in two headers, each of which it sends exactly once.
func (g *Gate) forwarded(w http.ResponseWriter, r *http.Request) {
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

// itself judges the request as it is, with its own method and the path behind /gate.
func (g *Gate) itself(w http.ResponseWriter, r *http.Request) {
	if !g.fromProxy(r) {
		g.untrusted(w, fmt.Sprintf("%s is none of --trusted-proxies", r.RemoteAddr))
		return
	}
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/gate")
	g.answer(w, g.judge.Judge(r.Context(), g.call(r, r.Method, path, r.URL.RawQuery)))
}

func (g *Gate) fromProxy(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && g.trusted(from.Addr())
}

// untrusted refuses a proxy. What to set is told to the log, not to whoever asks, and not more than once a second.
func (g *Gate) untrusted(w http.ResponseWriter, why string) {
	now := time.Now().Unix()
	if last := g.warnedAt.Load(); last != now && g.warnedAt.CompareAndSwap(last, now) {
		g.log.Warn("refused to judge for a proxy", "why", why)
	}
	g.refuse(w, http.StatusForbidden, keyporter.Verdict{Code: keyporter.ProxyUntrusted})
}

// overrides reports whether a header makes some frameworks take another method than the request's. Some take
// underscores for hyphens.
func overrides(name string) bool {
	if len(name) < len("X-Http-Method") || len(name) > len("X-Http-Method-Override") || name[0] != 'X' {
		return false
	}
	switch name[2] { // few headers go on like that, and the rest costs
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

func (g *Gate) call(r *http.Request, method, path, query string) keyporter.Call {
	c := keyporter.Call{
		Presented: keyporter.Presented{
			IntegrationKey:      r.Header["X-Integration-Key"],
			PendoIntegrationKey: r.Header["X-Pendo-Integration-Key"],
			Authorization:       r.Header["Authorization"],
		},
		Method: method, Path: path, Query: query, Address: g.client(r), Agent: keyporter.NewAgent(r.UserAgent()),
	}
	for name := range r.Header {
		if overrides(name) {
			c.Override = true
		}
	}
	return c
}

// answer is a yes with every identity header, also those with nothing to say, so that a proxy overwrites whatever a
// client sent under their names; or a no.
func (g *Gate) answer(w http.ResponseWriter, v keyporter.Verdict) {
	if !v.OK() {
		g.refuse(w, status(v.Code), v)
		return
	}
	h := w.Header()
	values := [...]string{v.KeyID.String(), v.SubscriptionID, v.Applications}
	h["Keyporter-Key-Id"] = values[0:1:1]
	h["Keyporter-Subscription-Id"] = values[1:2:2]
	h["Keyporter-Write-Access"] = writeAccess(v.Write)
	h["Keyporter-Application-Ids"] = values[2:3:3]
	h["Keyporter-Blacklist"] = blacklist(v.Blacklist)
	h["Cache-Control"] = noStore
	h["Content-Length"] = zero
	w.WriteHeader(http.StatusOK)
}

// Header values that never change.
var (
	apply, ignore, only = []string{"apply"}, []string{"ignore"}, []string{"only"}
	noStore             = []string{"no-store"}
	zero                = []string{"0"}
	yes, no             = []string{"true"}, []string{"false"}
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

func writeAccess(write bool) []string {
	if write {
		return yes
	}
	return no
}

// splitTarget returns the path and the query of a request's target as a proxy forwards it: as they were sent,
// undecoded, because what is decoded differently by somebody else must not count as a path that only reads. It reports
// false for what has no path.
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
