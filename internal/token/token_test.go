package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// TestTokenDoesNotPrint prints a token in every way in which a value gets into a log by accident.
func TestTokenDoesNotPrint(t *testing.T) {
	const secret = "kpint_4fT9aQ0bZ7Lm_topsecret"
	token := New(secret)
	inside := struct {
		Public  Token
		private Token
		pointer *Token
		list    []Token
		named   map[string]Token
	}{token, token, &token, []Token{token}, map[string]Token{"a": token}}
	var printed []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T", "%10.3v", "%w"} {
		for _, value := range []any{token, &token, inside, &inside, inside.list, inside.named} {
			printed = append(printed, fmt.Sprintf(verb, value))
		}
	}
	if got := fmt.Sprint(token); got != "[token]" {
		t.Errorf("a token prints as %q", got)
	}
	printed = append(printed, fmt.Errorf("failed with %w", fmt.Errorf("%v", token)).Error())
	for _, value := range []any{token, &token, inside, inside.list, inside.named, map[string]any{"k": token}} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Error(err)
		}
		printed = append(printed, string(text))
	}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		log := slog.New(handler)
		log.Info("made", "token", token, "pointer", &token, "inside", inside, slog.Group("g", "token", token))
	}
	printed = append(printed, log.String())
	for _, text := range printed {
		for _, form := range []string{"%s", "%x", "%X"} {
			if strings.Contains(text, fmt.Sprintf(form, "topsecret")) {
				t.Errorf("the token is printed: %s", text)
			}
		}
	}
	if token.Reveal() != secret || (Token{}).Reveal() != "" {
		t.Error("Reveal does not return the text")
	}
}
