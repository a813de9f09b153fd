package keyporter

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"keyporter/internal/password"
)

func TestCheckPassword(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"four words in a row", ""},
		{"elevenchars", password.Check("elevenchars")},
		{"password1234", password.TooCommon},
		{"ada.lovelace@example.com", password.TooCommon},
		{"ADA.lovelace@example.com", password.TooCommon},
		{"ada.lovelace@EXAMPLE.com.", password.TooCommon},
		{"ada.lovelace@example.org", ""},
	} {
		if got := checkPassword(c.text, "ada.lovelace@example.com"); got != c.want {
			t.Errorf("checkPassword(%q) says %q, want %q", c.text, got, c.want)
		}
	}
}

// TestKnownBrowsersHaveTheirOwnQueue checks that a full queue of unknown browsers does not make known ones wait, and is
// reported as [TooManyTries]. See also password.TestSeparate.
func TestKnownBrowsersHaveTheirOwnQueue(t *testing.T) {
	p := New(nil, Options{})
	if p.hasherFor(nil) == p.hasherFor(&Device{}) {
		t.Error("known and unknown browsers wait in one queue")
	}
	var full *TooManyTries
	if err := hashError(fmt.Errorf("hash: %w", password.ErrBusy)); !errors.As(err, &full) || full.After <= 0 {
		t.Errorf("with a full queue the error is %v", err)
	}
	if err := hashError(context.Canceled); err != context.Canceled || hashError(nil) != nil {
		t.Errorf("after a client left the error is %v", err)
	}
}
