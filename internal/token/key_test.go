package token

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
)

func TestChecksum(t *testing.T) {
	for text, want := range map[string]string{
		"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ": "0mLq17", // GitHub's published example
		"":                               "000000",
	} {
		if got := checksum(text); string(got[:]) != want {
			t.Errorf("checksum(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestMintedTokensParse(t *testing.T) {
	for _, prefix := range []string{"kp", "acme", "a1", "12345678"} {
		for _, k := range []Kind{Integration, Feedback} {
			id := NewKeyID()
			token, sum := Mint(prefix, k, id)
			text := token.Reveal()
			if want := len(prefix) + len("int_") + 12 + 1 + 32 + 6; len(text) != want {
				t.Errorf("%s has %d characters, want %d", text, len(text), want)
			}
			if !strings.HasPrefix(text, prefix+string(k)+"_"+id.String()+"_") {
				t.Errorf("%s does not begin with its prefix, kind and key ID %s", text, id)
			}
			if sum != sha256.Sum256([]byte(text)) {
				t.Errorf("the hash of %s is not that of the whole token", text)
			}
			if gotKind, gotID, err := Parse(text); err != nil || gotKind != k || gotID != id {
				t.Errorf("Parse(%s) = %q, %s, %v", text, gotKind, gotID, err)
			}
		}
	}
}

func TestTokensDiffer(t *testing.T) {
	id, _ := ParseKeyID("4fT9aQ0bZ7Lm")
	seen := map[string]bool{}
	for range 1000 {
		token, _ := Mint("kp", Integration, id)
		if seen[token.Reveal()] {
			t.Fatal("the same token twice")
		}
		seen[token.Reveal()] = true
	}
}

// withChecksum appends a valid checksum, so that a damaged token is not refused for its checksum.
func withChecksum(text string) string {
	digits := checksum(text)
	return text + string(digits[:])
}

func TestParse(t *testing.T) {
	const id, secret = "4fT9aQ0bZ7Lm", "abcdefghijklmnopqrstuvwxyz012345"
	good := withChecksum("kpint_" + id + "_" + secret)
	flipped := []byte(good)
	flipped[len(flipped)-1] ^= 1
	for _, c := range []struct {
		name, text string
		want       Kind // "" for a refusal
	}{
		{"an integration key", good, Integration},
		{"a Feedback API key", withChecksum("kpfbk_" + id + "_" + secret), Feedback},
		{"an application key", "kpapp_" + secret, Application},
		{"another prefix", withChecksum("acmeint_" + id + "_" + secret), Integration},
		{"the longest prefix", withChecksum("abcdefgh" + "int_" + id + "_" + secret), Integration},
		{"a prefix that looks like a kind", withChecksum("intint_" + id + "_" + secret), Integration},
		{"nothing", "", ""},
		{"neither prefix nor kind", withChecksum(id + "_" + secret), ""},
		{"no prefix", withChecksum("int_" + id + "_" + secret), ""},
		{"a prefix of one", withChecksum("kint_" + id + "_" + secret), ""},
		{"a prefix of nine", withChecksum("abcdefghiint_" + id + "_" + secret), ""},
		{"a prefix in capitals", withChecksum("KPint_" + id + "_" + secret), ""},
		{"an unknown kind", withChecksum("kpxyz_" + id + "_" + secret), ""},
		{"a wrong checksum", string(flipped), ""},
		{"no checksum", "kpint_" + id + "_" + secret, ""},
		{"a short secret", withChecksum("kpint_" + id + "_" + secret[1:]), ""},
		{"a long secret", withChecksum("kpint_" + id + "_" + secret + "x"), ""},
		{"a short ID", withChecksum("kpint_" + id[1:] + "_" + secret), ""},
		{"another separator", withChecksum("kpint_" + id + "-" + secret), ""},
		{"a character that is none of base62", withChecksum("kpint_" + id + "_" + secret[1:] + "-"), ""},
		{"an ID that is none of base62", withChecksum("kpint_" + id[1:] + "é" + "_" + secret), ""},
		{"a space in front", " " + good, ""},
		{"a line's end behind", good + "\n", ""},
		{"twice", good + good, ""},
		{"an application key with a checksum", withChecksum("kpapp_" + secret), ""},
		{"an application key too short", "kpapp_" + secret[1:], ""},
		{"an application key shaped like the others", withChecksum("kpapp_" + id + "_" + secret), ""},
	} {
		k, gotID, err := Parse(c.text)
		if k != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: Parse(%q) = %q, %v, want %q", c.name, c.text, k, err, c.want)
		}
		if err == nil && k != Application && gotID.String() != id {
			t.Errorf("%s: the key ID is %s", c.name, gotID)
		}
		if err != nil && (!errors.Is(err, ErrMalformed) || gotID != KeyID{}) {
			t.Errorf("%s: refused with %v and the ID %q", c.name, err, gotID)
		}
	}
}

// TestEveryDamageIsNoticed changes each character of a token in turn.
func TestEveryDamageIsNoticed(t *testing.T) {
	id := NewKeyID()
	token, _ := Mint("kp", Integration, id)
	text := token.Reveal()
	for i := range text {
		damaged := []byte(text)
		damaged[i] = '0'
		if text[i] == '0' {
			damaged[i] = '1'
		}
		if _, _, err := Parse(string(damaged)); err == nil {
			t.Errorf("changing character %d of %s to %s is not noticed", i, text, damaged)
		}
	}
}

func FuzzParse(f *testing.F) {
	id, _ := ParseKeyID("4fT9aQ0bZ7Lm")
	token, _ := Mint("kp", Integration, id)
	f.Add(token.Reveal())
	f.Add("kpapp_" + strings.Repeat("a", secretLength))
	f.Add("kpint_")
	f.Add("_")
	f.Fuzz(func(t *testing.T, text string) {
		k, id, err := Parse(text)
		if err != nil {
			return
		}
		if len(text) > maxLength || strings.ContainsAny(text, " \r\n\x00") {
			t.Errorf("%q is accepted", text)
		}
		if k == Application {
			return
		}
		if withChecksum(text[:len(text)-checksumLength]) != text {
			t.Errorf("%q has a wrong checksum", text)
		}
		if found, looks := keyIDIn(text); !looks || found != id.String() {
			t.Errorf("%q would be searched for in clear", text)
		}
	})
}

func TestParseAndHashDoNotAllocate(t *testing.T) {
	token, want := Mint("longlong", Integration, NewKeyID())
	text := token.Reveal()
	if n := testing.AllocsPerRun(100, func() {
		if _, _, err := Parse(text); err != nil || Hash(text) != want {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("parsing and hashing a token allocates %v times", n)
	}
	for _, long := range []string{text + "x", strings.Repeat(text, 20)} {
		if Hash(long) != sha256.Sum256([]byte(long)) {
			t.Errorf("the hash of %d bytes is not their SHA-256", len(long))
		}
	}
}
