package gate

import (
	"context"
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
			Valid: true, KeyID: v.KeyID.String(), Description: v.Description, User: user{ID: v.UserID, Name: v.UserName},
			Subscription: subscription{ID: v.Subscription.ID, Name: v.Subscription.Name},
		}
	})
}

// check answers a program that checks its key: with what say says of a valid one, or with the refusal.
func (g *Gate) check(w http.ResponseWriter, r *http.Request, judge func(context.Context, keyporter.Call) keyporter.Verified, say func(keyporter.Verified) any) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		g.problem(w, http.StatusMethodNotAllowed, "method_not_allowed", "Use GET.")
		return
	}
	v := judge(r.Context(), g.call(r, r.Method, r.URL.EscapedPath()))
	if !v.OK() {
		g.refuse(w, verifyStatus(v.Code), v.Verdict)
		return
	}
	body, err := json.Marshal(say(v))
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
