package server_test

import (
	"net/url"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

// A row is one route and its answer to each person in the order of everybody.
type row struct {
	route string
	want  string
	// path and form prepare the request of one person. By default it is the route with Acme's IDs, and an empty form.
	path func(f *fixture, who string) string
	form func(f *fixture, who string) url.Values
}

func fixed(path string) func(*fixture, string) string {
	return func(*fixture, string) string { return path }
}

func below(path string) func(*fixture, string) string {
	return func(f *fixture, _ string) string { return f.at(path) }
}

func ofKey(verb string) func(*fixture, string) string {
	return func(f *fixture, _ string) string {
		id, _ := f.key("a key", true)
		return f.at(keysBelow + "/" + id + "/" + verb)
	}
}

func ofApplication(verb string) func(*fixture, string) string {
	return func(f *fixture, _ string) string {
		return f.at("/applications/" + f.application("an app").ID.String() + verb)
	}
}

// ofOwnKey returns the path to delete a Feedback API key of a member of Acme; for others it is Ada's key.
func ofOwnKey(f *fixture, who string) string {
	if who == visitor || who == otto || who == olga {
		who = ada
	}
	id, _ := f.feedbackKey(who, "a key")
	return f.at(ownKeysBelow + "/" + id + "/delete")
}

func ofMember(verb string) func(*fixture, string) string {
	return func(f *fixture, who string) string { return f.at("/users/" + f.invite(who).Member.ID + "/" + verb) }
}

func ofAcme(verb string) func(*fixture, string) string {
	return func(f *fixture, _ string) string { return "/operator/subscriptions/" + f.acme + "/" + verb }
}

func filled(pairs ...string) func(*fixture, string) url.Values {
	return func(*fixture, string) url.Values { return query(pairs...) }
}

func resetLink(f *fixture) string {
	_, link, err := f.NewPasswordLink(f.ctx, email(vic))
	f.ok(err)
	return link.Reveal()
}

const settingsOf = "/s/:subscription/settings"

// rows has every route of the console, with the outcome for visitor, otto, vic, nora, tom, ada and olga.
var rows = []row{
	{"GET /", "sign-in 303 303 303 303 303 303", nil, nil},
	{"GET /docs/api", "200 200 200 200 200 200 200", nil, nil},
	{"GET /setup", "404 404 404 404 404 404 404", nil, nil},
	{"POST /setup", "404 404 404 404 404 404 404", nil,
		filled("subscription", "Mine", "name", "M", "email", "m@example.com", "password", password)},
	{"GET /sign-in", "200 303 303 303 303 303 303", nil, nil},
	{"POST /sign-in", "422 422 422 422 422 422 422", nil, filled("email", "x", "password", "x")},
	{"POST /sign-out", "sign-in sign-in sign-in sign-in sign-in sign-in sign-in", nil, nil},
	{"GET /invitation", "200 200 200 200 200 200 200", func(f *fixture, who string) string {
		return "/invitation?token=" + f.invite(who).Value.Reveal()
	}, nil},
	{"POST /invitation", "303 303 303 303 303 303 303", nil, func(f *fixture, who string) url.Values {
		return query("token", f.invite(who).Value.Reveal(), "name", "New", "password", password)
	}},
	{"GET /new-password", "200 200 200 200 200 200 200", func(f *fixture, _ string) string {
		return "/new-password?token=" + resetLink(f)
	}, nil},
	{"POST /new-password", "422 422 422 422 422 422 422", nil, func(f *fixture, _ string) url.Values {
		return query("token", resetLink(f), "password", "short")
	}},
	{"GET /account", "sign-in 200 200 200 200 200 200", nil, nil},
	{"POST /account/name", "sign-in 303 303 303 303 303 303", nil, filled("name", "Another")},
	{"POST /account/password", "sign-in 422 422 422 422 422 422", nil,
		filled("current", password, "password", "short")},
	{"POST /account/sessions/:session/end", "sign-in 404 404 404 404 404 404",
		fixed("/account/sessions/4fT9aQ0bZ7Lm/end"), nil},

	{"GET /operator/subscriptions", "sign-in 404 404 404 404 404 200", nil, nil},
	{"GET /operator/subscriptions/new", "sign-in 404 404 404 404 404 200", nil, nil},
	{"POST /operator/subscriptions", "sign-in 404 404 404 404 404 201", nil, func(f *fixture, who string) url.Values {
		return query("subscription", "New", "name", "N", "email", "n@example.com", "nonce", f.NewNonce(f.sessions[who]))
	}},
	{"POST /operator/subscriptions/:subscription/new-link", "sign-in 404 404 404 404 404 201",
		func(f *fixture, _ string) string {
			invited, err := f.CreateSubscription(f.ctx, f.sessions[olga].Actor(keyporter.ClientInfo{}),
				keyporter.SubscriptionForm{Subscription: "New", Name: "N", Email: "n@example.com"})
			f.ok(err)
			return "/operator/subscriptions/" + invited.Member.SubscriptionID + "/new-link"
		}, nil},
	{"POST /operator/subscriptions/:subscription/make-available", "sign-in 404 404 404 404 404 303",
		ofAcme("make-available"), nil},
	{"GET /operator/subscriptions/:subscription/withdraw", "sign-in 404 404 404 404 404 200", ofAcme("withdraw"), nil},
	{"POST /operator/subscriptions/:subscription/withdraw", "sign-in 404 404 404 404 404 303", ofAcme("withdraw"),
		filled("confirm", "Acme")},

	{"GET " + settingsOf, "sign-in 404 200 200 200 200 404", below(""), nil},
	{"POST " + settingsOf, "sign-in 404 403 403 403 303 404", below(""), filled("name", "Other")},
	{"GET " + settingsOf + "/integrations", "sign-in 404 200 200 200 200 404", below("/integrations"), nil},
	{"POST " + settingsOf + "/integrations/feature", "sign-in 404 403 403 403 303 404", below("/integrations/feature"),
		filled("on", "false")},
	{"GET " + settingsOf + "/integrations/switch-off", "sign-in 404 403 403 403 200 404",
		below("/integrations/switch-off"), nil},
	{"GET " + settingsOf + "/integrations/key-policy", "sign-in 404 403 403 403 200 404",
		below("/integrations/key-policy"), nil},
	{"POST " + settingsOf + "/integrations/key-policy", "sign-in 404 403 403 403 303 404",
		below("/integrations/key-policy"), filled("longest_life", "90")},

	{"GET " + settingsOf + keysBelow, "sign-in 404 403 403 200 200 404", below(keysBelow), nil},
	{"POST " + settingsOf + keysBelow, "sign-in 404 403 403 201 201 404", below(keysBelow),
		func(f *fixture, who string) url.Values {
			return query("description", "a key", "nonce", f.NewNonce(f.sessions[who]))
		}},
	{"GET " + settingsOf + keysBelow + "/new", "sign-in 404 403 403 200 200 404", below(keysBelow + "/new"), nil},
	{"POST " + settingsOf + keysBelow + "/search", "sign-in 404 403 403 303 303 404", below(keysBelow + "/search"),
		filled("q", "words")},
	{"GET " + settingsOf + keysBelow + "/identify", "sign-in 404 403 403 200 200 404", below(keysBelow + "/identify"),
		nil},
	{"POST " + settingsOf + keysBelow + "/identify", "sign-in 404 403 403 200 200 404", below(keysBelow + "/identify"),
		filled("key", "4fT9aQ0bZ7Lm")},
	{"GET " + settingsOf + keysBelow + "/deleted", "sign-in 404 403 403 200 200 404", below(keysBelow + "/deleted"),
		nil},
	{"GET " + settingsOf + keysBelow + "/:key", "sign-in 404 403 403 200 200 404", func(f *fixture, _ string) string {
		id, _ := f.key("a key", true)
		return f.at(keysBelow + "/" + id)
	}, nil},
	{"GET " + settingsOf + keysBelow + "/:key/edit", "sign-in 404 403 403 200 200 404", ofKey("edit"), nil},
	{"POST " + settingsOf + keysBelow + "/:key/edit", "sign-in 404 403 403 303 303 404", ofKey("edit"),
		filled("description", "other")},
	{"GET " + settingsOf + keysBelow + "/:key/end", "sign-in 404 403 403 200 200 404", ofKey("end"), nil},
	{"POST " + settingsOf + keysBelow + "/:key/end", "sign-in 404 403 403 303 303 404", ofKey("end"),
		filled("ends", "30")},
	{"GET " + settingsOf + keysBelow + "/:key/addresses", "sign-in 404 403 403 200 200 404", ofKey("addresses"), nil},
	{"POST " + settingsOf + keysBelow + "/:key/addresses", "sign-in 404 403 403 303 303 404", ofKey("addresses"),
		filled("allowed_addresses", "192.0.2.0/24")},
	{"POST " + settingsOf + keysBelow + "/:key/addresses/allow", "sign-in 404 403 403 303 303 404",
		ofKey("addresses/allow"), filled("address", "192.0.2.7")},
	{"GET " + settingsOf + keysBelow + "/:key/disable", "sign-in 404 403 403 200 200 404", ofKey("disable"), nil},
	{"POST " + settingsOf + keysBelow + "/:key/disable", "sign-in 404 403 403 303 303 404", ofKey("disable"), nil},
	{"POST " + settingsOf + keysBelow + "/:key/enable", "sign-in 404 403 403 303 303 404", ofKey("enable"), nil},
	{"GET " + settingsOf + keysBelow + "/:key/delete", "sign-in 404 403 403 200 200 404", ofKey("delete"), nil},
	{"POST " + settingsOf + keysBelow + "/:key/delete", "sign-in 404 403 403 303 303 404", ofKey("delete"), nil},

	{"GET " + settingsOf + ownKeysBelow, "sign-in 404 200 200 200 200 404", below(ownKeysBelow), nil},
	{"POST " + settingsOf + ownKeysBelow, "sign-in 404 201 201 201 201 404", below(ownKeysBelow),
		func(f *fixture, who string) url.Values {
			return query("description", "a key", "nonce", f.NewNonce(f.sessions[who]))
		}},
	{"POST " + settingsOf + ownKeysBelow + "/search", "sign-in 404 303 303 303 303 404",
		below(ownKeysBelow + "/search"), filled("q", "words")},
	{"GET " + settingsOf + ownKeysBelow + "/new", "sign-in 404 200 200 200 200 404", below(ownKeysBelow + "/new"), nil},
	{"GET " + settingsOf + ownKeysBelow + "/:key/delete", "sign-in 404 200 200 200 200 404", ofOwnKey, nil},
	{"POST " + settingsOf + ownKeysBelow + "/:key/delete", "sign-in 404 303 303 303 303 404", ofOwnKey, nil},
	{"GET " + settingsOf + "/keys", "sign-in 404 200 200 200 200 404", below("/keys"), nil},
	{"GET " + settingsOf + "/applications", "sign-in 404 200 200 200 200 404", below("/applications"), nil},
	{"POST " + settingsOf + "/applications", "sign-in 404 403 303 303 303 404", below("/applications"),
		func(f *fixture, who string) url.Values {
			return query("name", "an app", "platform", "ios", "nonce", f.NewNonce(f.sessions[who]))
		}},
	{"GET " + settingsOf + "/applications/new", "sign-in 404 403 200 200 200 404", below("/applications/new"), nil},
	{"GET " + settingsOf + "/applications/:application", "sign-in 404 200 200 200 200 404", ofApplication(""), nil},
	{"GET " + settingsOf + "/applications/:application/edit", "sign-in 404 403 200 200 200 404", ofApplication("/edit"),
		nil},
	{"POST " + settingsOf + "/applications/:application/edit", "sign-in 404 403 303 303 303 404",
		ofApplication("/edit"), filled("name", "another")},
	{"GET " + settingsOf + "/applications/:application/default", "sign-in 404 403 200 200 200 404",
		ofApplication("/default"), nil},
	{"POST " + settingsOf + "/applications/:application/default", "sign-in 404 403 303 303 303 404",
		ofApplication("/default"), nil},
	{"GET " + settingsOf + "/applications/:application/delete", "sign-in 404 403 200 200 200 404",
		ofApplication("/delete"), nil},
	{"POST " + settingsOf + "/applications/:application/delete", "sign-in 404 403 303 303 303 404",
		ofApplication("/delete"), filled("confirm", "an app")},
	{"GET " + settingsOf + listBelow, "sign-in 404 403 200 200 200 404", below(listBelow), nil},
	{"GET " + settingsOf + listBelow + "/:type", "sign-in 404 403 200 200 200 404", below(listBelow + "/remoteIp"),
		nil},
	{"POST " + settingsOf + listBelow + "/:type/search", "sign-in 404 403 303 303 303 404",
		below(listBelow + "/server/search"), filled("q", "words")},
	{"POST " + settingsOf + listBelow + "/:type/try", "sign-in 404 403 303 303 303 404",
		below(listBelow + "/server/try"), filled("try", "words")},
	{"GET " + settingsOf + listBelow + "/:type/new", "sign-in 404 403 200 200 200 404",
		below(listBelow + "/visitorId/new"), nil},
	{"POST " + settingsOf + listBelow + "/:type", "sign-in 404 403 303 303 303 404", below(listBelow + "/server"),
		filled("entries", "dev*")},
	{"GET " + settingsOf + listBelow + "/:type/delete", "sign-in 404 403 200 200 200 404",
		func(f *fixture, who string) string {
			return f.at(listBelow + "/server/delete?entry=" + f.entry(exclude.Server, who))
		}, nil},
	{"POST " + settingsOf + listBelow + "/:type/delete", "sign-in 404 403 303 303 303 404",
		below(listBelow + "/server/delete"), func(f *fixture, who string) url.Values {
			return query("entry", f.entry(exclude.Server, who))
		}},

	{"GET " + settingsOf + "/users", "sign-in 404 200 200 200 200 404", below("/users"), nil},
	{"POST " + settingsOf + "/users", "sign-in 404 403 403 403 201 404", below("/users"),
		filled("name", "N", "email", "n@example.com", "role", "viewer")},
	{"GET " + settingsOf + "/users/new", "sign-in 404 403 403 403 200 404", below("/users/new"), nil},
	{"GET " + settingsOf + "/users/:member/edit", "sign-in 404 403 403 403 200 404", ofMember("edit"), nil},
	{"POST " + settingsOf + "/users/:member/edit", "sign-in 404 403 403 403 303 404", ofMember("edit"),
		filled("role", "admin")},
	{"GET " + settingsOf + "/users/:member/remove", "sign-in 404 403 403 403 200 404", ofMember("remove"), nil},
	{"POST " + settingsOf + "/users/:member/remove", "sign-in 404 403 403 403 303 404", ofMember("remove"), nil},
	{"POST " + settingsOf + "/users/:member/new-link", "sign-in 404 403 403 403 201 404", ofMember("new-link"), nil},
	{"GET " + settingsOf + "/audit-log", "sign-in 404 403 403 403 200 404", below("/audit-log"), nil},
}
