package gate

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

// maxBody is how much of a request's body is read, in bytes.
const maxBody = 1 << 20

// match answers for each event of the request whether the list excludes it.
func (g *Gate) match(w http.ResponseWriter, r *http.Request) {
	if !g.allowMethods(w, r, http.MethodPost) {
		return
	}
	v := g.judge.Judge(r.Context(), g.apiCall(r))
	if !v.OK() {
		g.refuse(w, apiStatus(v.Code), v)
		return
	}
	g.matchEvents(w, r, v.SubscriptionID, func() (*exclude.List, keyporter.Verdict) {
		return g.judge.ExcludeListFor(r.Context(), v)
	})
}

// matchEvents takes a slot only once the body is there, so that a client that sends slowly holds none, and reads the
// list only while it holds one, because a long list takes much work and memory.
func (g *Gate) matchEvents(w http.ResponseWriter, r *http.Request, subscription string,
	readList func() (*exclude.List, keyporter.Verdict)) {
	body, ok := g.readBody(w, r)
	if !ok {
		return
	}
	release, ok := g.slots.acquire(r.Context(), subscription)
	if !ok {
		w.Header()["Retry-After"] = retryAfter
		g.problem(w, http.StatusTooManyRequests, "too_many_requests",
			"Too many requests with events at once. Send them one after the other, and this one again in a second.")
		return
	}
	defer release()
	events, sentence := readEvents(body)
	if sentence != "" {
		g.problem(w, http.StatusBadRequest, "body_invalid", sentence)
		return
	}
	list, v := readList()
	if !v.OK() {
		g.refuse(w, apiStatus(v.Code), v)
		return
	}
	excluded, err := matchAll(r.Context(), list, events)
	if err != nil { // the client has left
		return
	}
	writeJSON(w, struct {
		Excluded []bool `json:"excluded"`
	}{excluded})
}

var retryAfter = []string{"1"} // seconds

// matchAll reports for each event whether the list excludes it. When the context ends it stops, after one event at the
// latest, with the context's error.
func matchAll(ctx context.Context, list *exclude.List, events []exclude.Event) ([]bool, error) {
	excluded := make([]bool, len(events))
	for i, event := range events {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		excluded[i] = list.Excludes(event)
	}
	return excluded, nil
}

// readBody reads up to [maxBody]. It reports false if it has answered with a refusal.
func (g *Gate) readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		g.problem(w, http.StatusUnsupportedMediaType, "content_type_unsupported",
			"Send the events as application/json.")
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		g.problem(w, http.StatusRequestEntityTooLarge, "body_too_large",
			"The body may have 1 MiB. Send the events in several requests.")
		return nil, false
	case err != nil:
		g.problem(w, http.StatusBadRequest, "body_invalid", "The body could not be read to its end.")
		return nil, false
	}
	return body, true
}
