package gate

import (
	"encoding/json"
	"net/http"
	"strconv"

	"keyporter/internal/keyporter"
)

// verified is what GET /api/v1/token/verify says about a valid key.
type verified struct {
	Valid        bool         `json:"valid"`
	WriteAccess  bool         `json:"writeAccess"`
	KeyID        string       `json:"keyId"`
	Description  string       `json:"description"`
	Subscription subscription `json:"subscription"`
}

type subscription struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (g *Gate) verify(w http.ResponseWriter, r *http.Request) {
	if !g.gets(w, r) {
		return
	}
	v := g.judge.Verify(r.Context(), g.apiCall(r))
	if !v.OK() {
		g.refuse(w, apiStatus(v.Code), v.Verdict)
		return
	}
	sendJSON(w, verified{
		Valid: true, WriteAccess: v.Write, KeyID: v.KeyID.String(), Description: v.Description,
		Subscription: subscription{ID: v.Subscription.ID, Name: v.Subscription.Name},
	})
}

// gets refuses every method but GET and HEAD.
func (g *Gate) gets(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	g.problem(w, http.StatusMethodNotAllowed, "method_not_allowed", "Use GET.")
	return false
}

// apiCall is a request to /api/v1 itself.
func (g *Gate) apiCall(r *http.Request) keyporter.Call {
	return g.call(r, r.Method, r.URL.EscapedPath(), r.URL.RawQuery)
}

// apiStatus is what a program is answered at /api/v1: about its key 403 whatever the case, as Pendo's API answers, and 400
// about what it asks for.
func apiStatus(c keyporter.Code) int {
	switch c {
	case keyporter.Unavailable:
		return http.StatusServiceUnavailable
	case keyporter.ApplicationUnknown, keyporter.BlacklistInvalid:
		return http.StatusBadRequest
	}
	return http.StatusForbidden
}

func sendJSON(w http.ResponseWriter, value any) {
	body, err := json.Marshal(value)
	if err != nil { // a struct of strings, or a list of them
		panic(err)
	}
	send(w, http.StatusOK, jsonType, []string{strconv.Itoa(len(body))}, string(body))
}
