package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) applications(ec echo.Context, r requester) error {
	all, err := c.porter.Applications(r.operationArgs(ec))
	if err != nil {
		return err
	}
	view := page.ApplicationsView{Settings: r.settings(), CanManage: r.Member.MayManageApplications()}
	hasDuplicate := duplicates(all, func(a keyporter.Application) string { return a.Name })
	for i, a := range all {
		view.Rows = append(view.Rows, applicationRow(a))
		view.Rows[i].Duplicate = hasDuplicate[i]
	}
	return c.render(ec, http.StatusOK, page.Applications(c.frame(ec, r, "Applications", r.crumbs()...), view))
}

func applicationRow(a keyporter.Application) page.ApplicationRow {
	return page.ApplicationRow{
		ID: a.ID.String(), Name: a.Name, Platform: a.Platform.String(), Key: a.Key, Default: a.Default,
	}
}

// findApplication returns the application that the path names.
func (c *Console) findApplication(ec echo.Context, r requester) (keyporter.Application, error) {
	id, err := applicationID(ec)
	if err != nil {
		return keyporter.Application{}, err
	}
	ctx, actor, subscription := r.operationArgs(ec)
	return c.porter.Application(ctx, actor, subscription, id)
}

func applicationID(ec echo.Context) (keyporter.ApplicationID, error) {
	id, ok := keyporter.ParseApplicationID(ec.Param("application"))
	if !ok {
		return 0, keyporter.ErrNotFound
	}
	return id, nil
}

func (c *Console) applicationPage(ec echo.Context, r requester) error {
	a, err := c.findApplication(ec, r)
	if err != nil {
		return err
	}
	view := page.ApplicationView{
		ApplicationRow: applicationRow(a), Settings: r.settings(), CanManage: r.Member.MayManageApplications(),
		Created: a.Created,
	}
	view.Snippet, view.Where = snippet(a)
	frame := c.frame(ec, r, a.Name, r.crumbs(r.applicationsCrumb())...)
	return c.render(ec, http.StatusOK, page.Application(frame, view))
}

// snippet returns the code that a customer adds to an application, and a sentence that says where. An application key
// needs no escaping, because it consists of letters, digits and underscores. See docs/decisions/applications.md.
func snippet(a keyporter.Application) (text, where string) {
	switch a.Platform {
	case keyporter.Extension:
		return "import { agent } from \"./agent.js\";\nagent.start({ applicationKey: \"" + a.Key + "\" });",
			"Put this into the extension's service worker."
	case keyporter.IOS:
		return "Agent.start(applicationKey: \"" + a.Key + "\")", "Call this when the app has launched."
	case keyporter.Android:
		return "Agent.start(this, \"" + a.Key + "\")", "Call this in onCreate of the Application class."
	}
	return "<script async src=\"/agent.js\" data-application-key=\"" + a.Key + "\"></script>",
		"Put this into the head of every page."
}

func (c *Console) newApplicationForm(ec echo.Context, r requester) error {
	if err := c.porter.CheckManagesApplications(r.operationArgs(ec)); err != nil {
		return err
	}
	return c.newApplicationPage(ec, r, http.StatusOK, page.NewApplicationView{Platform: string(keyporter.Web)})
}

func (c *Console) newApplicationPage(ec echo.Context, r requester, status int, view page.NewApplicationView) error {
	view.Settings, view.Nonce = r.settings(), c.porter.NewNonce(r.session)
	for _, p := range []keyporter.Platform{keyporter.Web, keyporter.Extension, keyporter.IOS, keyporter.Android} {
		view.Platforms = append(view.Platforms, part.Option{Value: string(p), Text: p.String()})
	}
	frame := c.frame(ec, r, "Add application", r.crumbs(r.applicationsCrumb())...)
	return c.render(ec, status, page.NewApplication(frame, view))
}

func (c *Console) createApplication(ec echo.Context, r requester) error {
	form := keyporter.ApplicationForm{
		Name: field(ec, "name"), Platform: keyporter.Platform(field(ec, "platform")),
		Once: c.porter.Once(r.session, field(ec, "nonce")),
	}
	ctx, actor, subscription := r.operationArgs(ec)
	made, err := c.porter.CreateApplication(ctx, actor, subscription, form)
	if errs := fieldErrors(err); errs != nil {
		view := page.NewApplicationView{Name: token.Mask(form.Name), Platform: string(form.Platform), Errors: errs}
		return c.newApplicationPage(ec, r, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, r.applications()+"/"+made.ID.String(), flashApplicationCreated)
}

func (c *Console) editApplicationForm(ec echo.Context, r requester) error {
	if err := c.porter.CheckManagesApplications(r.operationArgs(ec)); err != nil {
		return err
	}
	return c.editApplicationPage(ec, r, http.StatusOK, func(*page.EditApplicationView) {})
}

func (c *Console) editApplicationPage(
	ec echo.Context, r requester, status int, change func(*page.EditApplicationView),
) error {
	a, err := c.findApplication(ec, r)
	if err != nil {
		return err
	}
	view := page.EditApplicationView{Settings: r.settings(), ID: a.ID.String(), Name: a.Name, Saved: a.Name}
	change(&view)
	frame := c.frame(ec, r, "Rename application", r.crumbs(r.applicationsCrumb())...)
	return c.render(ec, status, page.EditApplication(frame, view))
}

func (c *Console) editApplication(ec echo.Context, r requester) error {
	id, err := applicationID(ec)
	if err != nil {
		return err
	}
	name := field(ec, "name")
	ctx, actor, subscription := r.operationArgs(ec)
	err = c.porter.RenameApplication(ctx, actor, subscription, id, name)
	if errs := fieldErrors(err); errs != nil {
		return c.editApplicationPage(ec, r, http.StatusUnprocessableEntity, func(view *page.EditApplicationView) {
			view.Name, view.Errors = token.Mask(name), errs
		})
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, r.applications(), flashSaved)
}

func (c *Console) makeDefaultForm(ec echo.Context, r requester) error {
	if err := c.porter.CheckManagesApplications(r.operationArgs(ec)); err != nil {
		return err
	}
	a, err := c.findApplication(ec, r)
	if err != nil {
		return err
	}
	frame := c.frame(ec, r, "Make this application the default", r.crumbs(r.applicationsCrumb())...)
	view := page.MakeDefaultView{Settings: r.settings(), ID: a.ID.String(), Name: a.Name}
	return c.render(ec, http.StatusOK, page.MakeDefault(frame, view))
}

func (c *Console) makeDefaultApplication(ec echo.Context, r requester) error {
	id, err := applicationID(ec)
	if err != nil {
		return err
	}
	ctx, actor, subscription := r.operationArgs(ec)
	if err := c.porter.MakeDefaultApplication(ctx, actor, subscription, id); err != nil {
		return err
	}
	return c.redirectWithFlash(ec, r.applications()+"/"+id.String(), flashSaved)
}

func (c *Console) deleteApplicationForm(ec echo.Context, r requester) error {
	if err := c.porter.CheckManagesApplications(r.operationArgs(ec)); err != nil {
		return err
	}
	return c.deleteApplicationPage(ec, r, http.StatusOK, "", nil)
}

func (c *Console) deleteApplicationPage(
	ec echo.Context, r requester, status int, typed string, errs part.Errors,
) error {
	a, err := c.findApplication(ec, r)
	if err != nil {
		return err
	}
	view := page.DeleteApplicationView{
		Settings: r.settings(), ID: a.ID.String(), Name: a.Name, Default: a.Default, Typed: typed, Errors: errs,
	}
	frame := c.frame(ec, r, "Delete application", r.crumbs(r.applicationsCrumb())...)
	return c.render(ec, status, page.DeleteApplication(frame, view))
}

func (c *Console) deleteApplication(ec echo.Context, r requester) error {
	id, err := applicationID(ec)
	if err != nil {
		return err
	}
	typed := field(ec, "confirm")
	ctx, actor, subscription := r.operationArgs(ec)
	err = c.porter.DeleteApplication(ctx, actor, subscription, id, typed)
	if errs := fieldErrors(err); errs != nil {
		return c.deleteApplicationPage(ec, r, http.StatusUnprocessableEntity, typed, errs)
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, r.applications(), flashApplicationDeleted)
}
