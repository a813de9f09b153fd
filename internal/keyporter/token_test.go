package keyporter

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for text, want := range map[string]string{
		"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ": "0mLq17", // GitHub's published example, and the contract's
		"":                               "000000",
	} {
		if got := check(text); string(got[:]) != want {
			t.Errorf("check(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestMintedTokensParse(t *testing.T) {
	for _, brand := range []string{"kp", "acme", "a1", "12345678"} {
		for _, k := range []kind{kindIntegration, kindFeedback} {
			id, ok := ParseKeyID(newID())
			if !ok {
				t.Fatal("a new ID is no key ID")
			}
			token, sum := mintToken(brand, k, id)
			text := token.Reveal()
			if want := len(brand) + len("int_") + 12 + 1 + 32 + 6; len(text) != want {
				t.Errorf("%s has %d characters, want %d", text, len(text), want)
			}
			if !strings.HasPrefix(text, brand+string(k)+"_"+id.String()+"_") {
				t.Errorf("%s does not begin with its brand, kind and key ID %s", text, id)
			}
			if sum != sha256.Sum256([]byte(text)) {
				t.Errorf("the hash of %s is not that of the whole token", text)
			}
			if gotKind, gotID, err := parseToken(text); err != nil || gotKind != k || gotID != id {
				t.Errorf("parseToken(%s) = %q, %s, %v", text, gotKind, gotID, err)
			}
		}
	}
}

func TestTokensDiffer(t *testing.T) {
	id, _ := ParseKeyID("4fT9aQ0bZ7Lm")
	seen := map[string]bool{}
	for range 1000 {
		token, _ := mintToken("kp", kindIntegration, id)
		if seen[token.Reveal()] {
			t.Fatal("the same token twice")
		}
		seen[token.Reveal()] = true
	}
}

// TestRandomTextIsFair counts each character: a bias such as that of a plain remainder would give the first eight a
// quarter more than the others.
func TestRandomTextIsFair(t *testing.T) {
	const each = 4000
	counts := map[rune]int{}
	for _, r := range randomText(62 * each) {
		counts[r]++
	}
	if len(counts) != 62 {
		t.Fatalf("%d characters occur, want 62", len(counts))
	}
	for r, n := range counts {
		if n < each*88/100 || n > each*112/100 { // seven standard deviations
			t.Errorf("%q occurs %d times, about %d were to be expected", r, n, each)
		}
	}
}

// sealed adds the check, so that what is wrong with a damaged token is not its check.
func withChecksum(text string) string {
	digits := check(text)
	return text + string(digits[:])
}

func TestParseToken(t *testing.T) {
	const id, secret = "4fT9aQ0bZ7Lm", "abcdefghijklmnopqrstuvwxyz012345"
	good := withChecksum("kpint_" + id + "_" + secret)
	flipped := []byte(good)
	flipped[len(flipped)-1] ^= 1
	for _, c := range []struct {
		name, text string
		want       kind // "" for a refusal
	}{
		{"an integration key", good, kindIntegration},
		{"a Feedback API key", withChecksum("kpfbk_" + id + "_" + secret), kindFeedback},
		{"an application key", "kpapp_" + secret, kindApplication},
		{"another brand", withChecksum("acmeint_" + id + "_" + secret), kindIntegration},
		{"the longest brand", withChecksum("abcdefgh" + "int_" + id + "_" + secret), kindIntegration},
		{"a brand that looks like a kind", withChecksum("intint_" + id + "_" + secret), kindIntegration},
		{"nothing", "", ""},
		{"no prefix", withChecksum(id + "_" + secret), ""},
		{"no brand", withChecksum("int_" + id + "_" + secret), ""},
		{"a brand of one", withChecksum("kint_" + id + "_" + secret), ""},
		{"a brand of nine", withChecksum("abcdefghiint_" + id + "_" + secret), ""},
		{"a brand in capitals", withChecksum("KPint_" + id + "_" + secret), ""},
		{"an unknown kind", withChecksum("kpxyz_" + id + "_" + secret), ""},
		{"a wrong check", string(flipped), ""},
		{"no check", "kpint_" + id + "_" + secret, ""},
		{"a short secret", withChecksum("kpint_" + id + "_" + secret[1:]), ""},
		{"a long secret", withChecksum("kpint_" + id + "_" + secret + "x"), ""},
		{"a short ID", withChecksum("kpint_" + id[1:] + "_" + secret), ""},
		{"another separator", withChecksum("kpint_" + id + "-" + secret), ""},
		{"a character that is none of base62", withChecksum("kpint_" + id + "_" + secret[1:] + "-"), ""},
		{"an ID that is none of base62", withChecksum("kpint_" + id[1:] + "é" + "_" + secret), ""},
		{"a space in front", " " + good, ""},
		{"a line's end behind", good + "\n", ""},
		{"twice", good + good, ""},
		{"an application key with a check", withChecksum("kpapp_" + secret), ""},
		{"an application key too short", "kpapp_" + secret[1:], ""},
		{"an application key shaped like the others", withChecksum("kpapp_" + id + "_" + secret), ""},
	} {
		k, gotID, err := parseToken(c.text)
		if k != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: parseToken(%q) = %q, %v, want %q", c.name, c.text, k, err, c.want)
		}
		if err == nil && k != kindApplication && gotID.String() != id {
			t.Errorf("%s: the key ID is %s", c.name, gotID)
		}
		if err != nil && (!errors.Is(err, errMalformed) || gotID != KeyID{}) {
			t.Errorf("%s: refused with %v and the ID %q", c.name, err, gotID)
		}
	}
}

// TestEveryDamageIsNoticed changes each character of a token in turn.
func TestEveryDamageIsNoticed(t *testing.T) {
	id, _ := ParseKeyID(newID())
	token, _ := mintToken("kp", kindIntegration, id)
	text := token.Reveal()
	for i := range text {
		damaged := []byte(text)
		damaged[i] = '0'
		if text[i] == '0' {
			damaged[i] = '1'
		}
		if _, _, err := parseToken(string(damaged)); err == nil {
			t.Errorf("changing character %d of %s to %s is not noticed", i, text, damaged)
		}
	}
}

func TestKeyIDIn(t *testing.T) {
	const id = "4fT9aQ0bZ7Lm"
	for text, want := range map[string]string{
		"kpint_" + id + "_" + strings.Repeat("a", 38):          id,
		"  kpint_" + id + "_" + strings.Repeat("a", 38) + "\n": id,
		"kpint_" + id + "_abc":                                 id, // pasted in part: still a part of a secret
		"acmefbk_" + id + "_abc":                               id,
		"KPint_" + id + "_abc":                                 id,
		"kpint_" + id:                                          "",
		"kpint_" + id + "_":                                    "",
		"kpapp_" + strings.Repeat("a", 32):                     "", // public
		"kpint":                                                "",
		id:                                                     "",
		"my_" + id + "_notes":                                  "",
		"":                                                     "",
	} {
		if got, found := KeyIDIn(text); got != want || found != (want != "") {
			t.Errorf("KeyIDIn(%q) = %q, %v, want %q", text, got, found, want)
		}
	}
}

func TestIDs(t *testing.T) {
	for text, want := range map[string]bool{
		"4fT9aQ0bZ7Lm": true, "000000000000": true, "": false, "4fT9aQ0bZ7L": false, "4fT9aQ0bZ7Lmm": false, "4fT9aQ0bZ7L-": false,
		"4fT9aQ0bZ7é": false, "4fT9aQ0bZ7L\x00": false,
	} {
		if got := IsID(text); got != want {
			t.Errorf("IsID(%q) = %v", text, got)
		}
		if _, got := ParseKeyID(text); got != want {
			t.Errorf("ParseKeyID(%q) = %v", text, got)
		}
	}
}

// TestTokenDoesNotPrint tries every way in which a value gets into a log by accident.
func TestTokenDoesNotPrint(t *testing.T) {
	const secret = "kpint_4fT9aQ0bZ7Lm_topsecret"
	token := newToken(secret)
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
		slog.New(handler).Info("made", "token", token, "pointer", &token, "inside", inside, slog.Group("g", "token", token))
	}
	printed = append(printed, log.String())
	for _, text := range printed {
		if strings.Contains(text, "topsecret") || strings.Contains(text, fmt.Sprintf("%x", "topsecret")) || strings.Contains(text, fmt.Sprintf("%X", "topsecret")) {
			t.Errorf("the token is printed: %s", text)
		}
	}
	if token.Reveal() != secret || (Token{}).Reveal() != "" {
		t.Error("Reveal does not return the text")
	}
}

func FuzzParseToken(f *testing.F) {
	id, _ := ParseKeyID("4fT9aQ0bZ7Lm")
	token, _ := mintToken("kp", kindIntegration, id)
	f.Add(token.Reveal())
	f.Add("kpapp_" + strings.Repeat("a", secretLength))
	f.Add("kpint_")
	f.Add("_")
	f.Fuzz(func(t *testing.T, text string) {
		k, id, err := parseToken(text)
		if err != nil {
			return
		}
		if len(text) > maxToken || strings.ContainsAny(text, " \r\n\x00") {
			t.Errorf("%q is taken for a token", text)
		}
		if k == kindApplication {
			return
		}
		if withChecksum(text[:len(text)-checkLength]) != text {
			t.Errorf("%q has a wrong check", text)
		}
		if found, looks := KeyIDIn(text); !looks || found != id.String() {
			t.Errorf("%q would be searched for in clear", text)
		}
	})
}

// A judgement makes no garbage of a token.
func TestParsingTakesNoMemory(t *testing.T) {
	token, _ := mintToken("kp", kindIntegration, KeyID([]byte("4fT9aQ0bZ7Lm")))
	text := token.Reveal()
	if n := testing.AllocsPerRun(100, func() {
		if _, _, err := parseToken(text); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("parsing a token allocates %v times", n)
	}
}
