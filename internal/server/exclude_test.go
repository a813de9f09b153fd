package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

const listBelow = "/exclude-list"

// add adds lines to Acme's Exclude List as Ada.
func (f *fixture) add(kind exclude.Kind, lines ...string) {
	f.t.Helper()
	_, err := f.AddExcludeEntries(f.ctx, f.actor(ada), f.acme, kind, strings.Join(lines, "\n"))
	f.ok(err)
}

// entry adds one entry and returns its ID.
func (f *fixture) entry(kind exclude.Kind, pattern string) string {
	f.t.Helper()
	f.add(kind, pattern)
	list, err := f.ExcludeEntries(f.ctx, f.actor(ada), f.acme, kind, pattern, keyporter.Position{})
	f.ok(err)
	return list.Rows[0].ID
}

func TestExcludePages(t *testing.T) {
	f := newFixture(t)
	f.add(exclude.Server, "dev*", "*:3000", "staging.example.com")
	f.add(exclude.Address, "10.0.0.0/8")
	_, otherError := f.AddExcludeEntries(f.ctx, f.actor(otto), f.globex, exclude.Server, "globex.example.com")
	f.ok(otherError)
	for _, c := range []struct {
		path         string
		status       int
		has, without []string
	}{
		{"", 200, []string{"<h1><bdi>Exclude List", "dev*", "staging.example.com", "3 entries", "4 of 10,000",
			`aria-current="page">Server host / domain`}, []string{"globex", "10.0.0.0", "Use my address"}},
		{"/server", 200, []string{"dev*"}, []string{"10.0.0.0"}},
		{"/server?q=STAG", 200, []string{"staging.example.com", "1 entry found"},
			[]string{"*:3000</bdi>", "<bdi>dev*"}},
		{"/server?q=nothing", 200, []string{"No entry matches", "Show all entries"}, nil},
		{"/server?q=%ff%00", 200, []string{"3 entries"}, nil},
		{"/server?q=kpint_4fT9aQ0bZ7Lm_x8Kd02mVqT5n", 200, []string{"kpint_4fT9aQ0bZ7Lm_…"},
			[]string{"x8Kd02mVqT5n"}},
		{"/server?at=x", 400, nil, nil},
		{"/remoteIp", 200, []string{"10.0.0.0/8", "Use my address", "1 entry"}, []string{"dev*</bdi>"}},
		{"/visitorId", 200, []string{"No visitors on the list yet", "+ Add entries"}, []string{"<table"}},
		{"/accountId", 200, []string{"No accounts on the list yet"}, nil},
		{"/path", 404, nil, nil},
		{"/server?try=DEV1:3000", 200, []string{"Excluded.", "2 entries match", "<code>dev*", "<code>*:3000"},
			[]string{"<code>staging"}},
		{"/server?try=www.example.com", 200, []string{"Not excluded."}, []string{"Excluded.</b> 1"}},
		{"/server?try=", 422, []string{"Fill this in.", `aria-invalid="true"`}, []string{"xcluded.</b>"}},
		{"/remoteIp?try=10.9.8.7", 200, []string{"1 entry matches", "<code>10.0.0.0/8"}, nil},
		{"/remoteIp?try=dev1", 422, []string{"Type an IP address"}, nil},
		{"/visitorId?try=<script>", 200, []string{"Not excluded.", "&lt;script&gt;"}, []string{"<script>"}},
		{"/server?try=kpint_4fT9aQ0bZ7Lm_x8Kd02mVqT5n", 422, []string{"looks like a key"}, []string{"x8Kd02mVqT5n"}},
		{"/remoteIp/new", 200, []string{"Add entries", "192.0.2.0/24"}, []string{"127.0.0.1"}},
		{"/remoteIp/new?mine=on", 200, []string{"\n127.0.0.1</textarea>"}, nil},
		{"/visitorId/new?mine=on", 200, nil, []string{"127.0.0.1"}},
		{"/path/new", 404, nil, nil},
	} {
		got := f.client(nora).get(f.at(listBelow + c.path))
		if got.StatusCode != c.status {
			t.Errorf("%s: %s", c.path, got.Status)
		}
		checkText(t, c.path, got, c.has, c.without)
	}
	viewer := f.client(vic).get(f.at(""))
	checkText(t, "a Viewer's navigation", viewer, []string{"Users"}, []string{"exclude-list"})
	checkText(t, "a Viewer's refusal", f.client(vic).get(f.at(listBelow)),
		[]string{"Viewers cannot open the Exclude List", "Ada"}, []string{"dev*"})
	checkText(t, "an Admin's navigation", f.client(nora).get(f.at("")), []string{f.at(listBelow)}, nil)
}

func checkText(t *testing.T, name string, got *answer, has, without []string) {
	t.Helper()
	for _, text := range has {
		if !strings.Contains(got.body, text) {
			t.Errorf("%s lacks %q:\n%s", name, text, insideOf(got.body))
		}
	}
	for _, text := range without {
		if strings.Contains(insideOf(got.body), text) {
			t.Errorf("%s has %q:\n%s", name, text, insideOf(got.body))
		}
	}
}

// TestExcludeForms adds entries and deletes several.
func TestExcludeForms(t *testing.T) {
	f := newFixture(t)
	c := f.client(nora)
	path := f.at(listBelow + "/server")
	got := c.submit(path+"/new", path, "entries", "dev*\r\n\r\n a**b \r\nhttps://x")
	checkText(t, "bad lines", got, []string{"Line 3: Two *", "Line 4: Write the host", "several lines cannot be added",
		"\ndev*\r\n\r\n a**b \r\nhttps://x</textarea>", `aria-invalid="true"`}, []string{"Line 1", "Line 2"})
	if got.StatusCode != 422 {
		t.Errorf("bad lines: %s", got.Status)
	}
	checkText(t, "after bad lines", c.get(path), []string{"No hosts on the list yet"}, nil)

	got = c.submit(path+"/new", path, "entries", "dev*\r\nDEV*\r\n*:3000\r\nlocalhost\r\n")
	if got.StatusCode != 303 || got.Header.Get("Location") != path {
		t.Errorf("good lines: %s to %s", got.Status, got.Header.Get("Location"))
	}
	list := c.get(path)
	checkText(t, "the list", list, []string{"Added: 3 entries. 1 line was on the list already", "dev*", "*:3000",
		"localhost", "Nora"}, nil)
	if again := c.submit(path+"/new", path, "entries", "dev*"); again.StatusCode != 303 {
		t.Errorf("again: %s", again.Status)
	}
	checkText(t, "again", c.get(path), []string{"Nothing was added: every line is on the list already."}, nil)

	var ids []string
	for n := range list.doc().Descendants() {
		if attr(n, "type") == "checkbox" && attr(n, "name") == "entry" {
			ids = append(ids, attr(n, "value"))
		}
	}
	if len(ids) != 3 {
		t.Fatalf("the list has the boxes %v", ids)
	}
	none := c.post(path+"/delete", url.Values{})
	checkText(t, "nothing selected", none, []string{"Nothing is selected", "dev*"}, nil)
	if none.StatusCode != 422 {
		t.Errorf("nothing selected: %s", none.Status)
	}
	if got := f.client(otto).post("/s/"+f.globex+"/settings/exclude-list/server/delete",
		url.Values{"entry": ids}); got.StatusCode != 404 {
		t.Errorf("another subscription's entries: %s", got.Status)
	}
	if got := c.post(path+"/delete", url.Values{"entry": ids[:2]}); got.StatusCode != 303 {
		t.Errorf("delete: %s", got.Status)
	}
	checkText(t, "after deleting", c.get(path), []string{"Deleted: 2 entries.", "localhost", "1 entry<"},
		[]string{"<bdi>dev*", "<bdi>*:3000"})
	if got := c.post(path+"/delete", url.Values{"entry": ids[:2]}); got.StatusCode != 404 {
		t.Errorf("delete again: %s", got.Status)
	}
	checkText(t, "the audit log", f.client(ada).get(f.at("/audit-log")),
		[]string{"Added to the Exclude List", "Deleted from the Exclude List", "Server host / domain: dev*, *:3000"},
		nil)
	got = c.post(path, query("entries", "kpint_4fT9aQ0bZ7Lm_x8Kd02mVqT5n"))
	checkText(t, "a token", got, []string{"looks like a key"}, []string{"x8Kd02mVqT5n"})
}

// TestManyEntries: the form for entries takes more than other forms, and the pages of the list show all of them.
func TestManyEntries(t *testing.T) {
	f := newFixture(t)
	c := f.client(tom)
	path := f.at(listBelow + "/visitorId")
	lines := make([]string, 2000)
	for i := range lines {
		lines[i] = fmt.Sprintf("visitor-%05d@customer.example.com", i)
	}
	if got := c.post(path, query("entries", strings.Join(lines, "\r\n"))); got.StatusCode != 303 {
		t.Fatalf("2,000 lines: %s", got.Status)
	}
	seen, next := map[string]bool{}, path
	for next != "" {
		got := c.get(next)
		next = ""
		for n := range got.doc().Descendants() {
			if attr(n, "type") == "checkbox" {
				seen[attr(n, "value")] = true
			}
			if attr(n, "rel") == "next" {
				next = attr(n, "href")
			}
		}
	}
	if len(seen) != len(lines) {
		t.Errorf("the pages show %d entries", len(seen))
	}
	if got := c.post(path, query("entries", strings.Repeat("x",
		1<<20))); got.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("more than a form takes: %s", got.Status)
	}
}
