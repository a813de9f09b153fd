package keyporter_test

import (
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

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
