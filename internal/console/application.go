package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) applications(ec echo.Context, v visit) error {
	all, err := c.porter.Applications(ec.Request().Context(), v.actor, v.Subscription.ID)
	if err != nil {
		return err
	}
	view := page.ApplicationsView{Settings: v.settings(), CanManage: v.Member.MayManageApplications()}
	isAlike := alike(all, func(a keyporter.Application) string { return a.Name })
	for i, a := range all {
		view.Rows = append(view.Rows, applicationRow(a))
		view.Rows[i].Alike = isAlike[i]
	}
	return c.render(ec, http.StatusOK, page.Applications(c.frame(ec, v, "Applications", v.crumbs()...), view))
}

func applicationRow(a keyporter.Application) page.ApplicationRow {
	return page.ApplicationRow{ID: a.ID.String(), Name: a.Name, Platform: a.Platform.String(), Key: a.Key, Default: a.Default}
}

// findApplication returns the one that the path names.
func (c *Console) findApplication(ec echo.Context, v visit) (keyporter.Application, error) {
	id, err := applicationID(ec)
	if err != nil {
		return keyporter.Application{}, err
	}
	return c.porter.Application(ec.Request().Context(), v.actor, v.Subscription.ID, id)
}

func applicationID(ec echo.Context) (keyporter.ApplicationID, error) {
	id, ok := keyporter.ParseApplicationID(ec.Param("application"))
	if !ok {
		return 0, keyporter.ErrNotFound
	}
	return id, nil
}

func (c *Console) applicationPage(ec echo.Context, v visit) error {
	a, err := c.findApplication(ec, v)
	if err != nil {
		return err
	}
	view := page.ApplicationView{
		ApplicationRow: applicationRow(a), Settings: v.settings(), CanManage: v.Member.MayManageApplications(), Created: a.Created,
	}
	view.Snippet, view.Where = snippet(a)
	return c.render(ec, http.StatusOK, page.Application(c.frame(ec, v, a.Name, v.crumbs(v.applicationsCrumb())...), view))
}

// snippet is what a customer puts into an application, and where it goes. An application key is plain letters and digits,
// so it stands in any of these languages as it is. The agent is the product's own: see docs/decisions/applications.md.
func snippet(a keyporter.Application) (text, where string) {
	switch a.Platform {
	case keyporter.Extension:
		return "import { agent } from \"./agent.js\";\nagent.start({ applicationKey: \"" + a.Key + "\" });", "Put this into the extension's service worker."
	case keyporter.IOS:
		return "Agent.start(applicationKey: \"" + a.Key + "\")", "Call this when the app has launched."
	case keyporter.Android:
		return "Agent.start(this, \"" + a.Key + "\")", "Call this in onCreate of the Application class."
	}
	return "<script async src=\"/agent.js\" data-application-key=\"" + a.Key + "\"></script>", "Put this into the head of every page."
}

func (c *Console) newApplicationForm(ec echo.Context, v visit) error {
	if err := c.porter.CheckManagesApplications(ec.Request().Context(), v.actor, v.Subscription.ID); err != nil {
		return err
	}
	return c.newApplicationPage(ec, v, http.StatusOK, page.NewApplicationView{Platform: string(keyporter.Web)})
}

func (c *Console) newApplicationPage(ec echo.Context, v visit, status int, view page.NewApplicationView) error {
	view.Settings, view.Nonce = v.settings(), c.porter.NewNonce(v.session)
	for _, p := range []keyporter.Platform{keyporter.Web, keyporter.Extension, keyporter.IOS, keyporter.Android} {
		view.Platforms = append(view.Platforms, part.Option{Value: string(p), Text: p.String()})
	}
	return c.render(ec, status, page.NewApplication(c.frame(ec, v, "Add application", v.crumbs(v.applicationsCrumb())...), view))
}

func (c *Console) createApplication(ec echo.Context, v visit) error {
	form := keyporter.ApplicationForm{
		Name: field(ec, "name"), Platform: keyporter.Platform(field(ec, "platform")), Once: c.porter.Once(v.session, field(ec, "nonce")),
	}
	made, err := c.porter.CreateApplication(ec.Request().Context(), v.actor, v.Subscription.ID, form)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		view := page.NewApplicationView{Name: token.Mask(form.Name), Platform: string(form.Platform), Errors: formErrors(invalid, "nonce")}
		return c.newApplicationPage(ec, v, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.seeOther(ec, v.applications()+"/"+made.ID.String(), noteApplicationCreated)
}

func (c *Console) editApplicationForm(ec echo.Context, v visit) error {
	if err := c.porter.CheckManagesApplications(ec.Request().Context(), v.actor, v.Subscription.ID); err != nil {
		return err
	}
	return c.editApplicationPage(ec, v, http.StatusOK, func(*page.EditApplicationView) {})
}

func (c *Console) editApplicationPage(ec echo.Context, v visit, status int, change func(*page.EditApplicationView)) error {
	a, err := c.findApplication(ec, v)
	if err != nil {
		return err
	}
	view := page.EditApplicationView{Settings: v.settings(), ID: a.ID.String(), Name: a.Name, Saved: a.Name}
	change(&view)
	return c.render(ec, status, page.EditApplication(c.frame(ec, v, "Rename application", v.crumbs(v.applicationsCrumb())...), view))
}

func (c *Console) editApplication(ec echo.Context, v visit) error {
	id, err := applicationID(ec)
	if err != nil {
		return err
	}
	name := field(ec, "name")
	err = c.porter.RenameApplication(ec.Request().Context(), v.actor, v.Subscription.ID, id, name)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.editApplicationPage(ec, v, http.StatusUnprocessableEntity, func(view *page.EditApplicationView) {
			view.Name, view.Errors = token.Mask(name), part.Errors(invalid)
		})
	}
	if err != nil {
		return err
	}
	return c.seeOther(ec, v.applications(), noteSaved)
}

func (c *Console) makeDefaultForm(ec echo.Context, v visit) error {
	if err := c.porter.CheckManagesApplications(ec.Request().Context(), v.actor, v.Subscription.ID); err != nil {
		return err
	}
	a, err := c.findApplication(ec, v)
	if err != nil {
		return err
	}
	frame := c.frame(ec, v, "Make this application the default", v.crumbs(v.applicationsCrumb())...)
	view := page.MakeDefaultView{Settings: v.settings(), ID: a.ID.String(), Name: a.Name}
	return c.render(ec, http.StatusOK, page.MakeDefault(frame, view))
}

func (c *Console) makeDefaultApplication(ec echo.Context, v visit) error {
	id, err := applicationID(ec)
	if err != nil {
		return err
	}
	if err := c.porter.MakeDefaultApplication(ec.Request().Context(), v.actor, v.Subscription.ID, id); err != nil {
		return err
	}
	return c.seeOther(ec, v.applications()+"/"+id.String(), noteSaved)
}

func (c *Console) deleteApplicationForm(ec echo.Context, v visit) error {
	if err := c.porter.CheckManagesApplications(ec.Request().Context(), v.actor, v.Subscription.ID); err != nil {
		return err
	}
	return c.deleteApplicationPage(ec, v, http.StatusOK, "", nil)
}

func (c *Console) deleteApplicationPage(ec echo.Context, v visit, status int, typed string, errs part.Errors) error {
	a, err := c.findApplication(ec, v)
	if err != nil {
		return err
	}
	view := page.DeleteApplicationView{Settings: v.settings(), ID: a.ID.String(), Name: a.Name, Default: a.Default, Typed: typed, Errors: errs}
	return c.render(ec, status, page.DeleteApplication(c.frame(ec, v, "Delete application", v.crumbs(v.applicationsCrumb())...), view))
}

func (c *Console) deleteApplication(ec echo.Context, v visit) error {
	id, err := applicationID(ec)
	if err != nil {
		return err
	}
	typed := field(ec, "confirm")
	err = c.porter.DeleteApplication(ec.Request().Context(), v.actor, v.Subscription.ID, id, typed)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.deleteApplicationPage(ec, v, http.StatusUnprocessableEntity, typed, part.Errors(invalid))
	}
	if err != nil {
		return err
	}
	return c.seeOther(ec, v.applications(), noteApplicationDeleted)
}
