package gate

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// A problem is a refusal as RFC 9457 writes it.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
	RequestID string `json:"requestId"`
}

// problemHeader carries a refusal's document beside its body, for proxies that throw away the body of what they ask, as
// nginx does. The document is printable ASCII.
const problemHeader = "Keyporter-Problem"

// status is what /gate answers for a code: 401, 403 or 503, which are what proxies pass on.
func status(c keyporter.Code) int {
	switch c {
	case keyporter.KeyMissing, keyporter.KeyAmbiguous, keyporter.KeyWrongKind, keyporter.KeyInvalid:
		return http.StatusUnauthorized
	case keyporter.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusForbidden
}

// challenge is the WWW-Authenticate header of RFC 6750 for a code; "" for none.
func challenge(c keyporter.Code) string {
	const realm = `Bearer realm="keyporter"`
	switch c {
	case keyporter.KeyMissing:
		return realm
	case keyporter.KeyInvalid:
		return realm + `, error="invalid_token"`
	case keyporter.WriteAccessRequired:
		return realm + `, error="insufficient_scope"`
	}
	return ""
}

// A refusal is written once for each code and status; only the request ID differs.
type refusal struct {
	status         int
	challenge      []string // of WWW-Authenticate; nil for none
	length         []string // of Content-Length: request IDs are all of one length
	before, behind string   // the request ID's place in the document
}

func (g *Gate) newRefusal(status int, code, title, detail string) refusal {
	body, err := json.Marshal(problem{Type: "about:blank", Title: title, Status: status, Detail: detail, Code: code,
		RequestID: "0"})
	if err != nil { // a struct of strings
		panic(err)
	}
	document := string(body)
	at := strings.LastIndex(document, `"0"`) + 1
	length := strconv.Itoa(len(document) - 1 + len(g.requestID()))
	return refusal{status: status, length: []string{length}, before: document[:at], behind: document[at+1:]}
}

// refuse answers with the refusal for a verdict.
func (g *Gate) refuse(w http.ResponseWriter, status int, v keyporter.Verdict) {
	key := refusalKey{status, v.Code, v.Reason, v.Wanted, v.Presented}
	known, found := g.refusals.Load(key)
	if !found {
		r := g.newRefusal(status, string(v.Code), titles[v.Code], detail(v))
		if value := challenge(v.Code); value != "" {
			r.challenge = []string{value}
		}
		known, _ = g.refusals.LoadOrStore(key, r) // there are few cases, so this stays small
	}
	g.write(w, known.(refusal))
}

// A refusalKey is what a refusal's document depends on, besides the request ID.
type refusalKey struct {
	status    int
	code      keyporter.Code
	reason    keyporter.Reason
	wanted    keyporter.KeyKind
	presented token.Kind
}

func (g *Gate) problem(w http.ResponseWriter, status int, code, detail string) {
	g.write(w, g.newRefusal(status, code, http.StatusText(status), detail))
}

func (g *Gate) write(w http.ResponseWriter, r refusal) {
	document := r.before + g.requestID() + r.behind
	h := w.Header()
	if r.challenge != nil {
		h["Www-Authenticate"] = r.challenge
	}
	h[problemHeader] = []string{document}
	send(w, r.status, problemType, r.length, document)
}

// Header values that never change.
var (
	problemType = []string{"application/problem+json"}
	jsonType    = []string{"application/json"}
	nosniff     = []string{"nosniff"}
)

func send(w http.ResponseWriter, status int, contentType, length []string, body string) {
	h := w.Header()
	h["Content-Type"] = contentType
	h["Content-Length"] = length
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = nosniff
	w.WriteHeader(status)
	io.WriteString(w, body) // who went away does not hear
}
