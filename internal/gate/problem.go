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

// A problem is a problem document as defined by RFC 9457.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
	RequestID string `json:"requestId"`
}

// problemHeader repeats the problem document, which is printable ASCII, for proxies that discard the body of the gate's
// answer, as nginx does.
const problemHeader = "Keyporter-Problem"

// gateStatus is the status of /gate for a code: 401, 403 or 503, because proxies pass on these.
func gateStatus(c keyporter.Code) int {
	switch c {
	case keyporter.KeyMissing, keyporter.KeyAmbiguous, keyporter.KeyWrongKind, keyporter.KeyInvalid,
		keyporter.KeyDisabled, keyporter.KeyExpired:
		return http.StatusUnauthorized
	case keyporter.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusForbidden
}

// apiStatus is the status of /api/v1 for a code: 403 for anything that is wrong with the key, as Pendo's API answers,
// and 400 for invalid parameters.
func apiStatus(c keyporter.Code) int {
	switch c {
	case keyporter.Unavailable:
		return http.StatusServiceUnavailable
	case keyporter.ApplicationUnknown, keyporter.BlacklistInvalid:
		return http.StatusBadRequest
	}
	return http.StatusForbidden
}

// challenge is the value of WWW-Authenticate for a code (RFC 6750), or "" for none.
func challenge(c keyporter.Code) string {
	const realm = `Bearer realm="keyporter"`
	switch c {
	case keyporter.KeyMissing:
		return realm
	case keyporter.KeyInvalid, keyporter.KeyDisabled, keyporter.KeyExpired:
		return realm + `, error="invalid_token"`
	case keyporter.WriteAccessRequired:
		return realm + `, error="insufficient_scope"`
	}
	return ""
}

// A refusal is an answer that is encoded once for each refusalKey: only the request ID differs.
type refusal struct {
	status            int
	challenge         []string // the value of WWW-Authenticate; nil for none
	length            []string // the value of Content-Length: all request IDs have one length
	beforeID, afterID string   // the document around the request ID
}

func (g *Gate) newRefusal(status int, code, title, detail string) refusal {
	body, err := json.Marshal(problem{
		Type: "about:blank", Title: title, Status: status, Detail: detail, Code: code, RequestID: "0",
	})
	if err != nil { // never: it is a struct of strings and a number
		panic(err)
	}
	document := string(body)
	at := strings.LastIndex(document, `"0"`) + 1
	length := strconv.Itoa(len(document) - 1 + len(g.options.RequestID()))
	return refusal{status: status, length: []string{length}, beforeID: document[:at], afterID: document[at+1:]}
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
		known, _ = g.refusals.LoadOrStore(key, r) // there are few cases, so the map stays small
	}
	g.writeRefusal(w, known.(refusal))
}

// A refusalKey is what a refusal depends on, apart from the request ID.
type refusalKey struct {
	status    int
	code      keyporter.Code
	reason    keyporter.Reason
	wanted    keyporter.KeyKind
	presented token.Kind
}

// problem answers with a problem document that does not come from a verdict.
func (g *Gate) problem(w http.ResponseWriter, status int, code, detail string) {
	g.writeRefusal(w, g.newRefusal(status, code, http.StatusText(status), detail))
}

func (g *Gate) writeRefusal(w http.ResponseWriter, r refusal) {
	document := r.beforeID + g.options.RequestID() + r.afterID
	h := w.Header()
	if r.challenge != nil {
		h["Www-Authenticate"] = r.challenge
	}
	h[problemHeader] = []string{document}
	writeBody(w, r.status, problemType, r.length, document)
}

// Header values that never change, shared between answers.
var (
	problemType = []string{"application/problem+json"}
	jsonType    = []string{"application/json"}
	nosniff     = []string{"nosniff"}
)

func writeBody(w http.ResponseWriter, status int, contentType, length []string, body string) {
	h := w.Header()
	h["Content-Type"] = contentType
	h["Content-Length"] = length
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = nosniff
	w.WriteHeader(status)
	io.WriteString(w, body) // an error means that the client has left
}
