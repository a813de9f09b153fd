package keyporter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

// add adds lines to Acme's Exclude List, by Ada.
func (f *fixture) add(kind exclude.Kind, lines ...string) keyporter.Added {
	f.t.Helper()
	added, err := f.AddExcludeEntries(f.ctx, f.actor(ada), f.acme, kind, strings.Join(lines, "\r\n"))
	f.ok(err)
	return added
}

// patterns returns the patterns on one page of Acme's list, in their order.
func (f *fixture) patterns(kind exclude.Kind, text string) []string {
	f.t.Helper()
	list, err := f.ExcludeEntries(f.ctx, f.actor(tom), f.acme, kind, text, keyporter.Position{})
	f.ok(err)
	var all []string
	for _, e := range list.Rows {
		all = append(all, e.Pattern)
	}
	return all
}

// said is what Acme's audit log has about an action, newest first.
func (f *fixture) said(action keyporter.Action) []string {
	f.t.Helper()
	var all []string
	for _, l := range f.auditEvents(f.acme) {
		if l.Action == action {
			all = append(all, l.ActorName+": "+l.Detail)
		}
	}
	return all
}

func (f *fixture) list() *exclude.List {
	f.t.Helper()
	_, token := f.key("reads the list", false)
	list, v := f.ExcludeListOf(f.ctx, keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}},
		Method: "GET", Path: "/"})
	if !v.OK() {
		f.t.Fatalf("the list is refused: %s", v.Code)
	}
	return list
}

// TestRefusedCallGetsNoList checks it for a verdict that names a subscription.
func TestRefusedCallGetsNoList(t *testing.T) {
	f := newFixture(t)
	refused := keyporter.Verdict{Code: keyporter.KeyInvalid, SubscriptionID: f.acme}
	if list, v := f.ExcludeListFor(f.ctx, refused); list != nil || v.Code != keyporter.KeyInvalid {
		t.Errorf("a refused call gets %v, %q", list, v.Code)
	}
	if list, v := f.ExcludeListFor(f.ctx, keyporter.Verdict{SubscriptionID: f.acme}); list == nil || !v.OK() {
		t.Errorf("an admitted call is answered %q", v.Code)
	}
}

func TestAddExcludeEntries(t *testing.T) {
	f := newFixture(t)
	if f.list().Excludes(exclude.Event{Server: "dev1"}) {
		t.Error("an empty list excludes")
	}
	if got := f.add(exclude.Server, "", "dev*", "  ", "Localhost", "DEV*",
		""); got != (keyporter.Added{New: 2, Known: 1}) {
		t.Errorf("added: %v", got)
	}
	if got := f.add(exclude.Server, "localhost", "*:3000"); got != (keyporter.Added{New: 1, Known: 1}) {
		t.Errorf("added: %v", got)
	}
	if got := f.add(exclude.Server, "localhost"); got != (keyporter.Added{Known: 1}) {
		t.Errorf("added: %v", got)
	}
	if got := f.add(exclude.Visitor, "localhost", "Localhost"); got != (keyporter.Added{New: 2}) {
		t.Errorf("another kind: %v", got)
	}
	if got := f.patterns(exclude.Server, ""); !slices.Equal(got, []string{"*:3000", "dev*", "localhost"}) &&
		!slices.Equal(got, []string{"dev*", "localhost", "*:3000"}) {
		t.Errorf("the list has %q", got)
	}
	if got := f.patterns(exclude.Server, "DEV"); !slices.Equal(got, []string{"dev*"}) {
		t.Errorf("the search finds %q", got)
	}
	if got := f.patterns(exclude.Server, "%"); len(got) != 0 {
		t.Errorf("a search for %% finds %q", got)
	}
	want := []string{"Ada: Visitor ID: localhost, Localhost", "Ada: Server host / domain: *:3000",
		"Ada: Server host / domain: dev*, localhost"}
	if said := f.said(keyporter.ActionAddedExclusions); !slices.Equal(said, want) {
		t.Errorf("the audit log says %q, want %q", said, want)
	}
	if list := f.list(); !list.Excludes(exclude.Event{Server: "DEV1.example.com"}) ||
		!list.Excludes(exclude.Event{VisitorID: "Localhost"}) || list.Excludes(exclude.Event{VisitorID: "LOCALHOST"}) {
		t.Error("the list does not exclude what it has to")
	}
}

// TestBadLines expects that nothing is added if one line is bad.
func TestBadLines(t *testing.T) {
	f := newFixture(t)
	before := f.contents("subscriptions")
	for _, c := range []struct {
		kind         exclude.Kind
		text, field  string
		says, omits  string
		linesOfWords int
	}{
		{exclude.Server, "dev*\n\na**b\nlocalhost\nhttps://x", "entries", "Line 3: Two *", "Line 1", 2},
		{exclude.Server, "", "entries", "at least one entry", "Line", 1},
		{"path", "dev*", "type", "Choose", "Line", 1},
	} {
		_, err := f.AddExcludeEntries(f.ctx, f.actor(ada), f.acme, c.kind, c.text)
		f.want("invalid input: "+c.field, err)
		invalid, _ := err.(keyporter.Invalid)
		if said := invalid[c.field]; !strings.Contains(said, c.says) || strings.Contains(said, c.omits) ||
			len(strings.Split(said, "\n")) != c.linesOfWords {
			t.Errorf("%.50q: %q", c.text, said)
		}
	}
	if after := f.contents("subscriptions"); after != before {
		t.Errorf("bad lines have changed the database from\n%s\nto\n%s", before, after)
	}
}

func TestDeleteExcludeEntries(t *testing.T) {
	f := newFixture(t)
	f.add(exclude.Server, "dev*", "localhost", "*:3000")
	page, err := f.ExcludeEntries(f.ctx, f.actor(nora), f.acme, exclude.Server, "", keyporter.Position{})
	f.ok(err)
	ids := []string{page.Rows[0].ID, page.Rows[2].ID}
	if page.Found != 3 || page.All != 3 || page.Rows[0].Creator != "Ada" || page.Rows[0].Pattern != "dev*" {
		t.Errorf("the page is %v", page)
	}
	_, err = f.DeleteExcludeEntries(f.ctx, f.actor(nora), f.acme, nil)
	f.want("invalid input: entry", err)
	_, err = f.DeleteExcludeEntries(f.ctx, f.actor(nora), f.acme, slices.Repeat(ids[:1], keyporter.PageSize+1))
	f.want("invalid input: entry", err)
	_, err = f.DeleteExcludeEntries(f.ctx, f.actor(otto), f.globex, ids)
	f.want("not found", err)
	n, err := f.DeleteExcludeEntries(f.ctx, f.actor(nora), f.acme, append(ids, ids[0], "gone", "é\x00"))
	if f.ok(err); n != 2 {
		t.Errorf("%d were deleted", n)
	}
	_, err = f.DeleteExcludeEntries(f.ctx, f.actor(nora), f.acme, ids)
	f.want("not found", err)
	if got := f.patterns(exclude.Server, ""); !slices.Equal(got, []string{"localhost"}) {
		t.Errorf("the list has %q", got)
	}
	if list := f.list(); list.Excludes(exclude.Event{Server: "dev1"}) ||
		!list.Excludes(exclude.Event{Server: "localhost:3000"}) {
		t.Error("the gate goes by another list")
	}
	if got := f.said(keyporter.ActionDeletedExclusions); !slices.Equal(got,
		[]string{"Nora: Server host / domain: dev*, *:3000"}) {
		t.Errorf("the audit log says %q", got)
	}
}

func TestTryExcludeList(t *testing.T) {
	f := newFixture(t)
	f.add(exclude.Server, "dev*", "*:3000", "localhost")
	f.add(exclude.Address, "10.0.0.0/8", "10.1.*", "2001:db8::/32")
	f.add(exclude.Visitor, "*@example.com")
	f.add(exclude.Account, "ACME")
	for _, c := range []struct {
		kind       exclude.Kind
		text, want string
	}{
		{exclude.Server, "Dev1:3000", "*:3000 dev*"}, {exclude.Server, "localhost:8080", "localhost"},
		{exclude.Server, "www.example.com", ""},
		{exclude.Address, "10.1.2.3", "10.0.0.0/8 10.1.*"}, {exclude.Address, "::ffff:10.2.0.1", "10.0.0.0/8"},
		{exclude.Address, "2001:0DB8::1", "2001:db8::/32"},
		{exclude.Visitor, " ada@example.com ", "*@example.com"}, {exclude.Visitor, "ada@EXAMPLE.com", ""},
		{exclude.Account, "ACME", "ACME"}, {exclude.Account, "acme", ""},
	} {
		found, err := f.TryExcludeList(f.ctx, f.actor(tom), f.acme, c.kind, c.text)
		f.ok(err)
		var got []string
		for _, e := range found {
			got = append(got, e.Pattern)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %s is matched by %q, want %s", c.kind, c.text, got, c.want)
		}
	}
	for kind, text := range map[exclude.Kind]string{exclude.Server: " ", exclude.Address: "10.0.0.0/8",
		exclude.Visitor: "a\x00"} {
		_, err := f.TryExcludeList(f.ctx, f.actor(tom), f.acme, kind, text)
		f.want("invalid input: try", err)
	}
}

// fill adds n accounts to Acme's Exclude List, a part at a time, since a transaction has ten seconds and a test may
// have a small share of a machine.
func (f *fixture) fill(n int) {
	f.t.Helper()
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("account-%d", i)
	}
	for part := range slices.Chunk(lines, 1000) {
		f.add(exclude.Account, part...)
	}
}

// TestExcludeListIsFull checks that the list takes 10,000 entries of all kinds together, and not one more.
func TestExcludeListIsFull(t *testing.T) {
	f := newFixture(t)
	f.fill(exclude.MaxEntries - 1)
	_, err := f.AddExcludeEntries(f.ctx, f.actor(ada), f.acme, exclude.Visitor, "one\ntwo")
	f.want("invalid input: entries", err)
	if invalid, _ := err.(keyporter.Invalid); !strings.Contains(invalid["entries"],
		"takes 10,000 entries. It has 9,999, and you sent 2 new ones") {
		t.Errorf("the sentence is %v", invalid["entries"])
	}
	f.add(exclude.Visitor, "one")
	_, err = f.AddExcludeEntries(f.ctx, f.actor(ada), f.acme, exclude.Visitor, "two")
	f.want("invalid input: entries", err)
	f.add(exclude.Visitor, "one") // nothing new
	if n := len(f.list().Entries()); n != exclude.MaxEntries {
		t.Errorf("the list has %d entries", n)
	}
	if said := f.said(keyporter.ActionAddedExclusions); len(said) != 11 ||
		!strings.HasSuffix(said[2], " and 950 more") || !strings.HasSuffix(said[1], " and 949 more") {
		t.Errorf("the audit log says %q", said)
	}
}

// entry adds an entry of a visitor to Acme's Exclude List, by Ada, and returns its ID.
func (f *fixture) entry(pattern string) string {
	f.t.Helper()
	f.add(exclude.Visitor, pattern)
	page, err := f.ExcludeEntries(f.ctx, f.actor(ada), f.acme, exclude.Visitor, pattern, keyporter.Position{})
	f.ok(err)
	return page.Rows[0].ID
}

// TestViewersChangeNoExcludeList checks that neither Viewers nor members of other subscriptions change the list.
// TestRefusedOperationsChangeNothing does not: Admins without integration key access may change it.
func TestViewersChangeNoExcludeList(t *testing.T) {
	f := newFixture(t)
	id := f.entry("ada@example.com")
	before := f.contents("audit_lines")
	for who, want := range map[string]string{vic: forbidden, otto: notFound, olga: notFound} {
		_, err := f.AddExcludeEntries(f.ctx, f.actor(who), f.acme, exclude.Visitor, "mine")
		f.want(want, err)
		_, err = f.DeleteExcludeEntries(f.ctx, f.actor(who), f.acme, []string{id})
		f.want(want, err)
	}
	if after := f.contents("audit_lines"); after != before {
		t.Errorf("the database has changed from\n%s\nto\n%s", before, after)
	}
}

// TestExcludeListIsFullForAll checks that concurrent additions do not exceed the limit together.
func TestExcludeListIsFullForAll(t *testing.T) {
	f := newFixture(t)
	const room, adders = 3, 10
	f.fill(exclude.MaxEntries - room)
	actor, outcomes := f.actor(ada), make(chan string, adders)
	for i := range adders {
		go func() {
			_, err := f.AddExcludeEntries(f.ctx, actor, f.acme, exclude.Visitor, fmt.Sprintf("visitor-%d", i))
			outcomes <- kind(err)
		}()
	}
	counts := map[string]int{}
	for range adders {
		counts[<-outcomes]++
	}
	if n := len(f.list().Entries()); counts[done] != room || counts["invalid input: entries"] != adders-room ||
		n != exclude.MaxEntries {
		t.Errorf("%d adders are answered %v, and the list has %d entries", adders, counts, n)
	}
}
