package config

import (
	"fmt"
	"slices"
	"strings"
)

const variablePrefix = "KEYPORTER_"

// variables are the environment variables of all commands, without the prefix.
var variables = []string{
	"LISTEN", "DATABASE", "DATABASE_FILE", "PUBLIC_URL", "TRUSTED_PROXIES", "TOKEN_PREFIX", "READ_PATHS",
	"OPERATOR_CONTACT", "LOG_FORMAT", "LOG_LEVEL", "NO_HSTS", "SUBSCRIPTION", "EMAIL", "NAME", "PASSWORD_STDIN", "YES",
	"USER", "FROM", "TO",
}

// CheckEnvironment fails for a variable KEYPORTER_… that no command knows, because it would have no effect.
func CheckEnvironment(environ []string) error {
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(name, variablePrefix)
		if ours && !slices.Contains(variables, rest) {
			return fmt.Errorf("the environment variable %s is not known; see keyporter serve --help", name)
		}
	}
	return nil
}
