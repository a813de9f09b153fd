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
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		g.problem(w, http.StatusMethodNotAllowed, "method_not_allowed", "Use GET.")
		return
	}
	v := g.judge.Verify(r.Context(), g.call(r, r.Method, r.URL.EscapedPath()))
	if !v.OK() {
		g.refuse(w, verifyStatus(v.Code), v.Verdict)
		return
	}
	body, err := json.Marshal(verified{
		Valid: true, WriteAccess: v.Write, KeyID: v.KeyID.String(), Description: v.Description,
		Subscription: subscription{ID: v.Subscription.ID, Name: v.Subscription.Name},
	})
	if err != nil { // a struct of strings
		panic(err)
	}
	send(w, http.StatusOK, jsonType, []string{strconv.Itoa(len(body))}, string(body))
}

// verifyStatus is what a program that checks its key is answered: 403 whatever the case, as Pendo's API answers,
// unless the case is our own.
func verifyStatus(c keyporter.Code) int {
	if c == keyporter.Unavailable {
		return http.StatusServiceUnavailable
	}
	return http.StatusForbidden
}
