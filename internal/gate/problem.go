package gate

import (
	"encoding/json"
	"net/http"
	"strconv"

	"keyporter/internal/keyporter"
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

var titles = map[keyporter.Code]string{
	keyporter.ProxyUntrusted:      "The gate does not judge for this sender",
	keyporter.KeyMissing:          "No integration key",
	keyporter.KeyAmbiguous:        "More than one key",
	keyporter.KeyWrongKind:        "Another kind of key",
	keyporter.KeyInvalid:          "Not a valid integration key",
	keyporter.Unavailable:         "The key cannot be checked",
	keyporter.FeatureDisabled:     "Integration Keys are off",
	keyporter.WriteAccessRequired: "The key can only read",
}

func (g *Gate) refuse(w http.ResponseWriter, status int, v keyporter.Verdict) {
	if value := challenge(v.Code); value != "" {
		w.Header().Set("WWW-Authenticate", value)
	}
	g.write(w, problem{Title: titles[v.Code], Status: status, Detail: v.Detail, Code: string(v.Code)})
}

func (g *Gate) problem(w http.ResponseWriter, status int, code, detail string) {
	g.write(w, problem{Title: http.StatusText(status), Status: status, Detail: detail, Code: code})
}

func (g *Gate) write(w http.ResponseWriter, p problem) {
	p.Type, p.RequestID = "about:blank", g.requestID()
	body, err := json.Marshal(p)
	if err != nil { // a struct of strings
		panic(err)
	}
	w.Header().Set(problemHeader, string(body))
	send(w, p.Status, "application/problem+json", body)
}

func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body) // who went away does not hear
}
