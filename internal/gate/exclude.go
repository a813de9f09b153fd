package gate

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"keyporter/internal/exclude"
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

func entriesOf(all []exclude.Entry) []entry {
	entries := make([]entry, len(all))
	for i, e := range all {
		entries[i] = entry{string(e.Kind), e.Pattern}
	}
	return entries
}

// readList judges a request that reads the Exclude List and returns the list. It reports false if it has answered with
// a refusal.
func (g *Gate) readList(w http.ResponseWriter, r *http.Request) (*exclude.List, bool) {
	if !g.allowMethods(w, r, http.MethodGet, http.MethodHead) {
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
	if list, ok := g.readList(w, r); ok {
		writeJSON(w, entriesOf(list.Entries()))
	}
}

// How many entries a page of one type has.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// blacklistType answers with a page of the entries of one type: those after a pattern, in the order of their bytes.
func (g *Gate) blacklistType(w http.ResponseWriter, r *http.Request) {
	list, ok := g.readList(w, r)
	if !ok {
		return
	}
	kind := exclude.Kind(strings.TrimPrefix(r.URL.Path, blacklistTypePath))
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
	begin, found := slices.BinarySearchFunc(all, after, func(e exclude.Entry, after string) int {
		return strings.Compare(e.Pattern, after)
	})
	if found {
		begin++
	}
	end := min(len(all), begin+limit)
	writeJSON(w, struct {
		HasMore bool    `json:"hasMore"`
		Results []entry `json:"results"`
	}{end < len(all), entriesOf(all[begin:end])})
}

// paging reads the two parameters of a page and ignores all others. The sentence says what is wrong with them.
func paging(query string) (after string, limit int, sentence string) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", 0, "The query cannot be read: check its percent-encoding."
	}
	if len(values["after"]) > 1 || len(values["limit"]) > 1 {
		return "", 0, "Send each of after and limit once."
	}
	limit = defaultLimit
	if text := values.Get("limit"); values.Has("limit") {
		limit, err = strconv.Atoi(text)
		if err != nil || limit < 1 || limit > maxLimit || strconv.Itoa(limit) != text {
			return "", 0, fmt.Sprintf("The limit is a whole number from 1 to %d.", maxLimit)
		}
	}
	return values.Get("after"), limit, ""
}
