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

// verified is the answer to GET /api/v1/token/verify for a valid key.
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

// verifiedFeedback is the answer to GET /api/v1/feedback/token/verify for a valid key.
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
	g.answerVerified(w, r, g.judge.Verify, func(v keyporter.Verified) any {
		w.Header()["Keyporter-Key-Expires"] = keyExpires(v.Ends)
		return verified{
			Valid: true, WriteAccess: v.Write, KeyID: v.KeyID.String(), Description: v.Description,
			Subscription: subscription{ID: v.Subscription.ID, Name: v.Subscription.Name},
		}
	})
}

// verifyFeedback also reads the header auth-token, which no other path does.
func (g *Gate) verifyFeedback(w http.ResponseWriter, r *http.Request) {
	judge := func(ctx context.Context, c keyporter.Call) keyporter.Verified {
		c.AuthToken = r.Header["Auth-Token"]
		return g.judge.VerifyFeedback(ctx, c)
	}
	g.answerVerified(w, r, judge, func(v keyporter.Verified) any {
		return verifiedFeedback{
			Valid: true, KeyID: v.KeyID.String(), Description: v.Description,
			User:         user{ID: v.UserID, Name: v.UserName},
			Subscription: subscription{ID: v.Subscription.ID, Name: v.Subscription.Name},
		}
	})
}

// answerVerified answers a program that checks its key: with the document for a valid key, or with a refusal.
func (g *Gate) answerVerified(w http.ResponseWriter, r *http.Request,
	judge func(context.Context, keyporter.Call) keyporter.Verified, document func(keyporter.Verified) any) {
	if !g.allowMethods(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	v := judge(r.Context(), g.apiCall(r))
	if !v.OK() {
		g.refuse(w, apiStatus(v.Code), v.Verdict)
		return
	}
	writeJSON(w, document(v))
}

// allowMethods reports whether the request has one of these methods, or else answers 405 and names the first.
func (g *Gate) allowMethods(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	if slices.Contains(methods, r.Method) {
		return true
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	g.problem(w, http.StatusMethodNotAllowed, "method_not_allowed", "Use "+methods[0]+".")
	return false
}

// apiCall is the call of a request to /api/v1, which is judged itself.
func (g *Gate) apiCall(r *http.Request) keyporter.Call {
	c := g.call(r, r.Method, r.URL.EscapedPath(), r.URL.RawQuery)
	c.ClientAddress = g.options.DirectIP(r)
	return c
}

func writeJSON(w http.ResponseWriter, value any) {
	body, err := json.Marshal(value)
	if err != nil { // never: values hold strings, numbers and booleans
		panic(err)
	}
	writeBody(w, http.StatusOK, jsonType, []string{strconv.Itoa(len(body))}, string(body))
}
