package password

import (
	"strings"
	"testing"
)

func TestStoredPassword(t *testing.T) {
	const password = "four words in a row"
	stored := current.hash(password)
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the stored hash %s does not have the parameters", stored)
	}
	if stored == current.hash(password) {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	h := NewHasher()
	older := params{memory: 64, time: 1, threads: 1}.hash(password)
	for _, c := range []struct {
		name, stored, password string
		same, needsRehash      bool
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
		if matches(c.stored, c.password) != c.same {
			t.Errorf("%s: verified as %v", c.name, !c.same)
		}
		if h.NeedsRehash(c.stored) != c.needsRehash {
			t.Errorf("%s: NeedsRehash is %v", c.name, !c.needsRehash)
		}
	}
}
