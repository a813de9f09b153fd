package config

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// DatabaseFlag adds --database. The function returned gives its value after Parse: that of the flag, else of
// KEYPORTER_DATABASE, else what stands in the file that KEYPORTER_DATABASE_FILE names.
func (f *Flags) DatabaseFlag() func() (string, error) {
	const standard = "data/keyporter.db"
	value := f.String("database", standard,
		"the database: a path, or a postgres:// URL; or in the file that KEYPORTER_DATABASE_FILE names")
	return func() (string, error) {
		if file := f.getenv(prefix + "DATABASE_FILE"); *value == standard && file != "" && !f.given("database") {
			if secretive(file) {
				return "", errors.New("KEYPORTER_DATABASE_FILE is the address of a database, not the name of a file with one")
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return "", fmt.Errorf("KEYPORTER_DATABASE_FILE: %w", err)
			}
			*value = strings.TrimSpace(string(text))
		}
		if *value == "" {
			return "", errors.New("--database is empty")
		}
		return *value, CheckDatabase("database", *value)
	}
}

var (
	// notAPath is what others take for the address of a PostgreSQL, and nobody means as a file's name.
	notAPath = regexp.MustCompile(`(?i)^\s*postgres(ql)?:|` +
		`(^|[\s?&;])(host|hostaddr|port|dbname|user|password|passfile|service|sslmode)\s*=`)
	// withoutScheme is user information before a host, whose scheme was left out or misspelled.
	withoutScheme = regexp.MustCompile(`:.*@`)
	// authority is USER:PASSWORD@HOST:PORT,HOST:PORT: of the user and the password each may be absent, as may the
	// hosts. What RFC 3986 reserves for the structure of a URL, and the comma, which separates hosts, are
	// percent-encoded in them.
	authority = regexp.MustCompile(`^(` + userText + `*(:` + userText + `*)?@)?(` + host + `(,` + host + `)*)?$`)
	// databasePath is the name of the database.
	databasePath = regexp.MustCompile(`^/` + pathText + `+$`)
	// setting is one of those behind the question mark.
	setting = regexp.MustCompile(`^[a-z][a-z0-9_.]*=` + queryText + `*$`)
)

const (
	encoded   = `%[0-9A-Fa-f]{2}`
	userText  = `(?:[A-Za-z0-9._~!$&'()*+;=-]|` + encoded + `)`
	pathText  = `(?:[A-Za-z0-9._~!$&'()*+,;:=-]|` + encoded + `)`
	queryText = `(?:[A-Za-z0-9._~!$'()*+,;:/=-]|` + encoded + `)`
	host      = `(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?`
)

// CheckDatabase checks the address of a database that a flag was given. It is the one parser that every command asks
// before anything is opened or looked up, and it takes a URL only if it can be read in one way: the libraries that read
// it later differ in where a password with an @ or a comma ends. The error never quotes the address, because a password
// may stand in it, in the right place or in a wrong one.
func CheckDatabase(flag, value string) error {
	scheme, rest, found := strings.Cut(value, "://")
	switch {
	case !found && notAPath.MatchString(value):
		return fmt.Errorf("--%s is neither a path nor a postgres:// URL: of settings such as host=… make a URL", flag)
	case !found && withoutScheme.MatchString(value):
		return fmt.Errorf("--%s is neither a path nor a postgres:// URL: a file's name with : and @ is not taken", flag)
	case !found:
		return nil
	case scheme != "postgres" && scheme != "postgresql":
		return fmt.Errorf("--%s is neither a path nor a postgres:// URL", flag)
	}
	if !unambiguous(rest) {
		return fmt.Errorf("--%s is not a URL such as postgres://keyporter:password@localhost:5432/keyporter: "+
			"in the user's name and the password, percent-encode what is not a letter or digit, such as / as %%2F, @ as %%40 and , as %%2C", flag)
	}
	return nil
}

// unambiguous reports whether what follows postgres:// can be read in one way.
func unambiguous(rest string) bool {
	rest, query, hasQuery := strings.Cut(rest, "?")
	name := max(0, strings.Index(rest, "/"))
	if !authority.MatchString(rest[:name]) || !databasePath.MatchString(rest[name:]) {
		return false
	}
	if hasQuery {
		for _, each := range strings.Split(query, "&") {
			if !setting.MatchString(each) {
				return false
			}
		}
	}
	return true
}

// secretive reports whether a value may be or hold the address of a database, and so a password.
func secretive(value string) bool {
	return strings.Contains(value, "@") || strings.Contains(value, "://") || notAPath.MatchString(value)
}

const notShown = "(which is not shown, since a password may be in it)"

// Quote quotes a value that a command was given, for a message; one that may hold a password it does not show.
func Quote(value string) string {
	if secretive(value) {
		return notShown
	}
	return fmt.Sprintf("%q", value)
}
