package console

import (
	"context"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/layout"
	"keyporter/web/page"
)

// A keyKind is what the handlers of one kind of keys differ in: the words, and which methods of the product they call.
type keyKind struct {
	words     page.KeyKind
	header    string // that a command line to try a key with sends it in
	verify    string // the path that judges it
	mayCreate func(*keyporter.Porter, context.Context, keyporter.Actor, string) error
	list      func(*keyporter.Porter, context.Context, keyporter.Actor, string, keyporter.KeyFilter, keyporter.Position) (keyporter.KeyList, error)
	create    func(*keyporter.Porter, context.Context, keyporter.Session, keyporter.Origin, string, keyporter.KeyForm) (keyporter.Key, token.Token, error)
	read      func(*keyporter.Porter, context.Context, keyporter.Actor, string, string) (keyporter.Key, keyporter.Usage, error)
	remove    func(p *keyporter.Porter, ctx context.Context, a keyporter.Actor, subscription, id, confirm string) error
}

var integrationKeys = keyKind{
	words: page.IntegrationKeys, header: "X-Integration-Key", verify: "/api/v1/token/verify",
	mayCreate: (*keyporter.Porter).CheckMayCreate,
	list:      (*keyporter.Porter).Keys,
	create:    (*keyporter.Porter).CreateKey,
	read:      (*keyporter.Porter).KeyUsage,
	remove:    (*keyporter.Porter).DeleteKey,
}

var feedbackKeys = keyKind{
	words: page.FeedbackKeys, header: "auth-token", verify: "/api/v1/feedback/token/verify",
	mayCreate: func(*keyporter.Porter, context.Context, keyporter.Actor, string) error { return nil }, // who is a member may
	list:      (*keyporter.Porter).FeedbackKeys,
	create:    (*keyporter.Porter).CreateFeedbackKey,
	read: func(p *keyporter.Porter, ctx context.Context, a keyporter.Actor, subscription, id string) (keyporter.Key, keyporter.Usage, error) {
		key, err := p.FeedbackKey(ctx, a, subscription, id)
		return key, keyporter.Usage{}, err // which is not counted
	},
	remove: (*keyporter.Porter).DeleteFeedbackKey,
}

// keyPages answer for the pages of one kind of keys.
type keyPages struct {
	*Console
	keyKind
}

// path is the address of the list.
func (k keyPages) path(v visit) string { return k.words.At(v.settings()) }

// framed returns what surrounds a page below the list.
func (k keyPages) framed(ec echo.Context, v visit, title string) layout.Frame {
	list := layout.Link{Text: k.words.Title, Href: k.path(v)}
	return k.frame(ec, v, title, v.crumbs(v.integrationsCrumb(), list)...)
}
