package exclude_test

import (
	"strings"
	"testing"

	"keyporter/internal/exclude"
)

// TestCleanPattern has for each kind texts and patterns. A pattern of "!" and more is part of a sentence instead.
func TestCleanPattern(t *testing.T) {
	long := strings.Repeat("a", 255)
	for kind, patterns := range map[exclude.Kind]map[string]string{
		exclude.Server: {
			"dev*": "dev*", " *:3000\t": "*:3000", "Dev.Example.COM": "dev.example.com", "[::1]:80": "[::1]:80",
			"BÜRO.example": "bÜro.example", "a*b*c": "a*b*c",
			long: long, strings.Repeat("ä", 255): strings.Repeat("ä", 255),
			"a**b": "!Two *", "**": "!Two *", "*": "!every event", "": "!Fill", long + "a": "!at most 255",
			"https://dev.example.com/": "!without https://", "dev.example.com/x": "!without a path",
			"dev example": "!no spaces", "a\x00b": "!Control", "a\xffb": "!UTF-8", "a\u202eb": "!direction",
			"kpint_4fT9aQ0bZ7Lm_x8Kd02mVqT5n": "!looks like a key",
		},
		exclude.Address: {
			"192.0.2.7": "192.0.2.7", "::FFFF:192.0.2.7": "192.0.2.7", "2001:DB8:0::1": "2001:db8::1",
			"192.0.2.7/24": "192.0.2.0/24", "192.0.2.7/32": "192.0.2.7", "192.0.2.0/1": "128.0.0.0/1",
			"2001:db8::1/128": "2001:db8::1", "2001:db8::1/32": "2001:db8::/32", "::ffff:192.0.2.7/120": "192.0.2.0/24",
			"10.0.*": "10.0.*", "*.7": "*.7", "FE80:*": "fe80:*",
			"192.0.2.7/33": "!from 1 to 32", "192.0.2.7/-1": "!from 1 to 32", "192.0.2.7/": "!from 1 to 32",
			"192.0.2.7/024": "!from 1 to 32", "192.0.2.7/+8": "!from 1 to 32", "2001:db8::/129": "!from 1 to 128",
			"x/24": "!no IP address", "/24": "!no IP address", "192.0.2.*/24": "!go together",
			"0.0.0.0/0": "!every event", "::/0": "!every event", "::ffff:0:0/96": "!every event", "*": "!every event",
			"::ffff:0:0/95": "!IPv4 block as such", "192.0.2.256": "!no IP address", "192.0.2": "!no IP address",
			"192.0.02.1": "!no IP address", "192.0.2.7:80": "!no IP address", "dev*": "!no IP address",
			"::ffff:10.*": "!no IP address", "192.0.2.1-192.0.2.9": "!no IP address",
			"fe80::1%eth0": "!zone", "fe80::%eth0/10": "!zone",
		},
		exclude.Visitor: {
			"*@example.com": "*@example.com", "Ada Lovelace": "Ada Lovelace", "a**b": "!Two *",
			"https://id.example/ada": "https://id.example/ada",
		},
		exclude.Account: {"ACME": "ACME", "\u200b": "!visible"},
	} {
		for text, want := range patterns {
			checkPattern(t, kind, text, want)
		}
	}
}

func checkPattern(t *testing.T, kind exclude.Kind, text, want string) {
	t.Helper()
	pattern, sentence := exclude.CleanPattern(kind, text)
	if part, bad := strings.CutPrefix(want, "!"); bad {
		if !strings.Contains(sentence, part) {
			t.Errorf("%s %q is %q, %q; want %q", kind, text, pattern, sentence, want)
		}
		return
	}
	if sentence != "" || pattern != want {
		t.Errorf("%s %q is %q, %q; want %q", kind, text, pattern, sentence, want)
	}
	if again, sentence := exclude.CleanPattern(kind, pattern); again != pattern || sentence != "" {
		t.Errorf("the pattern %q becomes %q, %q", pattern, again, sentence)
	}
}

func TestParseLines(t *testing.T) {
	for _, c := range []struct {
		kind                       exclude.Kind
		text, patterns, has, lacks string
		sentences                  int
	}{
		{exclude.Server, "dev*\n\nLocalhost", "dev* localhost", "", "?", 0},
		{exclude.Server, "dev*\r\n \r\nlocalhost\r\n", "dev* localhost", "", "?", 0},
		{exclude.Server, "dev*\n\na**b\nlocalhost\nhttps://x", "", "Line 3: Two *", "Line 1", 2},
		{exclude.Server, "dev*\r\n\r\nlocalhost\r\nhttps://x", "", "Line 4: Write the host", "Line 3", 1},
		{exclude.Address, "10.0.0.0/8\n10.0.0.0/40", "", "Line 2: The length", "Line 1", 1},
		{exclude.Server, " \n\n", "", "at least one entry", "Line", 1},
		{exclude.Server, "", "", "at least one entry", "Line", 1},
		{exclude.Server, strings.Repeat("a**b\n", 250), "", "and 150 more lines", "Line 101", 101},
	} {
		patterns, sentence := exclude.ParseLines(c.kind, c.text)
		if sentence == "" && strings.Join(patterns, " ") != c.patterns {
			t.Errorf("%.50q is %q", c.text, patterns)
		}
		n := len(strings.FieldsFunc(sentence, func(r rune) bool { return r == '\n' }))
		if !strings.Contains(sentence, c.has) || strings.Contains(sentence, c.lacks) || n != c.sentences {
			t.Errorf("%.50q: %q", c.text, sentence)
		}
	}
}
