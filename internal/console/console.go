// Package console is the browsers' door: pages and forms for people. A handler reads a form, calls the product, and
// answers; who may do what is decided behind it, in package keyporter.
package console

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/layout"
	"keyporter/web/page"
)

// A Console answers browsers.
type Console struct {
	porter    *keyporter.Porter
	sessions  *sessionStore
	crossSite *http.CrossOriginProtection
	options   Options
	isSetUp   atomic.Bool          // it was seen set up: that never ends
	kept      map[string]showAgain // forms whose fields outlive a session, by the route that they are posted to
}

// Options are the settings of a Console. Every field is needed.
type Options struct {
	PublicURL *url.URL                   // where people reach the console; https makes cookies Secure
	Client    func(*http.Request) string // the address a request came from
	Now       func() time.Time
	Log       *slog.Logger
	APIDoc    string // the API's description, as HTML of our own, for this public URL
}

// New returns a console over porter.
func New(porter *keyporter.Porter, options Options) (*Console, error) {
	crossSite := http.NewCrossOriginProtection()
	if err := crossSite.AddTrustedOrigin(options.PublicURL.Scheme + "://" + options.PublicURL.Host); err != nil {
		return nil, err
	}
	return &Console{porter: porter, sessions: newSessionStore(porter, options.PublicURL), crossSite: crossSite, options: options, kept: map[string]showAgain{}}, nil
}

// A visit is one request by a person: who they are, and the subscription they are in.
type visit struct {
	session keyporter.Session // the zero Session for a visitor
	actor   keyporter.Actor
	open    bool // the page is for visitors too
	keyporter.Visit
}

func (v visit) signedIn() bool { return v.session.ID != "" }

// settings is the path below which everything of the subscription stands; "" outside of one.
func (v visit) settings() string {
	if v.Subscription.ID == "" {
		return ""
	}
	return "/s/" + v.Subscription.ID + "/settings"
}

func (v visit) keys() string { return page.IntegrationKeys.At(v.settings()) }

func (v visit) feedbackKeys() string { return page.FeedbackKeys.At(v.settings()) }

func (v visit) applications() string { return v.settings() + "/applications" }

// render answers with a page. It is drawn before the status is sent, so that a fault becomes a page of its own.
func (c *Console) render(ec echo.Context, status int, shown templ.Component) error {
	var buffer bytes.Buffer
	if err := shown.Render(ec.Request().Context(), &buffer); err != nil {
		return err
	}
	return ec.HTMLBlob(status, buffer.Bytes())
}

// seeOther answers a deed that was done: the browser goes on to path, which says note.
func (c *Console) seeOther(ec echo.Context, path string, n note) error {
	c.leaveNote(ec, n)
	return ec.Redirect(http.StatusSeeOther, path)
}

// frame returns what surrounds a page of the given title; crumbs lead to it.
func (c *Console) frame(ec echo.Context, v visit, title string, crumbs ...layout.Link) layout.Frame {
	f := layout.Frame{
		Title: title, CSRF: c.formToken(ec, v), Now: c.options.Now().UTC(), Flash: c.takeNote(ec),
		Crumbs: append(crumbs, layout.Link{Text: title}),
	}
	if !v.signedIn() {
		f.Crumbs = nil
		return f
	}
	f.Person, f.Operator, f.Switch = v.session.User.Name, v.session.User.Operator, v.switchLinks()
	if v.Subscription.ID == "" {
		if f.Operator {
			f.NavTitle, f.Nav = "Operator", operatorNav(ec)
		}
		return f
	}
	f.Subscription, f.NavTitle, f.Nav = v.Subscription.Name, "Settings", subscriptionNav(ec, v)
	return f
}
