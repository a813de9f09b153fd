package keyporter_test

import (
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

func TestNonce(t *testing.T) {
	f := newFixture(t)
	s, other := f.session(ada), f.session(tom)
	create := func(s keyporter.Session, nonce string) (keyporter.Key, string) {
		key, _, err := f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey,
			keyporter.KeyForm{Description: "a key", Once: f.Once(s, nonce)})
		return key, kind(err)
	}
	nonce := f.NewNonce(s)
	key, outcome := create(s, nonce)
	if outcome != done {
		t.Fatal(outcome)
	}
	if _, outcome = create(s, nonce); outcome != "conflict" {
		t.Errorf("a second time: %s", outcome)
	}
	f.ok(f.DeleteKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey, key.ID.String(), ""))
	if _, outcome = create(s, nonce); outcome != "conflict" {
		t.Errorf("after the key was deleted: %s", outcome)
	}
	f.reopen()
	if _, outcome = create(s, nonce); outcome != "conflict" {
		t.Errorf("after a restart: %s", outcome)
	}
	sound := f.NewNonce(s)
	for name, bad := range map[string]string{
		"none": "", "of another session": f.NewNonce(other), "damaged": "0" + sound, "cut": sound[:len(sound)-1],
		"garbage":        "a.b.c",
		"without a seal": sound[:strings.LastIndexByte(sound, '.')], "the form token": s.FormToken(),
		"NUL": "\x00.\xff.",
	} {
		if _, outcome = create(s, bad); outcome != "invalid input: nonce" {
			t.Errorf("%s: %s", name, outcome)
		}
	}
	f.clock.pass(4 * time.Hour)
	f.session(ada) // is being used
	for range 4 {
		f.clock.pass(5 * time.Hour)
		f.session(ada)
	}
	if _, outcome = create(s, sound); outcome != "invalid input: nonce" {
		t.Errorf("after 24 hours: %s", outcome)
	}
	f.ok(f.DeleteExpired(f.ctx))
	if _, outcome = create(s, nonce); outcome == done {
		t.Error("a used nonce is good again after the sweep")
	}
}

// TestNonceAtTheSameMoment checks that a double click creates one key.
func TestNonceAtTheSameMoment(t *testing.T) {
	f := newFixture(t)
	s := f.session(ada)
	form := keyporter.KeyForm{Description: "a key", Once: f.Once(s, f.NewNonce(s))}
	outcomes := make(chan string)
	for range 8 {
		go func() {
			outcomes <- kind(third(f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey, form)))
		}()
	}
	counts := map[string]int{}
	for range 8 {
		counts[<-outcomes]++
	}
	if counts[done] != 1 || counts["conflict"] != 7 {
		t.Errorf("eight at once: %v", counts)
	}
}
