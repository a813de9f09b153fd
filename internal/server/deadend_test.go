package server_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"keyporter/internal/keyporter"
)

// TestNothingIsOfferedThatIsRefused: an operation that a rule refuses has no button, and the page says why.
func TestNothingIsOfferedThatIsRefused(t *testing.T) {
	f := newFixture(t)
	c := f.client(ada)
	remove := func(who string) string { return f.at("/users/" + f.members[who] + "/remove") }
	users := c.get(f.at("/users"))
	if users.offers(remove(ada)) || !users.offers(remove(tom)) {
		t.Error("Remove is offered for the last Subscription admin, or not for somebody else")
	}
	const last = "make somebody else Subscription admin before"
	users.mustHold(t, "the last Subscription admin", last)
	f.ok(f.ChangeRights(f.ctx, f.actor(ada), f.acme, f.members[tom], keyporter.SubscriptionAdmin, false))
	users = c.get(f.at("/users"))
	if !users.offers(remove(ada)) || !users.offers(remove(tom)) || strings.Contains(users.body, last) {
		t.Error("one of two Subscription admins cannot be removed")
	}
	if got := f.client(vic).get(f.at("/users")); strings.Contains(got.body, last) {
		t.Error("who may remove nobody is told whom")
	}

	other := f.application("Shop").ID.String()
	all, err := f.Applications(f.ctx, f.actor(ada), f.acme)
	f.ok(err)
	for _, a := range all {
		at := f.at("/applications/" + a.ID.String())
		for _, path := range []string{f.at("/applications"), at} {
			got := c.get(path)
			if got.offers(at+"/delete") == a.Default {
				t.Errorf("%s: default %t, and deletion is offered: %t", path, a.Default, !a.Default)
			}
			if a.Default {
				got.mustHold(t, "the default application", "make another application the default first")
			}
		}
	}
	if got := c.get(f.at("/applications/" + other)); strings.Contains(got.body, "make another application") {
		t.Error("what can be deleted is said not to be")
	}
}

// TestLinksOnPagesWork: no link and no GET form on a page leads to an error.
func TestLinksOnPagesWork(t *testing.T) {
	f := newFixture(t)
	f.key("a key", true)
	f.feedbackKey(vic, "a key")
	f.application("Shop")
	f.invite("somebody")
	for _, who := range everybody {
		c, seen := f.client(who), map[string]bool{"/": true}
		for queue := []string{"/"}; len(queue) > 0; queue = queue[1:] {
			got := c.get(queue[0])
			if got.StatusCode >= http.StatusBadRequest {
				t.Errorf("%s is offered %s: %s", who, queue[0], got.Status)
			}
			for _, path := range append(got.links(), got.Header.Get("Location")) {
				path, _, _ = strings.Cut(path, "#")
				if strings.HasPrefix(path, "/") && !seen[path] {
					seen[path] = true
					queue = append(queue, path)
				}
			}
		}
		if who != visitor && len(seen) < 3 { // a visitor sees the sign-in only
			t.Errorf("%s was shown no links: %v", who, seen)
		}
	}
}

// TestPagesOutsideOfSubscriptions: the operator's pages do not show the navigation of the operator's own subscriptions.
// The documents page shows that of the subscription which a member opened last.
func TestPagesOutsideOfSubscriptions(t *testing.T) {
	f := newFixture(t)
	c := f.client(olga)
	for label, paths := range c.get("/account").navigation() {
		for _, path := range paths {
			if strings.HasPrefix(path, "/s/") != (label == "Your subscriptions") {
				t.Errorf("%s stands under %s", path, label)
			}
		}
	}
	if nav := c.get("/account").navigation(); len(nav["Operator"]) != 1 || len(nav["Your subscriptions"]) != 1 {
		t.Errorf("the account's navigation is %v", nav)
	}
	for who, want := range map[string]string{vic: f.acme, otto: f.globex} {
		if nav := f.client(who).get("/docs/api").navigation(); len(nav["Settings"]) == 0 ||
			!strings.HasPrefix(nav["Settings"][0], "/s/"+want) {
			t.Errorf("the documents' navigation for %s is %v", who, nav)
		}
	}
	if nav := f.client(visitor).get("/docs/api").navigation(); len(nav) > 0 {
		t.Errorf("a visitor's navigation is %v", nav)
	}
}

// links returns the targets of the page's links and GET forms.
func (a *answer) links() []string {
	var found []string
	for n := range a.doc().Descendants() {
		switch {
		case n.Data == "a":
			found = append(found, attr(n, "href"))
		case n.Data == "form" && attr(n, "method") == "get":
			found = append(found, attr(n, "action"))
		}
	}
	return found
}

// offers reports whether the page has a link or a form that leads to path.
func (a *answer) offers(path string) bool {
	for n := range a.doc().Descendants() {
		if n.Type == html.ElementNode && (attr(n, "href") == path || attr(n, "action") == path) {
			return true
		}
	}
	return false
}

// navigation returns the targets of each of the page's navigations, by its label.
func (a *answer) navigation() map[string][]string {
	found := map[string][]string{}
	for n := range a.doc().Descendants() {
		if n.Data != "nav" || !strings.Contains(attr(n, "class"), "nav") || found[attr(n, "aria-label")] != nil {
			continue // the one for narrow screens repeats it
		}
		for link := range n.Descendants() {
			if link.Data == "a" {
				found[attr(n, "aria-label")] = append(found[attr(n, "aria-label")], attr(link, "href"))
			}
		}
	}
	return found
}
