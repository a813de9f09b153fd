package store_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
	"keyporter/internal/storetest"
)

// TestUserInformationIsHidden checks that no error shows the user, the password or a setting of a database's address:
// not what the server answers at the start, and not what is logged when it goes away later.
func TestUserInformationIsHidden(t *testing.T) {
	server := storetest.OwnServer(t, "hba_file="+passwordFile(t))
	admin := storetest.Postgres(t).OpenRaw(t, server.Address())
	for _, statement := range []string{
		`CREATE ROLE "SECRET1" SUPERUSER LOGIN PASSWORD 'SECRET2'`, `CREATE ROLE "SECRET3"`,
		`CREATE ROLE "SECRET4" LOGIN PASSWORD 'SECRET2' CONNECTION LIMIT 0`,
	} {
		if _, err := admin.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	at := func(user, password, more string) string {
		u, err := url.Parse(server.Address())
		if err != nil {
			t.Fatal(err)
		}
		settings := u.Query()
		settings.Set("user", user)
		settings.Set("password", password)
		u.RawQuery = settings.Encode() + more
		return u.String()
	}
	for name, address := range map[string]string{
		"a wrong password": at("SECRET1", "SECRET5", ""), "no such role": at("SECRET5", "SECRET2", ""),
		"no sign-in":           at("SECRET3", "SECRET2", ""),
		"too many connections": at("SECRET4", "SECRET2", ""),
		"an unknown setting":   at("SECRET1", "SECRET2", "&SECRET5=x"),
	} {
		for opener, open := range openers {
			s, err := open(t.Context(), address)
			if err == nil {
				s.Close()
			}
			shows(t, name+", "+opener, err)
		}
		shows(t, name+", move from", store.Move(t.Context(), address, newPath(t), nil))
		shows(t, name+", move to", store.Move(t.Context(), filled(t), address, nil))
	}

	s := open(t, at("SECRET1", "SECRET2", ""))
	if err := errors.Join(seed(t.Context(), s), server.Stop()); err != nil {
		t.Fatal(err)
	}
	for range 3 { // lost connections at first, and then none can be made
		_, _, err := s.Grant(t.Context(), keyID(1))
		shows(t, "a judgement", err)
		shows(t, "readiness", s.Ready(t.Context()))
		shows(t, "a page", s.Read(t.Context(), func(tx keyporter.Tx) error { return second(tx.User(userID)) }))
		rename := func(tx keyporter.Tx) error { return tx.SetUserName(userID, "Ada") }
		shows(t, "an operation", s.Write(t.Context(), rename))
	}
}

func shows(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s works", what)
	} else if said := err.Error(); strings.Contains(said, "SECRET") {
		t.Errorf("%s says %s", what, said)
	}
}

// filled is the path of a database with a subscription in it.
func filled(t *testing.T) string {
	t.Helper()
	path := newPath(t)
	s := open(t, path)
	if err := errors.Join(seed(t.Context(), s), s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}
