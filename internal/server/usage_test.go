package server_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"keyporter/internal/keyporter"
)

// use asks the gate n times about a request with a token, as a client with this address and User-Agent.
func (f *fixture) use(n int, method, token, address, agent string) {
	for range n {
		headers := described(token, method, "/")
		headers["X-Forwarded-For"], headers["User-Agent"] = []string{address}, []string{agent}
		gateAsk(f, "/gate", proxy, headers).Body.Close()
	}
}

// words returns the text of a node, with one space between words.
func words(n *html.Node) string {
	var text strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			text.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(text.String()), " ")
}

// each returns the text of each element with the name, in order.
func (a *answer) each(name string) []string {
	var all []string
	for n := range a.doc().Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			all = append(all, words(n))
		}
	}
	return all
}

// mustHold fails unless the answer is 200 and its text has every sentence.
func (a *answer) mustHold(t *testing.T, name string, sentences ...string) {
	t.Helper()
	text := words(a.doc())
	for _, sentence := range sentences {
		if a.StatusCode != http.StatusOK || !strings.Contains(text, sentence) {
			t.Errorf("%s: %s, without %q:\n%s", name, a.Status, sentence, text)
		}
	}
}

func TestKeyPage(t *testing.T) {
	f := newFixture(t)
	id, token := f.key("Zapier", false)
	unused, _ := f.key("unused", false)
	c := f.client(tom)
	c.get(f.at(keysBelow+"/"+unused)).mustHold(t, "a key that nobody used", "No requests came with this key.")
	f.use(1200, "GET", token, "198.51.100.7", "acme <sync>/"+strings.Repeat("a", 300))
	f.use(3, "DELETE", token, "198.51.100.66", "somebody else")
	for _, when := range []string{"recorded", "written"} {
		got := c.get(f.at(keysBelow + "/" + id))
		got.mustHold(t, when, "Zapier", id, "1,200 admitted", "3 refused", "198.51.100.7", "acme <sync>/"+
			strings.Repeat("a", 200-len("acme <sync>/")))
		if strings.Contains(got.body, strings.Repeat("a", 200)) || strings.Contains(got.body, "somebody else") ||
			strings.Contains(got.body, "198.51.100.66") {
			t.Errorf("%s: the page tells who was refused:\n%s", when, got.body)
		}
		var charts []string
		for n := range got.doc().Descendants() {
			if n.Data == "svg" && attr(n, "role") == "img" {
				charts = append(charts, attr(n, "aria-label"))
			}
		}
		if len(charts) != 2 || !strings.Contains(charts[0], "Last 48 hours: 1,200 requests admitted, 3 refused") ||
			!strings.Contains(charts[1], "Last 90 days: 1,200") {
			t.Errorf("%s: the charts are %q", when, charts)
		}
		bars := map[string]int{}
		for n := range got.doc().Descendants() {
			if n.Data == "rect" && attr(n, "height") != "0" {
				bars[attr(n, "class")]++
			}
		}
		if bars["admitted"] != 2 || bars["refused"] != 2 || bars["ground"] != 48+90 {
			t.Errorf("%s: the bars that can be seen are %v", when, bars)
		}
		if tables := got.each("tbody"); len(tables) != 3 || tables[0] != "1 Mar, 12:00 UTC 1,200 3" ||
			!strings.HasSuffix(tables[1], " 1,200 3") || !strings.HasPrefix(tables[2], "198.51.100.7 acme <sync>/a") {
			t.Errorf("%s: the tables are %q", when, tables)
		}
		f.ok(f.FlushUses(f.ctx))
	}
	list := c.get(f.at(keysBelow))
	if !strings.Contains(list.body, `href="`+f.at(keysBelow+"/"+id)+`"`) {
		t.Error("the list does not lead to the key's page")
	}
}

// TestWhoSeesUsage: usage is shown to the people who may see the keys.
func TestWhoSeesUsage(t *testing.T) {
	f := newFixture(t)
	id, _ := f.key("a key", false)
	gone, _ := f.key("gone", false)
	f.ok(f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, gone, ""))
	of := func(subscription, below string) string { return "/s/" + subscription + "/settings" + keysBelow + below }
	for _, c := range []struct {
		who, path, want string
	}{
		{visitor, f.at(keysBelow + "/" + id), "sign-in"},
		{otto, f.at(keysBelow + "/" + id), "404"},
		{otto, of(f.globex, "/"+id), "404"}, // his own subscription, and a key of another one
		{olga, f.at(keysBelow + "/" + id), "404"},
		{vic, f.at(keysBelow + "/" + id), "403"},
		{nora, f.at(keysBelow + "/" + id), "403"},
		{tom, f.at(keysBelow + "/" + id), "200"},
		{ada, f.at(keysBelow + "/" + gone), "404"},
		{ada, f.at(keysBelow + "/nobody"), "404"},
		{visitor, f.at(keysBelow + "/deleted"), "sign-in"},
		{otto, f.at(keysBelow + "/deleted"), "404"},
		{vic, f.at(keysBelow + "/deleted"), "403"},
		{nora, f.at(keysBelow + "/deleted"), "403"},
		{tom, f.at(keysBelow + "/deleted"), "200"},
	} {
		got := f.client(c.who).get(c.path)
		if got.outcome() != c.want {
			t.Errorf("%s at %s: %s, want %s", c.who, c.path, got.outcome(), c.want)
		}
		if c.want != "200" && (strings.Contains(got.body, "<svg class=\"chart\"") ||
			strings.Contains(got.body, "gone")) {
			t.Errorf("%s at %s is told of what is not theirs:\n%s", c.who, c.path, got.body)
		}
	}
	if got := f.client(otto).get(of(f.globex, "/deleted")); strings.Contains(got.body, gone) {
		t.Error("a deleted key is listed in another subscription")
	}
}

// TestDeletedKeysPage: the page shows who still tries a deleted key.
func TestDeletedKeysPage(t *testing.T) {
	f := newFixture(t)
	path := f.at(keysBelow + "/deleted")
	c := f.client(tom)
	c.get(path).mustHold(t, "none", "No key was deleted")
	id, token := f.key("Zapier <old>", false)
	f.ok(f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, id, ""))
	c.get(path).mustHold(t, "one", "Zapier <old>", id, "Ada", "0 never")
	f.use(12, "GET", token, "198.51.100.66", "forgotten <job>/1.0")
	f.ok(f.FlushUses(f.ctx))
	rows := c.get(path).each("tbody")
	if len(rows) != 1 {
		t.Fatalf("the page lists %q", rows)
	}
	for _, want := range []string{"Zapier <old>", id, "Ada", " 12 ", "198.51.100.66", "forgotten <job>/1.0"} {
		if !strings.Contains(rows[0], want) {
			t.Errorf("the row %q lacks %q", rows[0], want)
		}
	}
	f.key("another", false)
	if list := c.get(f.at(keysBelow)); !strings.Contains(list.body, `href="`+path+`"`) {
		t.Error("the list of keys does not lead to the deleted ones")
	}
}

// TestDialogsSayWhatStops: the dialogs show the requests of the last 24 hours, including those that are not written
// yet.
func TestDialogsSayWhatStops(t *testing.T) {
	f := newFixture(t)
	id, token := f.key("Zapier", false)
	_, other := f.key("another", false)
	never, _ := f.key("never", false)
	c := f.client(ada)
	remove := func(id string) *answer { return c.get(f.at(keysBelow + "/" + id + "/delete")) }
	remove(never).mustHold(t, "a key that nobody used", "Never used since it was created")
	f.use(1, "GET", token, "198.51.100.7", "")
	remove(id).mustHold(t, "a key used once", "Used once in the last 24 hours", "198.51.100.7")
	f.use(1311, "GET", token, "198.51.100.7", "")
	f.use(5, "DELETE", token, "198.51.100.7", "")
	f.use(2, "GET", other, "198.51.100.7", "")
	for _, when := range []string{"recorded", "written"} {
		remove(id).mustHold(t, when, "Used 1,312 times in the last 24 hours")
		c.get(f.at("/integrations/switch-off")).mustHold(t, when, "Integration keys 3", "Used in the last 24 hours 2",
			"Their requests in that time 1,314")
		f.ok(f.FlushUses(f.ctx))
	}
}
