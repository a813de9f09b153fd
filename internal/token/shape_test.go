package token

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestKeyIDIn(t *testing.T) {
	const id = "4fT9aQ0bZ7Lm"
	for text, want := range map[string]string{
		"kpint_" + id + "_" + strings.Repeat("a", 38):          id,
		"  kpint_" + id + "_" + strings.Repeat("a", 38) + "\n": id,
		"kpint_" + id + "_abc":                                 id, // pasted in part: part of a secret
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
		if got, found := keyIDIn(text); got != want || found != (want != "") {
			t.Errorf("keyIDIn(%q) = %q, %v, want %q", text, got, found, want)
		}
	}
}

// TestShapesAgree lists, for whole and for damaged tokens, which functions recognise them.
func TestShapesAgree(t *testing.T) {
	const id, secret = "4fT9aQ0bZ7Lm", "x1Y2x3Y4x5Y6x7Y8x9Y0x1Y2x3Y4x5Y6"
	const all = "Parse Find Contains keyIDIn MayContain Mask MaskPath"
	whole := withChecksum("kpint_" + id + "_" + secret)
	for _, c := range []struct{ name, text, want string }{
		{"an integration key", whole, all},
		{"a Feedback API key", withChecksum("acmefbk_" + id + "_" + secret), all},
		{"the longest prefix", withChecksum("abcdefghint_" + id + "_" + secret), all},
		{"an application key", "kpapp_" + secret, "Parse Find MayContain MaskPath"},
		{"in capitals", strings.ToUpper(whole), "Contains keyIDIn MayContain Mask MaskPath"},
		{"8 of a secret", whole[:19+minSecretPart], "Find Contains keyIDIn MayContain Mask MaskPath"},
		{"7 of a secret", whole[:19+minSecretPart-1], "keyIDIn MayContain MaskPath"},
		{"none of a secret", whole[:19], "MaskPath"},
		{"without its prefix", whole[6:], "MayContain Mask MaskPath"},
		{"a prefix of one", whole[1:], "MayContain Mask MaskPath"},
		{"an unknown kind", "kpxyz" + whole[5:], "MayContain Mask MaskPath"},
		{"a secret", secret, "MayContain MaskPath"},
		{"24 of a secret", secret[:24], "MayContain MaskPath"},
		{"23 of a secret", secret[:23], ""},
		{"a key ID", id, ""},
	} {
		_, _, err := Parse(c.text)
		_, count := Find(c.text)
		_, hasKeyID := keyIDIn(c.text)
		var got []string
		for i, recognised := range []bool{
			err == nil, count == 1, Contains(c.text), hasKeyID, MayContain(c.text),
			Mask(c.text) != c.text, MaskPath(c.text) != c.text,
		} {
			if recognised {
				got = append(got, strings.Fields(all)[i])
			}
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s, %q, is recognised by %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

// TestFindAgreesWithContains compares them on texts in lower case, because Find does not ignore case.
func TestFindAgreesWithContains(t *testing.T) {
	outcomes := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{"k", "kp", "int", "fbk", "_", "_", "4ft9aq0bz7lm", "x1y2x3y4", "x1y", " "})
		text := strings.Join(rapid.SliceOfN(part, 0, 12).Draw(t, "parts"), "")
		if rapid.Bool().Draw(t, "token") {
			text += "kpint_4ft9aq0bz7lm_" + rapid.StringMatching(`[a-z0-9]{1,38}`).Draw(t, "secret")
		}
		found, n := Find(text)
		if n > 0 != Contains(text) || n > 0 && !Contains(found) {
			t.Fatalf("Find(%q) is %q, %d; Contains is %v", text, found, n, Contains(text))
		}
		outcomes[n > 0]++
	})
	if !testing.Short() && (outcomes[true] == 0 || outcomes[false] == 0) { // 20 texts may all be alike
		t.Errorf("the outcomes are all alike: %v", outcomes)
	}
}

func TestPastedKeyID(t *testing.T) {
	const id, secret = "4fT9aQ0bZ7Lm", "x1Y2x3Y4x5Y6x7Y8x9Y0x1Y2x3Y4x5Y6"
	for text, want := range map[string]string{
		id: id, " " + id + "\n": id, id + "...": id, id + "_" + secret + "…": id,
		"kpint_" + id: id, "kpint_" + id + "_": id, "KPFBK_" + id + "_…": id, "see kpint_" + id + ".": id,
		"kpint_" + id + "_" + secret: id, "kpint%5F" + id + "%5F" + secret: id,
		"": "", id[1:]: "", id + "x": "", "kpapp_" + secret: "", "see " + id: "", "4fT9…": "",
	} {
		if got, found := PastedKeyID(text); found != (want != "") || found && got.String() != want {
			t.Errorf("PastedKeyID(%q) = %q, %v, want %q", text, got, found, want)
		}
	}
	for text, want := range map[string]string{
		"4fT9…": "4fT9", " 4fT9... ": "4fT9", "acmeint_4fT9…": "4fT9", id[1:] + "…": id[1:],
		"kpint_4fT9": "4fT9", "kpfbk_4fT9…": "4fT9", "kpint_4fT9......": "4fT9",
		id + "…": "", "4fT9": "", "KPint_4fT9…": "", "kpapp_4fT9…": "", "…": "", "kpint_": "",
		"acmeint_4fT9": "", "checkpoint_a": "", "kpint_" + id: "",
	} {
		if got, found := PartOfKeyID("kp", text); got != want || found != (want != "") {
			t.Errorf("PartOfKeyID(%q) = %q, %v, want %q", text, got, found, want)
		}
	}
}
