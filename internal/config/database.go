package config

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// DatabaseFlag adds --database. The function returned gives its value after Parse: that of the flag, else that of
// KEYPORTER_DATABASE, else the content of the file that KEYPORTER_DATABASE_FILE names, else the default.
func (f *Flags) DatabaseFlag() func() (string, error) {
	const defaultPath = "data/keyporter.db"
	value := f.String("database", defaultPath,
		"the database: a path, or a postgres:// URL; or in the file that KEYPORTER_DATABASE_FILE names")
	return func() (string, error) {
		if file := f.getenv(variablePrefix + "DATABASE_FILE"); file != "" && !f.isSet("database") {
			if mayHoldPassword(file) {
				return "", errors.New("KEYPORTER_DATABASE_FILE is the address of a database, " +
					"not the name of a file with one")
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
	// notAPath matches what other programs take for the address of a PostgreSQL, and nobody means as a file's name.
	notAPath = regexp.MustCompile(`(?i)^\s*postgres(ql)?:|` +
		`(^|[\s?&;])(host|hostaddr|port|dbname|user|password|passfile|service|sslmode)\s*=`)
	// withoutScheme matches user information before a host, after a scheme that is missing or misspelled.
	withoutScheme = regexp.MustCompile(`:.*@`)
	// authority matches USER:PASSWORD@HOST:PORT,HOST:PORT, in which the user, the password and the hosts may be
	// missing. In user and password the delimiters of RFC 3986, and the comma, which separates hosts, have to be
	// percent-encoded.
	authority = regexp.MustCompile(`^(` + userText + `*(:` + userText + `*)?@)?(` + host + `(,` + host + `)*)?$`)
	// databasePath matches the name of the database.
	databasePath = regexp.MustCompile(`^/` + pathText + `+$`)
	// setting matches one setting of the query.
	setting = regexp.MustCompile(`^[a-z][a-z0-9_.]*=` + queryText + `*$`)
)

const (
	encoded   = `%[0-9A-Fa-f]{2}`
	userText  = `(?:[A-Za-z0-9._~!$&'()*+;=-]|` + encoded + `)`
	pathText  = `(?:[A-Za-z0-9._~!$&'()*+,;:=-]|` + encoded + `)`
	queryText = `(?:[A-Za-z0-9._~!$'()*+,;:/=-]|` + encoded + `)`
	host      = `(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?`
)

// CheckDatabase checks the address of a database, before anything is opened or looked up by it. A URL must have only
// one reading: the libraries that read it later disagree on where a password with an @ or a comma ends. The error never
// quotes the address, because a password may be anywhere in it.
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
			"in the user's name and the password, percent-encode what is not a letter or digit, "+
			"such as / as %%2F, @ as %%40 and , as %%2C", flag)
	}
	return nil
}

// unambiguous reports whether the part of a URL after postgres:// has only one reading.
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

// mayHoldPassword reports whether a value may be or contain the address of a database.
func mayHoldPassword(value string) bool {
	return strings.Contains(value, "@") || strings.Contains(value, "://") || notAPath.MatchString(value)
}

const notShown = "(which is not shown, since a password may be in it)"

// Quote quotes a value from the command line in a message, unless it may hold a password.
func Quote(value string) string {
	if mayHoldPassword(value) {
		return notShown
	}
	return fmt.Sprintf("%q", value)
}
