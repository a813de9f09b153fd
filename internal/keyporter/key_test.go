package keyporter_test

import (
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
