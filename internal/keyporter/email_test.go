package keyporter

import "testing"

func TestCheckNewEmail(t *testing.T) {
	for email, good := range map[string]bool{
		"ada@example.com":             true,
		"Ada.Lindqvist+x@example.com": true,
		"ünal@bücher.example":         true,
		"борис@почта.example":         true,
		"νίκος@example.com":           true,
		"bo123_ß@example.com":         true,
		"佐藤@例え.example":               true,
		"ada@localhost":               true,
		"ada@xn--bcher-kva.example":   true,

		"b\u043ess@vendor.example":      false, // a Cyrillic о
		"bos\u0455@vendor.example":      false, // a Cyrillic ѕ
		"b\u03bfss@vendor.example":      false, // a Greek ο
		"\u0430\u03bf@vendor.example":   false, // Cyrillic and Greek
		"boss@vend\u043er.example":      false,
		"b\u0585ss@vendor.example":      false, // an Armenian օ
		"\u13cfoss@vendor.example":      false, // a Cherokee letter
		"boss\uff20evil@vendor.example": false, // a wide @
		"\uff42oss@vendor.example":      false,
		"bo\u017fs@vendor.example":      false, // a long s
		"ken-佐藤@vendor.example":         true,
		"bo\u200bss@vendor.example":     false, // zero width space
		"bo\u00adss@vendor.example":     false, // soft hyphen
		"bo\u200dss@vendor.example":     false,
		"boss\u200e@vendor.example":     false,
		"bo\ufe0fss@vendor.example":     false,
		"bo\u3164ss@vendor.example":     false,
		"bo\u034fss@vendor.example":     false,
		"bo\u00a0ss@vendor.example":     false,
		"boss@ven\u00addor.example":     false,
		"boss@vendor..example":          false,
		"boss@vendor.example.":          false,
		"boss@-vendor.example":          false,
		"boss@vendor_1.example":         false,
		"boss@vendor,example":           false,
		"boss@xn--a.example":            false,
		"boss@\u0301vendor.example":     false,
		"boss@<script>.example":         false,
		"boss@vendor.example/x":         false,
		"boss@[192.0.2.1]":              false,
		"boss@" + long(64) + ".example": false,
	} {
		if sentence := checkNewEmail(email); (sentence == "") != good {
			t.Errorf("%+q: %q", email, sentence)
		}
	}
}

func long(n int) string {
	text := ""
	for range n {
		text += "a"
	}
	return text
}

func TestFoldEmail(t *testing.T) {
	for _, same := range [][]string{
		{"ada@example.com", "ADA@EXAMPLE.COM", " Ada@example.com ", "\uff21da@example.com", "ada@\uff45xample.com",
			"ada@example\u3002com"},
		{"caf\u00e9@example.com", "cafe\u0301@example.com", "CAFE\u0301@example.com"},
		{"ada@b\u00fccher.example", "ada@bu\u0308cher.example", "ada@xn--bcher-kva.example",
			"ada@XN--BCHER-KVA.example"},
		{"boss@vendor.example", "bo\u017fs@vendor.example", "bo\u00df@vendor.example"},
		{"k@example.com", "\u212a@example.com"},
		{"\u03c3\u03c3@example.com", "\u03c3\u03c2@example.com", "\u03a3\u03a3@example.com"},
	} {
		for _, email := range same {
			folded := foldEmail(email)
			if folded != foldEmail(same[0]) {
				t.Errorf("%+q and %+q are two addresses", email, same[0])
			}
			if foldEmail(folded) != folded {
				t.Errorf("%+q folded twice is another address", email)
			}
		}
	}
	if foldEmail("ada@example.com") == foldEmail("ada@example.org") ||
		foldEmail("i@example.com") == foldEmail("\u0131@example.com") {
		t.Error("two addresses are one")
	}
}
