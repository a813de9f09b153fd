package console

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/layout"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (r requester) excludeList() string { return r.settings() + "/exclude-list" }

func (r requester) excludeTab(kind exclude.Kind) string {
	return r.excludeList() + "/" + string(kind)
}

func (r requester) excludeCrumb() layout.Link {
	return layout.Link{Text: "Exclude List", Href: r.excludeList()}
}

// excludeKind returns the kind of entries that the path names, or the first kind where it names none. It fails with
// [keyporter.ErrNotFound] for an unknown kind.
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

func (c *Console) excludeEntries(ec echo.Context, r requester) error {
	return c.excludePage(ec, r, http.StatusOK, nil)
}

// excludePage shows a tab. It answers with 422 where the text to try is not valid.
func (c *Console) excludePage(ec echo.Context, r requester, status int, errs part.Errors) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	pos, err := position(ec)
	if err != nil {
		return err
	}
	query := token.Mask(searchQuery(ec))
	ctx, actor, subscription := r.operationArgs(ec)
	list, err := c.porter.ExcludeEntries(ctx, actor, subscription, kind, query, pos)
	if err != nil {
		return err
	}
	view := page.ExcludeView{
		List: r.excludeList(), Kind: string(kind), Query: query, Total: entryCount(list.Found),
		Capacity: fmt.Sprintf("%s of %s in the whole list",
			part.Number(int64(list.All)), part.Number(exclude.MaxEntries)),
		Newer: pageHrefAt(ec, r.excludeTab(kind), list.Newer), Older: pageHrefAt(ec, r.excludeTab(kind), list.Older),
		Errors: errs,
	}
	if query != "" {
		view.Total += " found"
	}
	for _, e := range list.Rows {
		by := page.UserName{ID: e.CreatedBy, Name: e.Creator, Email: e.CreatorEmail}
		view.Rows = append(view.Rows, page.ExcludeRow{ID: e.ID, Pattern: e.Pattern, CreatedBy: by, Created: e.Created})
	}
	if view.Try, err = c.tryResult(ec, r, kind); err != nil {
		return err
	}
	if view.Try.Error != "" {
		status = http.StatusUnprocessableEntity
	}
	return c.render(ec, status, page.Exclude(c.frame(ec, r, "Exclude List", r.crumbs()...), view))
}

// tryResult returns which entries match the text in the query; the zero TryView where there is no such text.
func (c *Console) tryResult(ec echo.Context, r requester, kind exclude.Kind) (page.TryView, error) {
	if !ec.QueryParams().Has("try") {
		return page.TryView{}, nil
	}
	text := ec.QueryParam("try")
	ctx, actor, subscription := r.operationArgs(ec)
	matching, err := c.porter.TryExcludeList(ctx, actor, subscription, kind, text)
	view := page.TryView{Text: token.Mask(strings.ToValidUTF8(strings.TrimSpace(text), ""))}
	if errs := fieldErrors(err); errs != nil {
		view.Error = errs["try"]
		return view, nil
	}
	view.Done = true
	for _, e := range matching {
		view.Matching = append(view.Matching, e.Pattern)
	}
	return view, err
}

// newExcludeForm shows an empty form, or with ?mine=on one with the address that the request comes from.
func (c *Console) newExcludeForm(ec echo.Context, r requester) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	if err := c.porter.CheckManagesExcludeList(r.operationArgs(ec)); err != nil {
		return err
	}
	view := page.NewExcludeView{Kind: string(kind)}
	if kind == exclude.Address && ec.QueryParam("mine") != "" {
		if address, ok := exclude.ParseAddress(r.actor.Address); ok {
			view.Text = address.String()
		}
	}
	return c.newExcludePage(ec, r, http.StatusOK, view)
}

func (c *Console) newExcludePage(ec echo.Context, r requester, status int, view page.NewExcludeView) error {
	view.List = r.excludeList()
	return c.render(ec, status, page.NewExclude(c.frame(ec, r, "Add entries", r.crumbs(r.excludeCrumb())...), view))
}

func (c *Console) addExcludeEntries(ec echo.Context, r requester) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	text := field(ec, "entries")
	ctx, actor, subscription := r.operationArgs(ec)
	added, err := c.porter.AddExcludeEntries(ctx, actor, subscription, kind, text)
	if errs := fieldErrors(err); errs != nil {
		view := page.NewExcludeView{
			Kind: string(kind), Text: token.Mask(strings.ToValidUTF8(text, "\uFFFD")), Errors: errs,
		}
		return c.newExcludePage(ec, r, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, r.excludeTab(kind), entriesAdded(added.New, added.Known))
}

// deleteExcludeForm asks before the selected entries are deleted. Where none is selected it shows the list with an
// error.
func (c *Console) deleteExcludeForm(ec echo.Context, r requester) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	ctx, actor, subscription := r.operationArgs(ec)
	selected, err := c.porter.SelectedExcludeEntries(ctx, actor, subscription, ec.QueryParams()["entry"])
	if errs := fieldErrors(err); errs != nil {
		return c.excludePage(ec, r, http.StatusUnprocessableEntity, errs)
	}
	if err != nil {
		return err
	}
	view := page.DeleteExcludeView{List: r.excludeList(), Kind: string(kind), Total: entryCount(len(selected))}
	for _, e := range selected {
		view.Rows = append(view.Rows, page.ExcludeRow{ID: e.ID, Pattern: e.Pattern})
	}
	frame := c.frame(ec, r, "Delete selected entries", r.crumbs(r.excludeCrumb())...)
	return c.render(ec, http.StatusOK, page.DeleteExclude(frame, view))
}

func (c *Console) deleteExcludeEntries(ec echo.Context, r requester) error {
	kind, err := excludeKind(ec)
	if err != nil {
		return err
	}
	ctx, actor, subscription := r.operationArgs(ec)
	n, err := c.porter.DeleteExcludeEntries(ctx, actor, subscription, ec.Request().PostForm["entry"])
	if errs := fieldErrors(err); errs != nil {
		return c.excludePage(ec, r, http.StatusUnprocessableEntity, errs)
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, r.excludeTab(kind), entriesDeleted(n))
}
