package gate

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"keyporter/internal/keyporter"
)

const (
	blacklistPath     = "/api/v1/blacklist"
	blacklistTypePath = "/api/v1/blacklist/type/"
	matchPath         = "/api/v1/blacklist/match"
)

// An entry is one entry of the Exclude List as programs read it.
type entry struct {
	Type    string `json:"type"`
	Pattern string `json:"pattern"`
}

func entriesOf(all []keyporter.ExcludeEntry) []entry {
	entries := make([]entry, len(all))
	for i, e := range all {
		entries[i] = entry{string(e.Kind), e.Pattern}
	}
	return entries
}

// list judges a request that reads the Exclude List and returns the list. It reports false where it has answered with a
// refusal.
func (g *Gate) list(w http.ResponseWriter, r *http.Request, methods ...string) (*keyporter.ExcludeList, bool) {
	if !g.takes(w, r, methods...) {
		return nil, false
	}
	list, v := g.judge.ExcludeListOf(r.Context(), g.apiCall(r))
	if !v.OK() {
		g.refuse(w, apiStatus(v.Code), v)
	}
	return list, v.OK()
}

// blacklist answers with the whole list.
func (g *Gate) blacklist(w http.ResponseWriter, r *http.Request) {
	if list, ok := g.list(w, r, http.MethodGet, http.MethodHead); ok {
		sendJSON(w, entriesOf(list.Entries()))
	}
}

// How many entries a page of one type has.
const (
	standardLimit = 100
	mostLimit     = 1000
)

// blacklistType answers with a page of the entries of one type: those after a pattern, in the order of their bytes.
func (g *Gate) blacklistType(w http.ResponseWriter, r *http.Request) {
	list, ok := g.list(w, r, http.MethodGet, http.MethodHead)
	if !ok {
		return
	}
	kind := keyporter.ExcludeKind(strings.TrimPrefix(r.URL.Path, blacklistTypePath))
	if !kind.Known() {
		g.problem(w, http.StatusNotFound, "not_found", "The types are server, remoteIp, visitorId and accountId.")
		return
	}
	after, limit, sentence := paging(r.URL.RawQuery)
	if sentence != "" {
		g.problem(w, http.StatusBadRequest, "parameter_invalid", sentence)
		return
	}
	all := list.EntriesOf(kind)
	begin, found := slices.BinarySearchFunc(all, after, func(e keyporter.ExcludeEntry, after string) int { return strings.Compare(e.Pattern, after) })
	if found {
		begin++
	}
	end := min(len(all), begin+limit)
	sendJSON(w, struct {
		HasMore bool    `json:"hasMore"`
		Results []entry `json:"results"`
	}{end < len(all), entriesOf(all[begin:end])})
}

// paging reads the two parameters of a page. Others are somebody else's.
func paging(query string) (after string, limit int, sentence string) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", 0, "The query cannot be read: check its percent-encoding."
	}
	if len(values["after"]) > 1 || len(values["limit"]) > 1 {
		return "", 0, "Send each of after and limit once."
	}
	limit = standardLimit
	if text := values.Get("limit"); values.Has("limit") {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > mostLimit || strconv.Itoa(limit) != text {
			return "", 0, fmt.Sprintf("The limit is a whole number from 1 to %d.", mostLimit)
		}
	}
	return values.Get("after"), limit, ""
}

// maxBody is how much of a request's body is read, in bytes.
const maxBody = 1 << 20

// match answers for each event of the request whether the list excludes it.
func (g *Gate) match(w http.ResponseWriter, r *http.Request) {
	list, ok := g.list(w, r, http.MethodPost)
	if !ok {
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		g.problem(w, http.StatusUnsupportedMediaType, "content_type_unsupported", "Send the events as application/json.")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		g.problem(w, http.StatusRequestEntityTooLarge, "body_too_large", "The body may have 1 MiB. Send the events in several requests.")
		return
	case err != nil:
		g.problem(w, http.StatusBadRequest, "body_invalid", "The body could not be read to its end.")
		return
	}
	events, sentence := readEvents(body)
	if sentence != "" {
		g.problem(w, http.StatusBadRequest, "body_invalid", sentence)
		return
	}
	excluded := make([]bool, len(events))
	for i, event := range events {
		excluded[i] = list.Excludes(event)
	}
	sendJSON(w, struct {
		Excluded []bool `json:"excluded"`
	}{excluded})
}
