package console

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
	"keyporter/internal/plural"
	"keyporter/internal/token"
	"keyporter/web/layout"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (v visit) excludeList() string { return v.settings() + "/exclude-list" }

func (v visit) excludeTab(kind exclude.Kind) string {
	return v.excludeList() + "/" + string(kind)
}

func (v visit) excludeCrumb() layout.Link {
	return layout.Link{Text: "Exclude List", Href: v.excludeList()}
}

// excludeKind reads the tab from the path: the first, where it names none.
func excludeKind(ec echo.Context) (exclude.Kind, error) {
	kind := exclude.Kind(ec.Param("type"))
	switch {
	case kind == "":
		return exclude.Server, nil
	case !kind.Known():
		return "", keyporter.ErrNotFound
	}
	return kind, nil
}

func (c *Console) excludeEntries(ec echo.Context, v visit) error {
	return c.excludePage(ec, v, http.StatusOK, nil)
}

// excludePage shows a tab. A text that is tried and cannot be is answered with 422.
func (c *Console) excludePage(ec echo.Context, v visit, status int, errs part.Errors) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	pos, err := position(ec)
	if err != nil {
		return err
	}
	query := token.Mask(searchQuery(ec))
	list, err := c.porter.ExcludeEntries(ec.Request().Context(), v.actor, v.Subscription.ID, kind, query, pos)
	if err != nil {
		return err
	}
	view := page.ExcludeView{
		List: v.excludeList(), Kind: string(kind), Query: query, Total: found(list.Found, query != ""),
		Room:  fmt.Sprintf("%s of %s in the whole list", part.Number(int64(list.All)), part.Number(exclude.MaxEntries)),
		Newer: pageHrefAt(ec, v.excludeTab(kind), list.Newer), Older: pageHrefAt(ec, v.excludeTab(kind), list.Older), Errors: errs,
	}
	for _, e := range list.Rows {
		by := page.UserName{ID: e.CreatedBy, Name: e.Creator, Email: e.CreatorEmail}
		view.Rows = append(view.Rows, page.ExcludeRow{ID: e.ID, Pattern: e.Pattern, CreatedBy: by, Created: e.Created})
	}
	if view.Try, err = c.try(ec, v, kind); err != nil {
		return err
	}
	if view.Try.Error != "" {
		status = http.StatusUnprocessableEntity
	}
	return c.render(ec, status, page.Exclude(c.frame(ec, v, "Exclude List", v.crumbs()...), view))
}

// try answers what the box of the page asks, if anything.
func (c *Console) try(ec echo.Context, v visit, kind exclude.Kind) (page.TryView, error) {
	if !ec.QueryParams().Has("try") {
		return page.TryView{}, nil
	}
	text := ec.QueryParam("try")
	matching, err := c.porter.TryExcludeList(ec.Request().Context(), v.actor, v.Subscription.ID, kind, text)
	view := page.TryView{Text: token.Mask(strings.ToValidUTF8(strings.TrimSpace(text), ""))}
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		view.Error = invalid["try"]
		return view, nil
	}
	view.Done = true
	for _, e := range matching {
		view.Matching = append(view.Matching, e.Pattern)
	}
	return view, err
}

// found says how many entries there are, or were found.
func found(n int, searched bool) string {
	text := entries(n)
	if searched {
		text += " found"
	}
	return text
}

func entries(n int) string { return plural.Count(n, "entry", "entries") }

// newExcludeForm is empty, or holds the visitor's own address where that is asked for.
func (c *Console) newExcludeForm(ec echo.Context, v visit) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	if err := c.porter.CheckKeepsExcludeList(ec.Request().Context(), v.actor, v.Subscription.ID); err != nil {
		return err
	}
	view := page.NewExcludeView{Kind: string(kind)}
	if address, ok := exclude.ParseAddress(v.actor.Address); ok && kind == exclude.Address && ec.QueryParam("mine") != "" {
		view.Text = address.String()
	}
	return c.newExcludePage(ec, v, http.StatusOK, view)
}

func (c *Console) newExcludePage(ec echo.Context, v visit, status int, view page.NewExcludeView) error {
	view.List = v.excludeList()
	return c.render(ec, status, page.NewExclude(c.frame(ec, v, "Add entries", v.crumbs(v.excludeCrumb())...), view))
}

func (c *Console) addExcludeEntries(ec echo.Context, v visit) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	text := field(ec, "entries")
	added, err := c.porter.AddExcludeEntries(ec.Request().Context(), v.actor, v.Subscription.ID, kind, text)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		view := page.NewExcludeView{Kind: string(kind), Text: token.Mask(strings.ToValidUTF8(text, "\uFFFD")), Errors: part.Errors(invalid)}
		return c.newExcludePage(ec, v, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.seeOther(ec, v.excludeTab(kind), note(fmt.Sprintf("%s.%d.%d", noteEntriesAdded, added.New, added.Known)))
}

// deleteExcludeForm asks before the selected entries are deleted. With none selected it is the list again.
func (c *Console) deleteExcludeForm(ec echo.Context, v visit) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	selected, err := c.porter.SelectedExcludeEntries(ec.Request().Context(), v.actor, v.Subscription.ID, ec.QueryParams()["entry"])
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.excludePage(ec, v, http.StatusUnprocessableEntity, part.Errors(invalid))
	}
	if err != nil {
		return err
	}
	view := page.DeleteExcludeView{List: v.excludeList(), Kind: string(kind), Total: entries(len(selected))}
	for _, e := range selected {
		view.Rows = append(view.Rows, page.ExcludeRow{ID: e.ID, Pattern: e.Pattern})
	}
	return c.render(ec, http.StatusOK, page.DeleteExclude(c.frame(ec, v, "Delete selected entries", v.crumbs(v.excludeCrumb())...), view))
}

func (c *Console) deleteExcludeEntries(ec echo.Context, v visit) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	n, err := c.porter.DeleteExcludeEntries(ec.Request().Context(), v.actor, v.Subscription.ID, ec.Request().PostForm["entry"])
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.excludePage(ec, v, http.StatusUnprocessableEntity, part.Errors(invalid))
	}
	if err != nil {
		return err
	}
	return c.seeOther(ec, v.excludeTab(kind), note(fmt.Sprintf("%s.%d.0", noteEntriesDeleted, n)))
}

// The notes of the Exclude List have two numbers behind their name.
const (
	noteEntriesAdded   = "entries-added"
	noteEntriesDeleted = "entries-deleted"
)

// sentence is what a note says.
func sentence(n note) string {
	parts := strings.Split(string(n), ".")
	if len(parts) != 3 {
		return sentences[n]
	}
	many, ok := smallNumber(parts[1])
	other, also := smallNumber(parts[2])
	switch {
	case !ok || !also:
		return ""
	case parts[0] == noteEntriesDeleted:
		return "Deleted: " + entries(many) + "."
	case parts[0] != noteEntriesAdded:
		return ""
	case many == 0:
		return "Nothing was added: every line is on the list already."
	case other == 0:
		return "Added: " + entries(many) + "."
	}
	return "Added: " + entries(many) + ". " + plural.Count(other, "line was on the list already, or twice in what you sent, and was left out.",
		"lines were on the list already, or twice in what you sent, and were left out.")
}

// smallNumber reads a number that a note can hold: a form has fewer than a million lines.
func smallNumber(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n <= maxLargeForm && strconv.Itoa(n) == text
}
