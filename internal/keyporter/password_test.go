package keyporter

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestCheckPassword(t *testing.T) {
	for _, c := range []struct{ password, sentence string }{
		{"four words in a row", ""},
		{"            x", ""}, // any characters, also at the ends
		{"пароль-это-тайна", ""},
		{"\x00\x01 control too", ""},
		{"語語語語語語語語語語語字", ""}, // 12 characters, more bytes
		{strings.Repeat("ab1", 42) + "xy", ""},
		{"", "at least 12 characters; you typed 0"},
		{"elevenchars", "at least 12 characters; you typed 11"},
		{"語語語語語語語語語語字", "at least 12 characters; you typed 11"},
		{strings.Repeat("ab1", 42) + "xyz", "at most 128 characters; you typed 129"},
		{"password1234", "first passwords"},
		{"PassWord1234", "first passwords"},
		{"administrator", "first passwords"},
		{"aaaaaaaaaaaaa", "first passwords"},
		{"abcabcabcabcabc", "first passwords"},
		{"ada.lovelace@example.com", "first passwords"},
		{"ADA.lovelace@example.com", "first passwords"},
		{"not utf-8 \xff\xfe", "not valid UTF-8"},
	} {
		got := checkPassword(c.password, "ada.lovelace@example.com")
		if c.sentence == "" && got != "" || !strings.Contains(got, c.sentence) {
			t.Errorf("checkPassword(%q) says %q, want %q", c.password, got, c.sentence)
		}
	}
}

// TestCommonPasswordsAreLongEnough keeps the list to what length alone does not refuse.
func TestCommonPasswordsAreLongEnough(t *testing.T) {
	n := 0
	for line := range strings.Lines(commonPasswords) {
		word := strings.TrimSuffix(line, "\n")
		if len(word) < minPassword || word != strings.ToLower(word) {
			t.Errorf("%q has no place in the list", word)
		}
		n++
	}
	if n < 1000 {
		t.Errorf("the list has %d passwords", n)
	}
}

func TestStoredPassword(t *testing.T) {
	const password = "four words in a row"
	stored := argonNow.hash(password)
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the parameters do not stand in the stored form %s", stored)
	}
	if stored == argonNow.hash(password) {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	older := argon{memory: 64, time: 1, threads: 1}.hash(password)
	for _, c := range []struct {
		name, stored, password string
		same, outdated         bool
	}{
		{"today's", stored, password, true, false},
		{"a wrong password", stored, "four words in a rov", false, false},
		{"a password cut short", stored, password[:18], false, false},
		{"with older parameters", older, password, true, true},
		{"empty", "", password, false, true},
		{"of another kind", "$2a$10$abcdefghijklmnopqrstuv", password, false, true},
		{"damaged parameters", strings.Replace(stored, "m=19456", "m=x", 1), password, false, true},
		{"no passes", strings.Replace(older, "t=1", "t=0", 1), password, false, true},
		{"no sum", older[:strings.LastIndex(older, "$")+1], password, false, true},
	} {
		if verifyPassword(c.stored, c.password) != c.same {
			t.Errorf("%s: verified as %v", c.name, !c.same)
		}
		if outdated(c.stored) != c.outdated {
			t.Errorf("%s: outdated is %v", c.name, !c.outdated)
		}
	}
}

// TestPasswordHashedAsTyped: a hash from before passwords were normalised goes on opening to what was typed then.
func TestPasswordHashedAsTyped(t *testing.T) {
	h, typed := newHasher(), "Cafe\u0301 M\u00fcnchen in a row"
	if ok, err := h.verify(t.Context(), argonNow.hash(typed), typed); !ok || err != nil {
		t.Errorf("verified as %v, %v", ok, err)
	}
}

// TestNobodyCostsTheSame: an unknown user is judged against a hash of the same parameters, and never let in.
func TestNobodyCostsTheSame(t *testing.T) {
	h := newHasher()
	if outdated(h.decoy) {
		t.Errorf("the decoy %s has other parameters than a user's", h.decoy)
	}
	for _, password := range []string{"", "four words in a row"} {
		if ok, err := h.verify(context.Background(), "", password); ok || err != nil {
			t.Errorf("nobody is let in with %q: %v, %v", password, ok, err)
		}
	}
}

func TestHashesAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	h := hasher{turns: make(chan struct{}, hashesAtOnce), waiting: make(chan struct{}, hashesWaiting)}
	var done []func()
	for range hashesAtOnce {
		d, err := h.turn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, d)
	}
	if hashesAtOnce != 2 {
		t.Errorf("%d hashes of 19 MiB at once", hashesAtOnce)
	}
	waited := make(chan error)
	for range hashesWaiting - hashesAtOnce {
		go func() {
			d, err := h.turn(ctx)
			if err == nil {
				d()
			}
			waited <- err
		}()
	}
	for deadline := time.Now().Add(10 * time.Second); len(h.waiting) < hashesWaiting; {
		if time.Now().After(deadline) {
			t.Fatal("not everybody queues up")
		}
		runtime.Gosched()
	}
	var wait *TooManyTries
	if _, err := h.turn(ctx); !errors.As(err, &wait) || wait.After <= 0 {
		t.Errorf("one more than can wait is answered %v", err)
	}
	select {
	case err := <-waited:
		t.Fatalf("a third one hashes beside two: %v", err)
	default:
	}
	done[0]()
	if err := <-waited; err != nil {
		t.Errorf("who waited is answered %v", err)
	}
	cancel()
	for range hashesWaiting - hashesAtOnce - 1 {
		<-waited // with a turn or with the end of their context: nobody hangs
	}
	done[1]()
	if len(h.turns) != 0 || len(h.waiting) != 0 {
		t.Errorf("%d turns and %d places are still held", len(h.turns), len(h.waiting))
	}
}

// TestKnownBrowsersHashApart: however many tries of unknown browsers wait for their passwords to be compared.
func TestKnownBrowsersHashApart(t *testing.T) {
	p := New(nil, Options{})
	for range hashesWaiting {
		p.hasher.waiting <- struct{}{}
	}
	if _, err := p.hasherFor(nil).verify(t.Context(), "", "a password"); err == nil {
		t.Error("an unknown browser finds no queue")
	}
	if _, err := p.hasherFor(&Device{}).verify(t.Context(), "", "a password"); err != nil {
		t.Errorf("a known browser: %v", err)
	}
}
