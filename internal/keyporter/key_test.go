package keyporter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

func TestCreateKey(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct{ description, want string }{
		{"Zapier", done},
		{"Zapier", done}, // not unique
		{"  数据同步  ", done},
		{strings.Repeat("a", 200), done},
		{strings.Repeat("a", 201), "invalid input: description"},
		{"", "invalid input: description"},
		{"\u200b", "invalid input: description"},
		{"a\x00", "invalid input: description"},
		{"a\xff", "invalid input: description"},
		{"a\u202eb", "invalid input: description"},
	} {
		s := h.session(ada)
		form := keyporter.KeyForm{Description: c.description, Write: true, Nonce: h.NewNonce(s)}
		key, token, err := h.CreateKey(h.ctx, s, home, h.acme, form)
		if kind(err) != c.want {
			t.Errorf("%q: %s, want %s", c.description, kind(err), c.want)
			continue
		}
		if err != nil { // the same form, corrected, creates: its nonce was not used up
			form.Description = "corrected"
			_, _, err := h.CreateKey(h.ctx, s, home, h.acme, form)
			h.want(done, err)
			continue
		}
		read, err := h.Key(h.ctx, s.Actor(home), h.acme, key.ID.String())
		if err != nil || read != key || read.Description != strings.TrimSpace(c.description) || read.Creator != "Ada" {
			t.Errorf("what is read later is %+v, not %+v: %v", read, key, err)
		}
		if v := h.judge(token.Reveal()); !v.OK() || v.KeyID != key.ID || !v.Write {
			t.Errorf("its token is answered %+v", v)
		}
	}
}

func TestTokenPrefix(t *testing.T) {
	h := newHouse(t)
	_, old := h.key("under the first brand", false)
	h.ok(h.store.Close())
	h.openWith(keyporter.Options{TokenPrefix: "acme"}, nil)
	_, fresh := h.key("under the second", false)
	if !strings.HasPrefix(old, "kpint_") || !strings.HasPrefix(fresh, "acmeint_") {
		t.Errorf("the tokens begin with %.8s and %.8s", old, fresh)
	}
	for _, token := range []string{old, fresh} {
		if v := h.judge(token); !v.OK() {
			t.Errorf("%.8s… is refused: %s", token, v.Code)
		}
	}
}

func TestNonce(t *testing.T) {
	h := newHouse(t)
	s, other := h.session(ada), h.session(tom)
	create := func(s keyporter.Session, nonce string) (keyporter.Key, string) {
		key, _, err := h.CreateKey(h.ctx, s, home, h.acme, keyporter.KeyForm{Description: "a key", Nonce: nonce})
		return key, kind(err)
	}
	nonce := h.NewNonce(s)
	key, outcome := create(s, nonce)
	if outcome != done {
		t.Fatal(outcome)
	}
	if _, outcome = create(s, nonce); outcome != "conflict" {
		t.Errorf("a second time: %s", outcome)
	}
	h.ok(h.DeleteKey(h.ctx, s.Actor(home), h.acme, key.ID.String(), ""))
	if _, outcome = create(s, nonce); outcome != "conflict" {
		t.Errorf("after the key was deleted: %s", outcome)
	}
	h.reopen()
	if _, outcome = create(s, nonce); outcome != "conflict" {
		t.Errorf("after a restart: %s", outcome)
	}
	sound := h.NewNonce(s)
	for name, bad := range map[string]string{
		"none": "", "of another session": h.NewNonce(other), "damaged": "0" + sound, "cut": sound[:len(sound)-1], "garbage": "a.b.c",
		"without a seal": sound[:strings.LastIndexByte(sound, '.')], "the form token": s.FormToken(), "NUL": "\x00.\xff.",
	} {
		if _, outcome = create(s, bad); outcome != "invalid input: nonce" {
			t.Errorf("%s: %s", name, outcome)
		}
	}
	h.clock.pass(4 * time.Hour)
	h.session(ada) // is being used
	for range 4 {
		h.clock.pass(5 * time.Hour)
		h.session(ada)
	}
	if _, outcome = create(s, sound); outcome != "invalid input: nonce" {
		t.Errorf("after 24 hours: %s", outcome)
	}
	h.ok(h.Sweep(h.ctx))
	if _, outcome = create(s, nonce); outcome == done {
		t.Error("a used nonce is good again after the sweep")
	}
}

// TestNonceAtTheSameMoment: a double click makes one key.
func TestNonceAtTheSameMoment(t *testing.T) {
	h := newHouse(t)
	s := h.session(ada)
	form := keyporter.KeyForm{Description: "a key", Nonce: h.NewNonce(s)}
	outcomes := make(chan string)
	for range 8 {
		go func() { outcomes <- kind(third(h.CreateKey(h.ctx, s, home, h.acme, form))) }()
	}
	counts := map[string]int{}
	for range 8 {
		counts[<-outcomes]++
	}
	if counts[done] != 1 || counts["conflict"] != 7 {
		t.Errorf("eight at once: %v", counts)
	}
}

// descriptions lists what a page of the list holds.
func descriptions(list keyporter.KeyList) string {
	var all []string
	for _, k := range list.Rows {
		all = append(all, k.Description)
	}
	return strings.Join(all, " ")
}

func TestKeysByPage(t *testing.T) {
	h := newHouse(t)
	var want []string
	for i := range 125 { // three pages, many keys at the same moment
		if i%7 == 0 {
			h.clock.pass(time.Second)
		}
		key, _ := h.key(fmt.Sprintf("k%03d", i), false)
		want = append(want, key.ID.String())
	}
	list := func(pos keyporter.Position) keyporter.KeyList {
		t.Helper()
		l, err := h.Keys(h.ctx, h.actor(tom), h.acme, keyporter.KeyFilter{}, pos)
		h.ok(err)
		return l
	}
	first := list(keyporter.Position{})
	second := list(*first.Older)
	last := list(*second.Older)
	if len(first.Rows) != 50 || len(second.Rows) != 50 || len(last.Rows) != 25 || first.Total != 125 || last.Total != 125 {
		t.Fatalf("pages of %d, %d and %d, in all %d", len(first.Rows), len(second.Rows), len(last.Rows), first.Total)
	}
	if first.Newer != nil || last.Older != nil || second.Newer == nil || last.Newer == nil {
		t.Error("a page has a neighbour that is not there, or none where one is")
	}
	var got []string
	all := slices.Concat(first.Rows, second.Rows, last.Rows)
	for i, k := range all {
		got = append(got, k.ID.String())
		if i > 0 && k.Created.After(all[i-1].Created) {
			t.Errorf("row %d is newer than the one above it", i)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Error("the pages do not hold each key once")
	}
	if back := list(*last.Newer); descriptions(back) != descriptions(second) || back.Older == nil || back.Newer == nil {
		t.Error("Newer does not lead back to the second page")
	}
	if back := list(*second.Newer); descriptions(back) != descriptions(first) {
		t.Error("Newer does not lead back to the first page")
	}
	h.clock.pass(time.Second)
	h.key("newest", false) // while somebody turns pages
	h.ok(h.DeleteKey(h.ctx, h.actor(ada), h.acme, first.Rows[49].ID.String(), ""))
	if again := list(*first.Older); descriptions(again) != descriptions(second) {
		t.Error("the second page moved when a key came and one went")
	}
	if top := list(*list(*first.Older).Newer); descriptions(top)[:6] != "newest" {
		t.Errorf("the way up ends at %s", descriptions(top))
	}
}

func TestSearch(t *testing.T) {
	h := newHouse(t)
	used, token := h.key("Zapier sync", false)
	h.key("zapier BACKUP", true)
	h.key("100% load", false)
	h.key("under_score!", false)
	h.key("Datenübernahme", false)
	h.key("ΣΊΣΥΦΟΣ", false)
	if v := h.judge(token); !v.OK() {
		t.Fatal(v.Code)
	}
	h.ok(h.FlushUses(h.ctx))
	id := used.ID.String()
	for _, c := range []struct {
		text string
		used keyporter.KeyUsed
		want int
	}{
		{"", keyporter.AnyUse, 6},
		{"", keyporter.EverUsed, 1},
		{"", keyporter.NeverUsed, 5},
		{"zapier", keyporter.AnyUse, 2},
		{"ZAPIER", keyporter.NeverUsed, 1},
		{"ZAPIER", keyporter.EverUsed, 1},
		{"  sync ", keyporter.AnyUse, 1},
		{"%", keyporter.AnyUse, 1}, // a sign like any other, as are the two that follow
		{"_", keyporter.AnyUse, 1},
		{"!", keyporter.AnyUse, 1},
		{"DATENÜBER", keyporter.AnyUse, 1},
		{"σίσυφος", keyporter.AnyUse, 1},
		{"' OR 1=1 --", keyporter.AnyUse, 0},
		{id, keyporter.AnyUse, 1},
		{id, keyporter.EverUsed, 1},
		{id, keyporter.NeverUsed, 0},
		{id[2:9], keyporter.AnyUse, 1},
		{strings.ToLower(id), keyporter.EverUsed, 1},
		{"4fT9aQ0bZ7Lm", keyporter.AnyUse, 0},
		{strings.Repeat("x", 10_000), keyporter.AnyUse, 0},
	} {
		list, err := h.Keys(h.ctx, h.actor(ada), h.acme, keyporter.KeyFilter{Text: c.text, Used: c.used}, keyporter.Position{})
		if err != nil || len(list.Rows) != c.want || list.Total != c.want {
			t.Errorf("searching for %.40q among %q finds %s (%d), %v; want %d", c.text, c.used, descriptions(list), list.Total, err, c.want)
		}
	}
}

func TestEditKey(t *testing.T) {
	h := newHouse(t)
	key, token := h.key("before", true)
	id := key.ID.String()
	write := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: "DELETE", Path: "/"}
	for _, c := range []struct {
		description string
		lower       bool
		want        string
		writes      bool
	}{
		{"", true, "invalid input: description", true},
		{"a\x00b", true, "invalid input: description", true},
		{"after", false, done, true},
		{"after", true, done, false},
		{"after all", false, done, false}, // access is never raised
	} {
		h.want(c.want, h.EditKey(h.ctx, h.actor(tom), h.acme, id, c.description, c.lower))
		if v := h.Judge(h.ctx, write); v.OK() != c.writes {
			t.Errorf("after %q, %v the key writes: %v", c.description, c.lower, v.OK())
		}
	}
	read, err := h.Key(h.ctx, h.actor(ada), h.acme, id)
	if err != nil || read.Description != "after all" || read.Write {
		t.Errorf("the key is %+v, %v", read, err)
	}
	list, err := h.Keys(h.ctx, h.actor(ada), h.acme, keyporter.KeyFilter{Text: "before"}, keyporter.Position{})
	if err != nil || len(list.Rows) != 0 {
		t.Errorf("the search still finds the earlier description: %v, %v", list.Rows, err)
	}
	for _, id := range []string{"4fT9aQ0bZ7Lm", "", "x", strings.Repeat("a", 13), "../../../etc"} {
		h.want(notFound, h.EditKey(h.ctx, h.actor(ada), h.acme, id, "text", false))
	}
}

func TestDeleteKey(t *testing.T) {
	h := newHouse(t)
	unused, _ := h.key("unused", false)
	h.want(done, h.DeleteKey(h.ctx, h.actor(ada), h.acme, unused.ID.String(), ""))
	h.want(notFound, h.DeleteKey(h.ctx, h.actor(ada), h.acme, unused.ID.String(), ""))

	used, token := h.key("In use", true)
	id := used.ID.String()
	if v := h.judge(token); !v.OK() { // not written yet when the deletion asks
		t.Fatal(v.Code)
	}
	for _, c := range []struct{ confirm, want string }{
		{"", "invalid input: confirm"},
		{"in use", "invalid input: confirm"},
		{"In use!", "invalid input: confirm"},
		{" In use ", done},
		{"In use", notFound},
	} {
		h.want(c.want, h.DeleteKey(h.ctx, h.actor(tom), h.acme, id, c.confirm))
		if v := h.judge(token); v.OK() != strings.HasPrefix(c.want, "invalid") {
			t.Errorf("after confirming with %q the gate says %q", c.confirm, v.Code)
		}
	}
	n := 0
	for _, l := range h.lines(h.acme) {
		if l.KeyID == id && l.Action == keyporter.ActionDeletedKey {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d lines about one deletion", n)
	}
	if rows := h.contents(); !strings.Contains(rows, "deleted_keys id="+id) {
		t.Error("what the key was is not kept")
	}
}

// TestDeletionOfAKeyUsedLongAgo asks for no confirmation.
func TestDeletionOfAKeyUsedLongAgo(t *testing.T) {
	h := newHouse(t)
	key, token := h.key("Used once", false)
	h.judge(token)
	a := h.actor(ada)
	h.clock.pass(7*24*time.Hour - time.Millisecond)
	h.want("invalid input: confirm", h.DeleteKey(h.ctx, a, h.acme, key.ID.String(), ""))
	h.clock.pass(time.Millisecond)
	h.want(done, h.DeleteKey(h.ctx, a, h.acme, key.ID.String(), ""))
}

// TestDeletedAtTheSameMoment: one deletes, the others find nothing.
func TestDeletedAtTheSameMoment(t *testing.T) {
	h := newHouse(t)
	key, _ := h.key("a key", false)
	a := h.actor(ada)
	outcomes := make(chan string)
	for range 6 {
		go func() { outcomes <- kind(h.DeleteKey(h.ctx, a, h.acme, key.ID.String(), "")) }()
	}
	counts := map[string]int{}
	for range 6 {
		counts[<-outcomes]++
	}
	if counts[done] != 1 || counts[notFound] != 5 {
		t.Errorf("six at once: %v", counts)
	}
}
