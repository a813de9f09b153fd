package input

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanLine(t *testing.T) {
	const (
		control   = "Control characters"
		override  = "override the direction"
		invisible = "no visible character"
		empty     = "Fill this in."
		broken    = "not valid UTF-8"
	)
	for _, c := range []struct{ text, want, sentence string }{
		{"Zapier sync", "Zapier sync", ""},
		{"  trimmed\t\n", "trimmed", ""},
		{"Datenübernahme für München", "Datenübernahme für München", ""},
		{"Синхронизация", "Синхронизация", ""},
		{"مزامنة البيانات", "مزامنة البيانات", ""},
		{"סנכרון נתונים", "סנכרון נתונים", ""},
		{"数据同步（生产）", "数据同步（生产）", ""},
		{"データ連携", "データ連携", ""},
		{"데이터 동기화", "데이터 동기화", ""},
		{"हिन्दी सिंक", "हिन्दी सिंक", ""},
		{"ซิงค์ข้อมูล", "ซิงค์ข้อมูล", ""},
		{"መረጃ", "መረጃ", ""},
		// zero-width joiners within text
		{"👩‍👩‍👧 family", "👩‍👩‍👧 family", ""},
		// a zero-width non-joiner, which Persian needs
		{"می‌خواهم", "می‌خواهم", ""},
		{"a\u200eb", "a\u200eb", ""},                                   // a mark of direction is no override
		{"<script>alert(1)</script>", "<script>alert(1)</script>", ""}, // text like any other
		{"'; DROP TABLE users; --", "'; DROP TABLE users; --", ""},
		{"e\u0301", "\u00e9", ""},
		{strings.Repeat("e\u0301", 200), strings.Repeat("\u00e9", 200), ""},
		{strings.Repeat("a", 200), strings.Repeat("a", 200), ""},
		{strings.Repeat("語", 200), strings.Repeat("語", 200), ""},
		{" " + strings.Repeat("a", 200) + " ", strings.Repeat("a", 200), ""},
		{strings.Repeat("a", 201), "", "at most 200 characters; you typed 201"},
		{strings.Repeat("語", 201), "", "at most 200 characters; you typed 201"},
		{"", "", empty},
		{" \t\r\n\u00a0\u3000", "", empty},
		{"a\x00b", "", control},
		{"\x00", "", control},
		{"a\nb", "", control},
		{"a\tb", "", control},
		{"a\u2028b", "", control},
		{"a\x7fb", "", control},
		{"a\u0085b", "", control},
		{"a\x1b[31mb", "", control},
		{"a\u202eb", "", override},
		{"a\u202ab", "", override},
		{"a\u2066b\u2069", "", override},
		{"\u200b", "", invisible},
		{"\u200b\u200d\ufeff", "", invisible},
		{"\u2060\u00ad", "", invisible},
		{"\u3164", "", invisible},
		{"\u2800\u2800", "", invisible},
		{"\u115f\u1160\uffa0", "", invisible},
		{"\ufe0f", "", invisible},
		{"\U000e0041", "", invisible},
		{"a\xffb", "", broken},
		{"\xc3\x28", "", broken},
		{"\xed\xa0\x80", "", broken}, // half of a surrogate pair
	} {
		got, sentence := CleanLine(c.text, 200)
		if c.sentence == "" && (sentence != "" || got != c.want) {
			t.Errorf("CleanLine(%q) = %q, %q, want %q", c.text, got, sentence, c.want)
		}
		if c.sentence != "" && !strings.Contains(sentence, c.sentence) {
			t.Errorf("CleanLine(%q) says %q, want something with %q", c.text, sentence, c.sentence)
		}
	}
}

func TestCleanEmail(t *testing.T) {
	long := strings.Repeat("a", 240) + "@example.com" // 252 bytes
	for _, c := range []struct {
		text string
		good bool
	}{
		{"ada@example.com", true},
		{" ada@example.com ", true},
		{"ada+keys@sub.example.co", true},
		{"дарья@пример.рф", true},
		{"root@localhost", true},
		{long, true},
		{"aaa" + long, false}, // 255 bytes
		{strings.Repeat("é", 126) + "@e.de", false},
		{"", false},
		{"ada", false},
		{"@example.com", false},
		{"ada@", false},
		{"ada@b@c", false},
		{"ada lovelace@example.com", false},
		{"ada@example com", false},
		{"ada@\u200b", false},
		{"\u200b@example.com", false},
		{"ada\n@example.com", false},
		{"ada@example.com\x00", false},
		{"ada\u202e@example.com", false},
		{"ada\xff@example.com", false},
	} {
		if _, sentence := CleanEmail(c.text); (sentence == "") != c.good {
			t.Errorf("CleanEmail(%q) says %q", c.text, sentence)
		}
	}
}

func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"short", 200, "short"},
		{"abcdef", 3, "abc"},
		{"語語語", 2, "語語"},
		{"a\x00b", 5, "a\uFFFDb"},
		{"a\xffb", 5, "a\uFFFDb"},
		{"", 3, ""},
	} {
		got := Truncate(c.text, c.n)
		if got != c.want || !utf8.ValidString(got) {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}
