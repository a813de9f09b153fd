package gate

import "net/http"

// An application is an element of the answer to GET /api/v1/application.
type application struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	Platform  string `json:"platform"`
	IsDefault bool   `json:"isDefault"`
}

// applications lists the applications of the key's subscription as a bare array, by ID.
func (g *Gate) applications(w http.ResponseWriter, r *http.Request) {
	if !g.allowMethods(w, r, http.MethodGet, http.MethodHead) {
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
	writeJSON(w, list)
}
