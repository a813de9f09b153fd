package gate

import "net/http"

// An application is one of those that GET /api/v1/application lists.
type application struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	Platform  string `json:"platform"`
	IsDefault bool   `json:"isDefault"`
}

// applications lists what the key opens, as a bare array, by ID.
func (g *Gate) applications(w http.ResponseWriter, r *http.Request) {
	if !g.takes(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	all, v := g.judge.ApplicationsOf(r.Context(), g.apiCall(r))
	if !v.OK() {
		g.refuse(w, apiStatus(v.Code), v)
		return
	}
	list := make([]application, 0, len(all))
	for _, a := range all {
		list = append(list, application{int64(a.ID), a.Name, string(a.Platform), a.Default})
	}
	sendJSON(w, list)
}
