package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// A secret is a text that must appear only in certain answers.
type secret struct {
	name, text string
	shownBy    func(*answer) bool
	shown      bool // one of them has to show it
}

// A life is an installation from its set-up on, used with browsers.
type life struct {
	*fixture
	secrets []secret
}

func (l *life) hide(name, text string, shown bool, by func(*answer) bool) {
	l.t.Helper()
	if len(text) < 12 {
		l.t.Fatalf("%s is %q", name, text)
	}
	l.secrets = append(l.secrets, secret{name, text, by, shown})
}

func nowhere(*answer) bool { return false }

// holding reports whether an answer is one to a request for path, or the page that first shows the link.
func holding(path string) func(*answer) bool {
	return func(a *answer) bool { return a.Request.URL.Path == path || a.StatusCode == http.StatusCreated }
}

// field returns the value of the field with the ID.
func (a *answer) field(id string) string {
	for n := range a.doc().Descendants() {
		if attr(n, "id") != id || n.FirstChild == nil || n.FirstChild.Type != html.TextNode {
			continue
		}
		return n.FirstChild.Data
	}
	return ""
}

// status fails unless the answer has the wanted status.
func (l *life) status(want string, got *answer) *answer {
	l.t.Helper()
	if got.outcome() != want {
		l.t.Fatalf("%s %s: %s, want %s\n%s", got.Request.Method, got.Request.URL.Path, got.outcome(), want, got.body)
	}
	for _, c := range got.Cookies() {
		if strings.HasSuffix(c.Name, "-session") && c.Value != "" {
			l.hide("a session's value", c.Value, false, nowhere)
		}
	}
	return got
}

// link takes a one-time link from the page that shows it.
func (l *life) link(got *answer, path string) string {
	l.t.Helper()
	u, err := url.Parse(got.field("link"))
	if err != nil || u.Path != path {
		l.t.Fatalf("the link is %q", got.field("link"))
	}
	value := u.Query().Get("token")
	l.hide("an invitation", value, true, func(a *answer) bool {
		return holding(path)(a) || a.Request.URL.Path == "/sign-in" && a.Request.Method == "POST"
	})
	return path + "?token=" + value
}

// create creates a key in the list at keys, and returns its ID and token.
func (l *life) create(c *client, keys, description string, pairs ...string) (id, token string) {
	l.t.Helper()
	got := l.status("201", c.submit(keys+"/new", keys, append(pairs, "description", description)...))
	token = got.field("token")
	l.hide("the secret of "+description, token[19:], true, func(a *answer) bool { return a == got })
	l.hide("the hidden half of "+description, token[19:51], true, func(a *answer) bool { return a == got })
	return token[6:18], token
}

func (l *life) password(name, text string) string {
	l.hide(name, text, false, nowhere)
	return text
}

// TestWholeLife uses every part once, and then searches the database, the log and every page for secrets.
func TestWholeLife(t *testing.T) {
	f := serve(t, engine.Empty(t), func() time.Time { return start })
	f.model = model{path: f.path}
	l := &life{fixture: f}
	first := l.password("Ada's password", "correct horse battery")
	second := l.password("Ada's second password", "staple of the battery")
	third := l.password("Ada's third password", "horses are correct!")
	toms := l.password("Tom's password", "Tom's tomatoes ripen")
	wrong := l.password("a wrong password", "tomatoes of Tom's aunt")

	setUp, err := f.SetUpLink(f.ctx)
	f.ok(err)
	l.hide("the set-up link", setUp.Reveal(), true, holding("/setup"))
	a := f.client("a")
	form := []string{"subscription", "Acme", "name", "Ada", "email", "ada@example.com"}
	l.status("422", a.submit("/setup?token="+setUp.Reveal(), "/setup",
		append(form, "email", "none", "password", first)...))
	settings := l.status("303", a.submit("/setup?token="+setUp.Reveal(), "/setup",
		append(form, "password", first)...)).Header.Get("Location")
	l.status("404", a.get("/setup?token="+setUp.Reveal()))
	l.status("303", a.submit(settings+"/integrations", settings+"/integrations/feature"))

	tom := []string{"name", "Tom", "email", "tom@example.com", "role", "admin", "key_access", "on"}
	replaced := l.link(l.status("201", a.submit(settings+"/users/new", settings+"/users", tom...)), "/invitation")
	members := a.get(settings + "/users")
	renew := firstWith(t, members, "/new-link")
	invitation := l.link(l.status("201", a.submit(settings+"/users", renew)), "/invitation")
	b := f.client("b")
	l.status("404", b.get(replaced))
	l.status("422", b.submit(invitation, "/invitation", "name", "", "password", toms))
	l.status("303", b.submit(invitation, "/invitation", "name", "Tom", "password", toms))
	l.status("404", b.get(invitation))

	readID, read := l.create(b, settings+keysBelow, "Zapier")
	writeID, write := l.create(a, settings+keysBelow, "Importer", "write_access", "on")
	ownID, own := l.create(b, settings+ownKeysBelow, "Ideas")
	_, kept := l.create(b, settings+ownKeysBelow, "Votes")
	for _, headers := range []http.Header{described(read, "GET", "/a"),
		with(described("", "DELETE", "/a"), "Authorization", "Bearer "+write), described(read, "POST", "/a"),
		described(read+"x", "GET", "/"), with(described(read, "GET", "/"), "X-Pendo-Integration-Key", write)} {
		gateAsk(f, "/gate", proxy, headers)
	}
	gateAsk(f, "/gate/x?token="+read, proxy, nil)
	gateAsk(f, "/api/v1/token/verify?key="+read, "203.0.113.9", http.Header{"X-Integration-Key": {read}})
	for _, token := range []string{own, kept} {
		gateAsk(f, "/api/v1/feedback/token/verify?key="+token, "203.0.113.9",
			http.Header{"Auth-Token": {token}, "User-Agent": {token}})
		gateAsk(f, "/gate/x?token="+token, proxy, http.Header{"X-Integration-Key": {token}})
		l.status("303", b.get(settings+ownKeysBelow+"?q="+token))
		l.status("404", b.get(settings+ownKeysBelow+"/"+token+"/delete"))
		l.status("422", b.submit(settings+ownKeysBelow+"/new", settings+ownKeysBelow, "description", token))
	}
	f.ok(f.FlushUses(f.ctx))
	own = settings + ownKeysBelow + "/" + ownID + "/delete"
	l.status("422", b.submit(own, own, "confirm", "x"))
	l.status("303", b.submit(own, own, "confirm", "Ideas"))
	l.status("200", b.get(l.status("303", b.get(settings+keysBelow+"?q="+read)).Header.Get("Location")))
	l.status("404", b.get("/"+read))
	l.status("303", b.submit(settings+keysBelow+"/"+writeID+"/edit", settings+keysBelow+"/"+writeID+"/edit", "lower",
		"on", "description", "Importer of bills"))
	l.status("422", b.submit(settings+keysBelow+"/"+readID+"/delete", settings+keysBelow+"/"+readID+"/delete",
		"confirm", "x"))
	l.status("303", b.submit(settings+keysBelow+"/"+readID+"/delete", settings+keysBelow+"/"+readID+"/delete",
		"confirm", "Zapier"))

	l.status("422", f.client("c").submit("/sign-in", "/sign-in", "email", "ada@example.com", "password", wrong))
	l.status("422", a.submit("/account", "/account/password", "current", wrong, "password", second))
	l.status("303", a.submit("/account", "/account/password", "current", first, "password", second))
	_, reset, err := f.NewPasswordLink(f.ctx, "ada@example.com")
	f.ok(err)
	l.hide("a link to choose a new password", reset.Reveal(), true, holding("/new-password"))
	d := f.client("d")
	l.status("422", d.submit("/new-password?token="+reset.Reveal(), "/new-password", "password", "short"))
	l.status("sign-in", d.submit("/new-password?token="+reset.Reveal(), "/new-password", "password", third))
	l.status("sign-in", a.get("/account"))
	l.status("303", a.submit("/sign-in?next=/account", "/sign-in", "email", "ada@example.com", "password", third))

	other := []string{"subscription", "Globex", "name", "Tom", "email", "tom@example.com"}
	joining := l.link(l.status("201", a.submit("/operator/subscriptions/new", "/operator/subscriptions", other...)),
		"/invitation")
	e := f.client("e")
	l.status("200", e.submit(joining, "/invitation"))
	page := e.submit(joining, "/invitation")
	sign, found := page.form("/sign-in")
	if !found {
		t.Fatalf("who has an account is not asked to sign in:\n%s", page.body)
	}
	l.status("422", e.send("/sign-in", merged(sign, "email", "tom@example.com", "password", wrong)))
	l.status("303", e.send("/sign-in", merged(sign, "email", "tom@example.com", "password", toms)))

	for _, c := range []*client{a, b, e} {
		for _, path := range []string{"", "/integrations", keysBelow, keysBelow + "?q=Importer", keysBelow + "/" +
			writeID + "/edit", keysBelow + "/" + writeID + "/delete", "/users", "/audit-log", "/keys", ownKeysBelow,
			ownKeysBelow + "?q=Votes"} {
			c.get(settings + path)
		}
		c.get("/account")
	}
	l.status("sign-in", e.submit("/account", "/sign-out"))
	l.search()
}

func merged(form url.Values, pairs ...string) url.Values {
	all := query(pairs...)
	for name, values := range form {
		if !all.Has(name) {
			all[name] = values
		}
	}
	return all
}

// firstWith returns the first action of a form that ends with the suffix.
func firstWith(t *testing.T, a *answer, suffix string) string {
	t.Helper()
	for n := range a.doc().Descendants() {
		if action := attr(n, "action"); strings.HasSuffix(action, suffix) {
			return action
		}
	}
	t.Fatalf("no form ends with %s:\n%s", suffix, a.body)
	return ""
}

func (l *life) search() {
	l.t.Helper()
	places := map[string]string{"the log": l.log.String()}
	stored := false
	for place, text := range engine.Contents(l.t, l.path) {
		places[place] = text
		stored = stored || strings.Contains(text, "Importer of bills")
	}
	if !stored || !strings.Contains(places["the log"], "/sign-in") {
		l.t.Fatal("the search looks into the wrong places")
	}
	for _, s := range l.secrets {
		for place, text := range places {
			if strings.Contains(text, s.text) {
				l.t.Errorf("%s holds %s", place, s.name)
			}
		}
		shown := false
		for _, a := range l.seen {
			holds := strings.Contains(html.UnescapeString(a.body), s.text)
			shown = shown || holds
			if holds && !s.shownBy(a) {
				l.t.Errorf("the answer to %s %s (%s) shows %s", a.Request.Method, a.Request.URL.Path, a.Status, s.name)
			}
			for name, values := range a.Header {
				if strings.Contains(strings.Join(values, " "), s.text) &&
					(name != "Set-Cookie" || s.name != "a session's value") {
					l.t.Errorf("the answer to %s %s has %s in %s", a.Request.Method, a.Request.URL.Path, s.name, name)
				}
			}
		}
		if s.shown && !shown {
			l.t.Errorf("no page ever shows %s: the search has looked for the wrong text", s.name)
		}
	}
}
