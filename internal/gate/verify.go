package gate

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

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

// verifiedFeedback is what GET /api/v1/feedback/token/verify says about a valid key.
type verifiedFeedback struct {
	Valid        bool         `json:"valid"`
	KeyID        string       `json:"keyId"`
	Description  string       `json:"description"`
	User         user         `json:"user"`
	Subscription subscription `json:"subscription"`
}

type user struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (g *Gate) verify(w http.ResponseWriter, r *http.Request) {
	g.check(w, r, g.judge.Verify, func(v keyporter.Verified) any {
		return verified{
			Valid: true, WriteAccess: v.Write, KeyID: v.KeyID.String(), Description: v.Description,
			Subscription: subscription{ID: v.Subscription.ID, Name: v.Subscription.Name},
		}
	})
}

// verifyFeedback reads one header more than every other path of the gate, for which auth-token means nothing.
func (g *Gate) verifyFeedback(w http.ResponseWriter, r *http.Request) {
	judge := func(ctx context.Context, c keyporter.Call) keyporter.Verified {
		c.AuthToken = r.Header["Auth-Token"]
		return g.judge.VerifyFeedback(ctx, c)
	}
	g.check(w, r, judge, func(v keyporter.Verified) any {
		return verifiedFeedback{
			Valid: true, KeyID: v.KeyID.String(), Description: v.Description,
			User:         user{ID: v.UserID, Name: v.UserName},
			Subscription: subscription{ID: v.Subscription.ID, Name: v.Subscription.Name},
		}
	})
}

// check answers a program that checks its key: with what say says of a valid one, or with the refusal.
func (g *Gate) check(w http.ResponseWriter, r *http.Request,
	judge func(context.Context, keyporter.Call) keyporter.Verified, say func(keyporter.Verified) any) {
	if !g.takes(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	v := judge(r.Context(), g.apiCall(r))
	if !v.OK() {
		g.refuse(w, apiStatus(v.Code), v.Verdict)
		return
	}
	sendJSON(w, say(v))
}

// takes refuses every method but these; the first is the one to use.
func (g *Gate) takes(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	if slices.Contains(methods, r.Method) {
		return true
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	g.problem(w, http.StatusMethodNotAllowed, "method_not_allowed", "Use "+methods[0]+".")
	return false
}

// apiCall is a request to /api/v1 itself.
func (g *Gate) apiCall(r *http.Request) keyporter.Call {
	return g.call(r, r.Method, r.URL.EscapedPath(), r.URL.RawQuery)
}

// apiStatus is what a program is answered at /api/v1: about its key 403 whatever the case, as Pendo's API answers, and
// 400 about what it asks for.
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
	if err != nil { // of strings, numbers and booleans
		panic(err)
	}
	send(w, http.StatusOK, jsonType, []string{strconv.Itoa(len(body))}, string(body))
}
