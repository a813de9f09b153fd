package config_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keyporter/internal/config"
)

func getenv(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestDefaults(t *testing.T) {
	s, err := config.ParseServe("", nil, getenv(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s %s %s %s %s %q %q %s %s", s.Listen, s.Database, s.PublicURL, s.TrustedProxies, s.TokenPrefix,
		s.ReadPaths, s.OperatorContact, s.LogFormat, s.LogLevel)
	const want = `127.0.0.1:8080 data/keyporter.db http://localhost:8080 [127.0.0.0/8 ::1/128] kp ` +
		`["POST /api/v1/aggregation" "POST /api/v1/blacklist/match"] "" text info`
	if got != want {
		t.Errorf("the defaults are\n%s, want\n%s", got, want)
	}
}

// TestSources: a flag has precedence over the environment, and KEYPORTER_DATABASE over KEYPORTER_DATABASE_FILE.
func TestSources(t *testing.T) {
	file := filepath.Join(t.TempDir(), "address")
	if err := os.WriteFile(file, []byte(" /from/file.db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		env  map[string]string
		want string
	}{
		{nil, map[string]string{"KEYPORTER_DATABASE": "/env.db"}, "/env.db"},
		{[]string{"--database", "/flag.db"}, map[string]string{"KEYPORTER_DATABASE": "/env.db"}, "/flag.db"},
		{[]string{"-database=/flag.db"}, map[string]string{"KEYPORTER_DATABASE_FILE": file}, "/flag.db"},
		{nil, map[string]string{"KEYPORTER_DATABASE_FILE": file}, "/from/file.db"},
		{nil, map[string]string{"KEYPORTER_DATABASE_FILE": file, "KEYPORTER_DATABASE": "/env.db"}, "/env.db"},
		{[]string{"--database", "data/keyporter.db"}, map[string]string{"KEYPORTER_DATABASE_FILE": file},
			"data/keyporter.db"},
		{nil, map[string]string{"KEYPORTER_DATABASE": ""}, "data/keyporter.db"},
	} {
		s, err := config.ParseServe("", c.args, getenv(c.env), nil)
		if err != nil || s.Database != c.want {
			t.Errorf("%q with %v: %q, %v, want %q", c.args, c.env, s.Database, err, c.want)
		}
	}
}

func TestValues(t *testing.T) {
	const bad, usage = "bad", "usage"
	for _, c := range []struct{ name, value, want string }{
		{"public-url", "https://keys.example.com", ""},
		{"public-url", "https://keys.example.com/", ""},
		{"public-url", "http://[::1]:9000", ""},
		{"public-url", "keys.example.com", bad},
		{"public-url", "ftp://keys.example.com", bad},
		{"public-url", "https://", bad},
		{"public-url", "https://keys.example.com/console", bad},
		{"public-url", "https://keys.example.com?a=b", bad},
		{"public-url", "https://user@keys.example.com", bad},
		{"public-url", "https://keys.example.com#a", bad},
		{"public-url", "http://%zz", bad},
		{"listen", ":0", ""},
		{"listen", "[::]:8080", ""},
		{"listen", "8080", bad},
		{"listen", "localhost", bad},
		{"listen", "localhost:", bad},
		{"trusted-proxies", "10.0.0.0/8, 2001:db8::/32,192.0.2.1", ""},
		{"trusted-proxies", " ", ""}, // no address may ask the gate
		{"trusted-proxies", "10.0.0.0/33", bad},
		{"trusted-proxies", "localhost", bad},
		{"trusted-proxies", "10.0.0.1;10.0.0.2", bad},
		{"token-prefix", "acme", ""},
		{"token-prefix", "a", bad},
		{"token-prefix", "abcdefghi", bad},
		{"token-prefix", "KP", bad},
		{"token-prefix", "k_p", bad},
		{"read-paths", "POST /a, PUT /b/c", ""},
		{"read-paths", ",", ""},
		{"read-paths", "/a", bad},
		{"read-paths", "post /a", bad},
		{"read-paths", "POST a", bad},
		{"read-paths", "POST /a?b", bad},
		{"read-paths", "POST  /a", bad},
		{"log-format", "json", ""},
		{"log-format", "xml", bad},
		{"log-level", "debug", ""},
		{"log-level", "loud", bad},
		{"database", "postgres://localhost/keys", ""},
		{"database", "postgresql://ada:p%2Fw@localhost:5433/keys?sslmode=disable", ""},
		{"database", "postgres:///keys?host=/run/postgresql", ""},
		{"database", "postgres://localhost", bad},
		{"database", "postgres://ada:p/w@localhost/keys", bad},
		{"database", "postgres://ada:1/w@localhost/keys", bad},
		{"database", "postgres://ada:1?w@localhost/keys", bad},
		{"database", "postgres://ada:1#w@localhost/keys", bad},
		{"database", "mysql://localhost/keys", bad},
		{"database", "a dir/keys.db", ""},
		{"no-such-flag", "x", usage},
	} {
		_, err := config.ParseServe("", []string{"--" + c.name, c.value}, getenv(nil), nil)
		got := ""
		if errors.Is(err, config.ErrUsage) {
			got = usage
		} else if err != nil {
			got = bad
		}
		if got != c.want {
			t.Errorf("--%s %q: %v, want %q", c.name, c.value, err, c.want)
		}
		if err != nil && (!strings.Contains(err.Error(), c.name) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("--%s %q is told as %q", c.name, c.value, err)
		}
		if c.want == usage {
			continue
		}
		variable := "KEYPORTER_" + strings.ToUpper(strings.ReplaceAll(c.name, "-", "_"))
		if _, err := config.ParseServe("", nil, getenv(map[string]string{variable: c.value}),
			nil); (err == nil) != (c.want == "") {
			t.Errorf("%s=%q: %v", variable, c.value, err)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"extra"}, {"--listen"}, {"--listen=:0", "more"}} {
		if _, err := config.ParseServe("", args, getenv(nil), nil); !errors.Is(err, config.ErrUsage) {
			t.Errorf("%q: %v", args, err)
		}
	}
	var out strings.Builder
	if _, err := config.ParseServe("Serve it.", []string{"--help"}, getenv(nil), &out); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("--help: %v", err)
	}
	for _, text := range []string{"Serve it.", "--public-url (KEYPORTER_PUBLIC_URL)", "--trusted-proxies",
		"(default 127.0.0.1:8080)"} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("the help does not say %q:\n%s", text, out.String())
		}
	}
}

func TestCheckEnvironment(t *testing.T) {
	for _, c := range []struct {
		environ []string
		good    bool
	}{
		{nil, true},
		{[]string{"PATH=/bin", "HOME=", "odd"}, true},
		{[]string{"KEYPORTER_LISTEN=:0", "KEYPORTER_DATABASE_FILE=x", "KEYPORTER_PASSWORD_STDIN=true"}, true},
		{[]string{"KEYPORTER_LISTN=:0"}, false},
		{[]string{"KEYPORTER_="}, false},
		{[]string{"KEYPORTER_listen=:0"}, false},
	} {
		if err := config.CheckEnvironment(c.environ); (err == nil) != c.good {
			t.Errorf("%q: %v", c.environ, err)
		}
	}
	t.Run("every flag of serve is known", func(t *testing.T) {
		var out strings.Builder
		config.ParseServe("", []string{"--help"}, getenv(nil), &out)
		for _, word := range strings.Fields(out.String()) {
			if name := strings.Trim(word, "()"); strings.HasPrefix(name, "KEYPORTER_") {
				if err := config.CheckEnvironment([]string{name + "=x"}); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
