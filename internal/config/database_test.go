package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keyporter/internal/config"
)

// TestDatabaseAddressIsUnambiguous: an address with more than one reading is refused, and no part of its user
// information is shown.
func TestDatabaseAddressIsUnambiguous(t *testing.T) {
	for _, address := range []string{
		"postgres://keyporter@localhost/keys", "postgres://ada:p%40w%2Cx%2F@localhost:5433/keys",
		"postgres://ada:p!$&'()*+;=~._-w@db/keys",
		"postgres://ada:pw@db1,db2:5433/keys?target_session_attrs=read-write",
		"postgres:///keys?host=/run/postgresql&user=ada",
		"postgres://[::1]:5432/keys", "postgresql://ada:@localhost/keys?options=-c%20search_path%3Dx",
		"postgres://ada@/keys",
		"data/keyporter.db", "/var/lib/key porter/a@b.db", `C:\keys.db`, "a:b.db", "a=b.db",
	} {
		if err := config.CheckDatabase("database", address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{
		"postgres://SECRET1:SECRET2@SECRET3@localhost/keys", "postgres://SECRET1:SECRET2@SECRET3,@localhost/keys",
		"postgres://SECRET1:SECRET2,SECRET3@localhost/keys", "postgres://SECRET1@SECRET2:SECRET3@localhost/keys",
		"postgres://SECRET1:SECRET2:SECRET3@localhost/keys", "postgres://SECRET1:SECRET2 SECRET3@localhost/keys",
		"postgres://SECRET1:SECRET2/SECRET3@localhost/keys", "postgres://SECRET1:SECRET2?SECRET3@localhost/keys",
		"postgres://SECRET1:SECRET2#SECRET3@localhost/keys", `postgres://SECRET1:SECRET2\SECRET3@localhost/keys`,
		"postgres://SECRET1:SECRET2[SECRET3]@localhost/keys", "postgres://SECRET1:%zzSECRET3@localhost/keys",
		"postgres://SECRET1:1%@localhost/keys",
		"postgres://SECRET1:SECRET2\tSECRET3@localhost/keys", "postgres://SECRET1:SECRETÉ@localhost/keys",
		"postgres://SECRET1:SECRET2/keys",
		"postgres://localhost/keys?user=SECRET1&password=SECRET2@SECRET3",
		"postgres://localhost/keys?password=SECRET1&SECRET2",
		"postgres://localhost/keys?password=SECRET1#SECRET2", "postgres://localhost/keys?password=SECRET1?SECRET2",
		"postgres://SECRET1:SECRET2@localhost/keys/SECRET3", "postgres://SECRET1:SECRET2@localhost",
		"postgres://SECRET1:SECRET2@localhost/",
		"postgres://SECRET1:SECRET2@local%68ost/keys", "postgres://,SECRET1/keys",
		"Postgres://SECRET1:SECRET2@localhost/keys", " postgres://SECRET1:SECRET2@localhost/keys",
		"postgers://SECRET1:SECRET2@localhost/keys",
		"postgres:/SECRET1:SECRET2@localhost/keys", "postgres:SECRET1:SECRET2@localhost/keys",
		"//SECRET1:SECRET2@localhost/keys",
		"SECRET1:SECRET2@localhost/keys", "SECRET1:SECRET2/SECRET3@localhost/keys",
		"postgres//SECRET1:SECRET2@localhost/keys",
		"file:SECRET1?password=SECRET2", "keys.db?mode=rw&password=SECRET1",
		"host=localhost user=SECRET1 password=SECRET2", "application_name=x password = SECRET1", "service=SECRET1",
	} {
		hidden(t, address, config.CheckDatabase("database", address))
		file := filepath.Join(t.TempDir(), "address")
		if err := os.WriteFile(file, []byte(strings.TrimSpace(address)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			args []string
			env  map[string]string
		}{
			"a flag":                  {[]string{"--database", address}, nil},
			"a variable":              {nil, map[string]string{"KEYPORTER_DATABASE": address}},
			"in a file":               {nil, map[string]string{"KEYPORTER_DATABASE_FILE": file}},
			"for a file's name":       {nil, map[string]string{"KEYPORTER_DATABASE_FILE": address}},
			"a surplus argument":      {[]string{address}, nil},
			"a public URL":            {[]string{"--public-url", address}, nil},
			"where to listen":         {[]string{"--listen", address}, nil},
			"networks":                {[]string{"--trusted-proxies", address}, nil},
			"paths":                   {[]string{"--read-paths", address}, nil},
			"a prefix":                {[]string{"--token-prefix", address}, nil},
			"a format":                {[]string{"--log-format", address}, nil},
			"a level":                 {[]string{"--log-level", address}, nil},
			"a flag with a dash less": {[]string{"-database=" + address}, nil},
			"a flag without a space":  {[]string{"--database" + address}, nil},
		} {
			if name == "in a file" && address != strings.TrimSpace(address) {
				continue
			}
			_, err := config.ParseServe("", c.args, getenv(c.env), nil)
			hidden(t, name+" "+address, err)
		}
	}
}

func hidden(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s is taken", what)
	} else if text := err.Error(); strings.Contains(text, "SECRET") || strings.Contains(text, "\n") {
		t.Errorf("%s is told as %s", what, text)
	}
}
