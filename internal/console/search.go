package console

import (
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// searchQuery returns the text that a list is searched for.
func searchQuery(ec echo.Context) string { return cleanQuery(ec.QueryParam("q")) }

// cleanQuery removes what no stored text contains: invalid UTF-8, NUL, and white space at both ends.
func cleanQuery(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", ""))
}

// chosenStatus parses the filter of the list of keys. An unknown value filters nothing. Feedback API keys have no
// state: for them, active ones are those that were used.
func (k keyPages) chosenStatus(text string) keyporter.KeyStatus {
	status := keyporter.KeyStatus(text)
	if k.words.Personal {
		switch status {
		case keyporter.StatusActive:
			return keyporter.StatusUsed
		case keyporter.StatusNeverUsed:
			return status
		}
		return keyporter.AnyStatus
	}
	switch status {
	case keyporter.StatusActive, keyporter.StatusNeverUsed, keyporter.StatusUnused, keyporter.StatusExpiresSoon,
		keyporter.StatusExpired, keyporter.StatusDisabled:
		return status
	}
	return keyporter.AnyStatus
}

// searchKeys answers the search form of the list of keys with a redirect to the list. A text that may contain a token
// never becomes part of a URL, because proxies and servers log URLs.
func (k keyPages) searchKeys(ec echo.Context, r requester) error {
	text := field(ec, "q")
	if !k.words.Personal {
		if err := k.porter.CheckManagesKeys(r.operationArgs(ec)); err != nil {
			return err
		}
		if token.MayContain(text) {
			return k.identify(ec, r, text)
		}
	}
	query := url.Values{}
	if status := field(ec, "status"); k.chosenStatus(status) != keyporter.AnyStatus {
		query.Set("status", status)
	}
	return k.search(ec, k.path(r), "q", text, query)
}

// keyIDIn returns the key ID in a pasted token; "" where there is none.
func keyIDIn(text string) string {
	id, ok := token.PastedKeyID(text)
	if !ok {
		return ""
	}
	return id.String()
}

// search redirects to the list at path with text as the named parameter of the query. Of a text that may contain a
// token, only the key ID is used.
func (c *Console) search(ec echo.Context, path, name, text string, query url.Values) error {
	f := flashNone
	if token.MayContain(text) {
		text, f = keyIDIn(text), flashTokenInSearch
	}
	query.Set(name, cleanQuery(text))
	if name == "q" && query.Get("q") == "" { // an empty search finds everything
		query.Del("q")
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.redirectWithFlash(ec, path, f)
}

// searchExcludeEntries answers the search form of a tab of the Exclude List.
func (c *Console) searchExcludeEntries(ec echo.Context, r requester) error {
	return c.excludeSearch(ec, r, "q")
}

// tryExcludeList answers the form that tries a text against a tab of the Exclude List.
func (c *Console) tryExcludeList(ec echo.Context, r requester) error {
	return c.excludeSearch(ec, r, "try")
}

func (c *Console) excludeSearch(ec echo.Context, r requester, name string) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	if err := c.porter.CheckManagesExcludeList(r.operationArgs(ec)); err != nil {
		return err
	}
	return c.search(ec, r.excludeTab(kind), name, field(ec, name), url.Values{})
}
