package store

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// RedactedURL returns the address of a database as it may be shown and logged: a URL without user information and
// settings, a path unchanged.
func RedactedURL(address string) string {
	if !isPostgres(address) {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "at an address that cannot be read"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// A redacted error says in one line what a server answered, or why it cannot be reached, without the user information
// and the settings of its address. It unwraps to what it was made of, which has both.
type redacted struct {
	text string
	err  error
}

func (r redacted) Error() string { return r.text }

func (r redacted) Unwrap() error { return r.err }

// redact returns an error that may be shown and logged. Errors of other kinds than a server's stay as they are.
func redact(err error) error {
	var done redacted
	var said *pgconn.PgError
	var connecting *pgconn.ConnectError
	switch {
	case err == nil || errors.As(err, &done):
		return err
	case errors.As(err, &said):
		return redacted{serverText(said), err}
	case errors.As(err, &connecting):
		lines := strings.Split(strings.TrimSpace(connecting.Unwrap().Error()), "\n")
		return redacted{"cannot connect: " + strings.TrimSpace(lines[0]), err}
	}
	return err
}

// role matches the name of the role with which a client connects.
var role = regexp.MustCompile(`\b(user|role) "(""|[^"])*"`)

// serverText returns the message of a server, or another one where that may quote the address.
func serverText(said *pgconn.PgError) string {
	switch said.Code {
	case "28P01": // invalid_password
		return "password authentication failed"
	case "28000": // invalid_authorization_specification
		return "the server does not let this user in from here, or has no such role: see its pg_hba.conf"
	case "42704": // undefined_object, such as a setting: a password with & in it becomes one
		return "the server does not know something that is named, such as a setting in the address"
	}
	return role.ReplaceAllString(strings.Join(strings.Fields(said.Message), " "), "this $1")
}
