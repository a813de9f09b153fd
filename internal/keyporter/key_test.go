package keyporter_test

import (
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

func TestCreateKey(t *testing.T) {
	f := newFixture(t)
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
		s := f.session(ada)
		form := keyporter.KeyForm{Description: c.description, Write: true, Once: f.Once(s, f.NewNonce(s))}
		key, token, err := f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey, form)
		if kind(err) != c.want {
			t.Errorf("%q: %s, want %s", c.description, kind(err), c.want)
			continue
		}
		if err != nil { // the same form, corrected, creates: its nonce was not used up
			form.Description = "corrected"
			_, _, err := f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey, form)
			f.want(done, err)
			continue
		}
		read, err := f.Key(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey, key.ID.String())
		if err != nil || read != key || read.Description != strings.TrimSpace(c.description) || read.Creator != "Ada" {
			t.Errorf("what is read later is %+v, not %+v: %v", read, key, err)
		}
		if v := f.judge(token.Reveal()); !v.OK() || v.KeyID != key.ID || !v.Write {
			t.Errorf("its token is answered %+v", v)
		}
	}
}

func TestTokenPrefix(t *testing.T) {
	f := newFixture(t)
	_, old := f.key("with the first prefix", false)
	f.ok(f.store.Close())
	f.openWith(keyporter.Options{TokenPrefix: "acme"}, nil)
	_, fresh := f.key("under the second", false)
	if !strings.HasPrefix(old, "kpint_") || !strings.HasPrefix(fresh, "acmeint_") {
		t.Errorf("the tokens begin with %.8s and %.8s", old, fresh)
	}
	for _, token := range []string{old, fresh} {
		if v := f.judge(token); !v.OK() {
			t.Errorf("%.8s… is refused: %s", token, v.Code)
		}
	}
}

func TestEditKey(t *testing.T) {
	f := newFixture(t)
	key, token := f.key("before", true)
	id := key.ID.String()
	write := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: "DELETE",
		Path: "/"}
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
		f.want(c.want, f.EditKey(f.ctx, f.actor(tom), f.acme, id,
			keyporter.KeyChanges{Description: c.description, Lower: c.lower}))
		if v := f.Judge(f.ctx, write); v.OK() != c.writes {
			t.Errorf("after %q, %v the key writes: %v", c.description, c.lower, v.OK())
		}
	}
	read, err := f.Key(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, id)
	if err != nil || read.Description != "after all" || read.Write {
		t.Errorf("the key is %+v, %v", read, err)
	}
	list, err := f.Keys(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, keyporter.KeyFilter{Text: "before"},
		keyporter.Position{})
	if err != nil || len(list.Rows) != 0 {
		t.Errorf("the search still finds the earlier description: %v, %v", list.Rows, err)
	}
	for _, id := range []string{"4fT9aQ0bZ7Lm", "", "x", strings.Repeat("a", 13), "../../../etc"} {
		f.want(notFound, f.EditKey(f.ctx, f.actor(ada), f.acme, id, keyporter.KeyChanges{Description: "text"}))
	}
}

func TestDeleteKey(t *testing.T) {
	f := newFixture(t)
	unused, _ := f.key("unused", false)
	f.want(done, f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, unused.ID.String(), ""))
	f.want(notFound, f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, unused.ID.String(), ""))

	used, token := f.key("In use", true)
	id := used.ID.String()
	if v := f.judge(token); !v.OK() { // not written yet when the deletion asks
		t.Fatal(v.Code)
	}
	for _, c := range []struct{ confirm, want string }{
		{"", "invalid input: confirm"},
		{"in use", "invalid input: confirm"},
		{"In use!", "invalid input: confirm"},
		{" In use ", done},
		{"In use", notFound},
	} {
		f.want(c.want, f.DeleteKey(f.ctx, f.actor(tom), f.acme, keyporter.IntegrationKey, id, c.confirm))
		if v := f.judge(token); v.OK() != strings.HasPrefix(c.want, "invalid") {
			t.Errorf("after confirming with %q the gate says %q", c.confirm, v.Code)
		}
	}
	n := 0
	for _, l := range f.auditEvents(f.acme) {
		if l.KeyID == id && l.Action == keyporter.ActionDeletedKey {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d events about one deletion", n)
	}
	if rows := f.contents(); !strings.Contains(rows, "deleted_keys id="+id) {
		t.Error("what the key was is not kept")
	}
}

// TestDeletionOfAKeyUsedLongAgo checks that it needs no confirmation.
func TestDeletionOfAKeyUsedLongAgo(t *testing.T) {
	f := newFixture(t)
	key, token := f.key("Used once", false)
	f.judge(token)
	a := f.actor(ada)
	f.clock.pass(7*24*time.Hour - time.Millisecond)
	f.want("invalid input: confirm", f.DeleteKey(f.ctx, a, f.acme, keyporter.IntegrationKey, key.ID.String(), ""))
	f.clock.pass(time.Millisecond)
	f.want(done, f.DeleteKey(f.ctx, a, f.acme, keyporter.IntegrationKey, key.ID.String(), ""))
}

// TestDeletedAtTheSameMoment checks that of concurrent deletions one succeeds, and the others find no key.
func TestDeletedAtTheSameMoment(t *testing.T) {
	f := newFixture(t)
	key, _ := f.key("a key", false)
	a := f.actor(ada)
	outcomes := make(chan string)
	for range 6 {
		go func() { outcomes <- kind(f.DeleteKey(f.ctx, a, f.acme, keyporter.IntegrationKey, key.ID.String(), "")) }()
	}
	counts := map[string]int{}
	for range 6 {
		counts[<-outcomes]++
	}
	if counts[done] != 1 || counts[notFound] != 5 {
		t.Errorf("six at once: %v", counts)
	}
}
