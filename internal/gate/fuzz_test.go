package gate

import (
	"strings"
	"testing"
)

// FuzzTargetPath: the path is a prefix of the target, unchanged.
func FuzzTargetPath(f *testing.F) {
	for _, target := range []string{"/", "/a?b", "/a%2f..%2fb?x=1?y", "//a", "*", "http://host/a", "/a b", "/a\x00", "",
		"?", "/a#b", "/\xff"} {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		path, query, ok := splitTarget(target)
		if !ok {
			return
		}
		if !strings.HasPrefix(target, path) || !strings.HasPrefix(path, "/") ||
			strings.ContainsAny(path, "?\x00\r\n \t") {
			t.Errorf("%q is taken for the path %q", target, path)
		}
		if rest := target[len(path):]; rest != "" && rest != "?"+query {
			t.Errorf("%q: %q was cut off", target, rest)
		}
	})
}
