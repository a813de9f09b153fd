package gate

import (
	"fmt"
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

// list judges a request that reads the Exclude List and returns the list. Where the verdict is not OK, it has
// answered with a refusal.
func (g *Gate) list(w http.ResponseWriter, r *http.Request) (*keyporter.ExcludeList, keyporter.Verdict) {
	if !g.takes(w, r, http.MethodGet, http.MethodHead) {
		return nil, keyporter.Verdict{Code: keyporter.Unavailable}
	}
	list, v := g.judge.ExcludeListOf(r.Context(), g.apiCall(r))
	if !v.OK() {
		g.refuse(w, apiStatus(v.Code), v)
	}
	return list, v
}

// blacklist answers with the whole list.
func (g *Gate) blacklist(w http.ResponseWriter, r *http.Request) {
	if list, v := g.list(w, r); v.OK() {
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
	list, v := g.list(w, r)
	if !v.OK() {
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
	begin, found := slices.BinarySearchFunc(all, after, func(e keyporter.ExcludeEntry,
		after string) int {
		return strings.Compare(e.Pattern, after)
	})
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
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > mostLimit ||
			strconv.Itoa(limit) != text {
			return "", 0, fmt.Sprintf("The limit is a whole number from 1 to %d.", mostLimit)
		}
	}
	return values.Get("after"), limit, ""
}
