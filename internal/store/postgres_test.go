package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
	"keyporter/internal/storetest"
)

// TestConcurrentStarts starts several processes on an empty database: one creates the tables; the others wait, and take
// no connection that a pooler has too few of.
func TestConcurrentStarts(t *testing.T) {
	for name, e := range map[string]storetest.Engine{"direct": storetest.Postgres(t), "pooler": storetest.Pooled(t)} {
		t.Run(name, func(t *testing.T) {
			address := e.Empty(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					s, err := store.Open(ctx, address)
					if err == nil {
						err = errors.Join(s.Ready(ctx), s.Close())
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			var rows, versions int
			err := e.OpenRaw(t,
				address).QueryRow(`SELECT count(*), count(DISTINCT version_id) FROM goose_db_version`).Scan(&rows,
				&versions)
			if err != nil || rows != versions || versions < 2 {
				t.Errorf("%d rows of %d versions, %v", rows, versions, err)
			}
		})
	}
}

// TestAddresses checks that the error for an address that does not work is one line, without the password.
func TestAddresses(t *testing.T) {
	e := storetest.Postgres(t)
	empty := e.Empty(t)
	server := storetest.OwnServer(t, "hba_file="+passwordFile(t))
	for name, c := range map[string]struct{ address, want string }{
		"no database": {strings.Replace(empty, "///test_", "///no_", 1), "does not exist"},
		"refused":     {"postgres://ada:hidden@127.0.0.1:1/keys", "postgres://127.0.0.1:1/keys: cannot connect: "},
		"wrong password": {strings.Replace(server.Address(), "user=postgres", "user=ada&password=hidden", 1),
			"password authentication failed"},
		"bad setting": {"postgres://ada:hidden@127.0.0.1:1/keys?sslmode=perhaps", "not a valid postgres:// URL"},
	} {
		for opener, open := range openers {
			s, err := open(t.Context(), c.address)
			if err == nil {
				s.Close()
				t.Errorf("%s: %s opened it", name, opener)
			} else if said := err.Error(); !strings.Contains(said, c.want) || strings.Contains(said, "hidden") ||
				strings.Contains(said, "\n") {
				t.Errorf("%s: %s says %s", name, opener, said)
			}
		}
	}
	if _, err := store.OpenAttached(t.Context(), empty); err == nil ||
		!strings.Contains(err.Error(), "there is no Keyporter in it") {
		t.Errorf("attached to an empty database: %v", err)
	}
}

func passwordFile(t *testing.T) string {
	t.Helper()
	file, err := os.CreateTemp("", "keyporter-hba-") // which another user may read
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(file.Name()) })
	_, err = file.WriteString("local all postgres trust\nlocal all all scram-sha-256\n")
	if err := errors.Join(err, file.Chmod(0o644), file.Close()); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}

// TestStandby checks that a server that only reads is refused, because it may answer with the past.
func TestStandby(t *testing.T) {
	server := storetest.OwnServer(t, "default_transaction_read_only=on")
	if s, err := store.Open(t.Context(), server.Address()); err == nil {
		s.Close()
		t.Error("it was opened")
	} else if !strings.Contains(err.Error(), "read only") {
		t.Error(err)
	}
}

// TestUnsuitableServersAreRefused checks each setting of a server with which the guarantees of [store.Store.Write]
// would not hold.
func TestUnsuitableServersAreRefused(t *testing.T) {
	e := storetest.Postgres(t)
	for setting, want := range map[string]string{"synchronous_commit = off": "synchronous_commit is off",
		"search_path = nowhere": "there is no schema"} {
		address := e.Empty(t)
		open(t, address).Close()
		_, err := e.OpenRaw(t, address).Exec(`DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET ` +
			setting + `'; END $$`)
		if err != nil {
			t.Fatal(err)
		}
		unavailableSource(t, address, want)
	}
	server := storetest.OwnServer(t)
	db := e.OpenRaw(t, server.Address())
	_, err := db.Exec(`CREATE DATABASE bytes
		ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0`)
	if err != nil {
		t.Fatal(err)
	}
	unavailableSource(t, strings.Replace(server.Address(), "///postgres", "///bytes", 1), "its encoding is SQL_ASCII")
}

func unavailableSource(t *testing.T, address, want string) {
	t.Helper()
	for name, opener := range openers {
		if s, err := opener(t.Context(), address); err == nil {
			s.Close()
			t.Errorf("%s opened it, although %s", name, want)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
	AND pid <> pg_backend_pid()`

// TestCutConnections checks that a transaction whose connection is cut has no effect and is reported as unavailable; a
// judgement asks again on another connection.
func TestCutConnections(t *testing.T) {
	e := storetest.Postgres(t)
	address := e.Empty(t)
	s := open(t, address)
	if err := seed(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	admin := e.OpenRaw(t, address)
	for n := range 5 {
		err := s.Write(t.Context(), func(tx keyporter.Tx) error {
			if err := insertKey(tx, newKey(n, true)); err != nil {
				return err
			}
			if _, err := admin.Exec(cut); err != nil {
				return err
			}
			return tx.SetUserName(userID, "Cut")
		})
		if !errors.Is(err, keyporter.ErrUnavailable) || errors.Is(err, keyporter.ErrCommitUnknown) {
			t.Errorf("a transaction that was cut: %v", err)
		}
		if _, found, err := s.Grant(t.Context(), keyID(n)); found || err != nil {
			t.Errorf("its key: %v, %v", found, err)
		}
		write(t, s, func(tx keyporter.Tx) error { return insertKey(tx, newKey(100+n, true)) })
		for range 10 {
			if _, err := admin.Exec(cut); err != nil {
				t.Fatal(err)
			}
			if _, found, err := s.Grant(t.Context(), keyID(100+n)); !found || err != nil {
				t.Errorf("a judgement after its connection was cut: %v, %v", found, err)
			}
		}
	}
}

// TestDeadlock checks that of two transactions that wait for each other one is rolled back, or, where the database is
// slow to detect it, each of them; and then done again.
func TestDeadlock(t *testing.T) {
	s := open(t, storetest.Postgres(t).Empty(t))
	if err := seed(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	subscription := func(tx keyporter.Tx) error { return tx.LockSubscription(subID) }
	user := func(tx keyporter.Tx) error { return tx.SetUserName(userID, "Ada L.") }
	var both, met sync.WaitGroup
	met.Add(2)
	runs := make(chan bool, 10)
	for _, operations := range [][]func(keyporter.Tx) error{{subscription, user}, {user, subscription}} {
		both.Go(func() {
			meet := sync.OnceFunc(func() { met.Done(); met.Wait() })
			err := s.Write(t.Context(), func(tx keyporter.Tx) error {
				runs <- true
				if err := operations[0](tx); err != nil {
					return err
				}
				meet()
				return operations[1](tx)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if len(runs) < 3 {
		t.Errorf("two transactions ran %d times in all: neither was rolled back", len(runs))
	}
}

// TestRetries checks that a serialization failure is tried again, a bounded number of times; another error is not.
func TestRetries(t *testing.T) {
	e := storetest.Postgres(t)
	address := e.Empty(t)
	s := open(t, address)
	if err := seed(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	admin := e.OpenRaw(t, address)
	for _, c := range []struct {
		code        string
		fails, runs int
		want        error
	}{
		{"40001", 0, 1, nil}, {"40001", 3, 4, nil}, {"40P01", 7, 8, nil}, {"40001", 100, 8, keyporter.ErrUnavailable},
		{"53100", 1, 1, keyporter.ErrFull}, {"53200", 1, 1, keyporter.ErrUnavailable},
		{"25006", 1, 1, keyporter.ErrUnavailable},
	} {
		_, err := admin.Exec(fmt.Sprintf(`DROP SEQUENCE IF EXISTS runs CASCADE; CREATE SEQUENCE runs;
			CREATE OR REPLACE FUNCTION fail() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN
				IF nextval(''runs'') <= %d THEN RAISE EXCEPTION ''no'' USING ERRCODE = ''%s''; END IF; RETURN NEW; END';
			CREATE OR REPLACE TRIGGER fail BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION fail()`,
			c.fails, c.code))
		if err != nil {
			t.Fatal(err)
		}
		runs := 0
		err = s.Write(t.Context(), func(tx keyporter.Tx) error {
			runs++
			return tx.SetUserName(userID, fmt.Sprint(c))
		})
		if runs != c.runs || !errors.Is(err, c.want) {
			t.Errorf("%s, %d times: tried %d times, and then %v", c.code, c.fails, runs, err)
		}
		read(t, s, func(tx keyporter.Tx) error {
			user, err := tx.User(userID)
			if done := user.Name == fmt.Sprint(c); done != (c.want == nil) {
				t.Errorf("%s, %d times: done is %v", c.code, c.fails, done)
			}
			return err
		})
	}
}
