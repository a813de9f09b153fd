package console

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) identifyForm(ec echo.Context, v visit) error {
	if err := c.porter.CheckManagesKeys(ec.Request().Context(), v.actor, v.Subscription.ID); err != nil {
		return err
	}
	return c.identifyPage(ec, v, http.StatusOK, page.IdentifyView{})
}

func (c *Console) identifyPage(ec echo.Context, v visit, status int, view page.IdentifyView) error {
	view.Settings = v.settings()
	frame := c.frame(ec, v, "Which key is this?", v.crumbs(v.integrationsCrumb(), v.keysCrumb())...)
	return c.render(ec, status, page.Identify(frame, view))
}

func (c *Console) identifyKey(ec echo.Context, v visit) error {
	return c.identify(ec, v, field(ec, "key"))
}

// identify answers which key a text names. Of the text nothing but the key ID is repeated.
func (c *Console) identify(ec echo.Context, v visit, text string) error {
	found, err := c.porter.IdentifyKey(ec.Request().Context(), v.actor, v.Subscription.ID, text)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.identifyPage(ec, v, http.StatusUnprocessableEntity, page.IdentifyView{Errors: part.Errors(invalid)})
	}
	if err != nil {
		return err
	}
	view := page.IdentifyView{KeyID: found.ID.String(), Feedback: found.Feedback != nil}
	if found.Active != nil {
		row := keyRow(*found.Active)
		view.Active = &row
	}
	if found.Deleted != nil {
		row := deletedRow(*found.Deleted)
		view.Deleted = &row
	}
	return c.identifyPage(ec, v, http.StatusOK, view)
}

// searchKeys answers the list's search form. Words go on to the list, as a query; what could be a token does not get into
// a URL, where every log on its way would keep it.
func (k keyPages) searchKeys(ec echo.Context, v visit) error {
	text := field(ec, "q")
	if !k.words.Own {
		if err := k.porter.CheckManagesKeys(ec.Request().Context(), v.actor, v.Subscription.ID); err != nil {
			return err
		}
		if token.MayContain(text) {
			return k.identify(ec, v, text)
		}
	}
	words := url.Values{}
	if status := keyUsed(field(ec, "status")); status != keyporter.AnyUse {
		words.Set("status", string(status))
	}
	return k.search(ec, k.path(v), "q", text, words)
}

// keyIDAlone returns the key ID that a text with a token holds, or "".
func keyIDAlone(text string) string {
	id, ok := token.PastedKeyID(text)
	if !ok {
		return ""
	}
	return id.String()
}

// search goes on to a list with what is looked for in its query, or, of what could be a token, with the key ID alone.
func (c *Console) search(ec echo.Context, path, name, text string, words url.Values) error {
	left := noteNone
	if token.MayContain(text) {
		text, left = keyIDAlone(text), noteTokenInSearch
	}
	words.Set(name, cleanQuery(text))
	if name == "q" && words.Get("q") == "" { // which finds all
		words.Del("q")
	}
	if len(words) > 0 {
		path += "?" + words.Encode()
	}
	return c.seeOther(ec, path, left)
}

// searchExcludeEntries answers the search form of a tab of the Exclude List.
func (c *Console) searchExcludeEntries(ec echo.Context, v visit) error {
	return c.excludeSearch(ec, v, "q")
}

// tryExcludeList answers the form of a tab that tries a text.
func (c *Console) tryExcludeList(ec echo.Context, v visit) error {
	return c.excludeSearch(ec, v, "try")
}

func (c *Console) excludeSearch(ec echo.Context, v visit, name string) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	if err := c.porter.CheckKeepsExcludeList(ec.Request().Context(), v.actor, v.Subscription.ID); err != nil {
		return err
	}
	return c.search(ec, v.excludeTab(kind), name, field(ec, name), url.Values{})
}
