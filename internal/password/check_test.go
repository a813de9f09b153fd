package password

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
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
		{"not utf-8 \xff\xfe", "not valid UTF-8"},
	} {
		got := Check(c.password)
		if c.sentence == "" && got != "" || !strings.Contains(got, c.sentence) {
			t.Errorf("Check(%q) says %q, want %q", c.password, got, c.sentence)
		}
	}
}

// TestCommonPasswords expects in the list only passwords that are long enough.
func TestCommonPasswords(t *testing.T) {
	n := 0
	for line := range strings.Lines(commonPasswords) {
		word := strings.TrimSuffix(line, "\n")
		if len(word) < MinLength || word != strings.ToLower(word) {
			t.Errorf("%q does not belong in the list", word)
		}
		n++
	}
	if n < 1000 {
		t.Errorf("the list has %d passwords", n)
	}
}
