// Package console serves the pages and forms that people use in a browser. A handler reads a form, calls package
// keyporter, which decides who may do what, and answers with a page or a redirect.
//
// [Console.Mount] lists all routes. Each has a guard, which finds out who sends the request, the requester.
package console

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/layout"
)

// A Console serves the pages of one installation.
type Console struct {
	porter     *keyporter.Porter
	sessions   *sessionStore
	crossSite  *http.CrossOriginProtection
	options    Options
	knownSetUp atomic.Bool             // set once the installation is known to be set up, which stays so
	resumable  map[string]formRenderer // forms that survive the end of a session, by the route that they are posted to
}

// Options are the settings of a Console. Every field is needed.
type Options struct {
	PublicURL *url.URL                   // where people reach the console; https makes cookies Secure
	Client    func(*http.Request) string // the IP address of the client
	// ClientAddress is the client's address as the allowed ones of a key are compared with it; zero if it is not known.
	ClientAddress func(*http.Request) netip.Addr
	Now           func() time.Time
	Log           *slog.Logger
	APIDoc        string // the description of the API for this public URL, as trusted HTML
}

// New returns a console over porter. It fails if the public URL is not an origin, that is a scheme and a host.
func New(porter *keyporter.Porter, options Options) (*Console, error) {
	crossSite := http.NewCrossOriginProtection()
	if err := crossSite.AddTrustedOrigin(options.PublicURL.Scheme + "://" + options.PublicURL.Host); err != nil {
		return nil, err
	}
	return &Console{
		porter: porter, sessions: newSessionStore(porter, options.PublicURL), crossSite: crossSite, options: options,
		resumable: map[string]formRenderer{},
	}, nil
}

// render answers with a page. It renders into a buffer before it sends the status, so that an error can still become an
// error page.
func (c *Console) render(ec echo.Context, status int, body templ.Component) error {
	var buffer bytes.Buffer
	if err := body.Render(ec.Request().Context(), &buffer); err != nil {
		return err
	}
	return ec.HTMLBlob(status, buffer.Bytes())
}

// redirectWithFlash redirects to path with 303, where the page shows what f names, once.
func (c *Console) redirectWithFlash(ec echo.Context, path string, f flash) error {
	c.setFlash(ec, f)
	return ec.Redirect(http.StatusSeeOther, path)
}

// frame returns what surrounds a page of the given title, with crumbs as the links that lead to it. It takes the flash
// message.
func (c *Console) frame(ec echo.Context, r requester, title string, crumbs ...layout.Link) layout.Frame {
	f := layout.Frame{
		Title: title, CSRF: c.formToken(ec, r), Now: c.options.Now().UTC(), Flash: c.takeFlash(ec),
		Crumbs: append(crumbs, layout.Link{Text: title}),
	}
	if !r.signedIn() {
		f.Crumbs = nil
		return f
	}
	f.Person, f.Operator, f.Switch = r.session.User.Name, r.session.User.Operator, r.switchLinks()
	if r.Subscription.ID == "" {
		if f.Operator {
			f.NavTitle, f.Nav = "Operator", operatorNav(ec)
		}
		return f
	}
	f.Subscription, f.NavTitle, f.Nav = r.Subscription.Name, "Settings", subscriptionNav(ec, r)
	return f
}
