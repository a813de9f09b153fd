package store_test

import (
	"database/sql"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
	"keyporter/internal/store"
	"keyporter/internal/storetest"
	"keyporter/internal/token"
)

const movedPassword = "seven lanterns drift past noon"

// lived makes an installation at an address with rows in nearly every table, and returns a token that
// it lets in and the value of a session.
func lived(t *testing.T, address string) (key, session string) {
	t.Helper()
	ctx := t.Context()
	s, err := store.Open(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	p := keyporter.New(s, keyporter.Options{})
	home := keyporter.NewClientInfo("192.0.2.7", "test")
	form := keyporter.SetUpForm{Subscription: "Acme \u0639", Name: "Ada", Email: "ada@example.com",
		Password: movedPassword}
	sub, err := p.SetUpFromCommandLine(ctx, form)
	check(err)
	value, _, err := p.SignIn(ctx, form.Email, movedPassword, "", home)
	check(err)
	if _, _, err := p.SignIn(ctx, form.Email, "not the password at all", "", home); err == nil {
		t.Fatal("a wrong password is let in")
	}
	found, _, err := p.FindSession(ctx, value.Reveal())
	check(err)
	_, err = p.RememberDevice(ctx, value, home.Device)
	check(err)
	ada := found.Actor(home)
	check(p.SwitchFeature(ctx, ada, sub, true))
	_, err = p.AddMember(ctx, ada, sub, keyporter.Member{Name: "Tom", Email: "tom@example.com", Role: keyporter.Admin})
	check(err)
	_, _, err = p.CreateKey(ctx, found.Actor(home), sub, keyporter.FeedbackKey, keyporter.KeyForm{Description: "Ideas",
		Once: p.Once(found, p.NewNonce(found))})
	check(err)
	_, err = p.AddExcludeEntries(ctx, ada, sub, exclude.Server, "dev*\n*:3000")
	check(err)
	check(s.Write(ctx, func(tx keyporter.Tx) error {
		for n := range 450 { // more than two statements' worth
			k := newKey(n, n%2 == 0)
			k.SubscriptionID, k.CreatedBy = sub, found.User.ID
			if err := insertKey(tx, k); err != nil {
				return err
			}
			if n < 3 {
				if err := tx.DeleteKey(k, found.User.ID, start); err != nil {
					return err
				}
			}
		}
		id, _ := token.ParseKeyID("4fT9aQ0bZ7Lm")
		minted, hash := token.Mint("kp", token.Integration, id)
		key = minted.Reveal()
		k := keyporter.Key{ID: id, SubscriptionID: sub, Description: "Nightly", Created: start,
			CreatedBy: found.User.ID}
		return tx.InsertKey(k, "nightly", token.HashName, hash)
	}))
	call := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{key}}, Method: "GET",
		Address: "192.0.2.9", Agent: "agent"}
	if v := p.Judge(ctx, call); !v.OK() {
		t.Fatal(v.Code)
	}
	check(p.FlushUses(ctx))
	return key, value.Reveal()
}

// goesOn fails unless the token, the session and the password work.
func goesOn(t *testing.T, address, token, session string) {
	t.Helper()
	s := open(t, address)
	p := keyporter.New(s, keyporter.Options{})
	call := keyporter.Call{Presented: keyporter.Presented{IntegrationKey: []string{token}}, Method: "GET"}
	if v := p.Judge(t.Context(), call); !v.OK() {
		t.Errorf("the key is refused: %s", v.Code)
	}
	if found, _, err := p.FindSession(t.Context(), session); err != nil || found.User.Email != "ada@example.com" {
		t.Errorf("the session is of %q, %v", found.User.Email, err)
	}
	if _, _, err := p.SignIn(t.Context(), "ada@example.com", movedPassword, "",
		keyporter.NewClientInfo("192.0.2.8", "test")); err != nil {
		t.Errorf("the password: %v", err)
	}
}

// TestMove moves a database from each engine to each.
func TestMove(t *testing.T) {
	storetest.Each(t, func(t *testing.T, from storetest.Engine) {
		storetest.Each(t, func(t *testing.T, to storetest.Engine) {
			source, target := from.Empty(t), to.Empty(t)
			token, session := lived(t, source)
			before := from.OpenRaw(t, source)
			rows, all := counts(t, before), contents(t, before)
			verified := map[string]int64{}
			err := store.Move(t.Context(), source, target, func(m store.MoveProgress) {
				if m.Verified {
					verified[m.Table] = m.Rows
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			for name, n := range rows {
				if n == 0 && !slices.Contains([]string{"key_days"}, name) {
					t.Errorf("%s is empty, so nothing of it was moved", name)
				}
			}
			if got := counts(t, to.OpenRaw(t, target)); !maps.Equal(got, rows) {
				t.Errorf("moved are %v, of %v", got, rows)
			}
			delete(rows, "installation")
			if !maps.Equal(verified, rows) {
				t.Errorf("verified are %v, of %v", verified, rows)
			}
			if contents(t, before) != all {
				t.Error("the source is not what it was")
			}
			err = store.Move(t.Context(), source, target, func(store.MoveProgress) {})
			if err == nil || !strings.Contains(err.Error(), "the target is not empty") {
				t.Errorf("a second move: %v", err)
			}
			goesOn(t, target, token, session)
			goesOn(t, source, token, session)
		})
	})
}

// TestMoveOfAnOpenFile checks that it is refused: what is written meanwhile would be missing in the target.
func TestMoveOfAnOpenFile(t *testing.T) {
	source, target := newPath(t), newPath(t)
	open(t, source)
	err := store.Move(t.Context(), source, target, func(store.MoveProgress) {})
	if err == nil || !strings.Contains(err.Error(), "in use by another keyporter process") {
		t.Error(err)
	}
	if _, err := os.Stat(target); err == nil {
		t.Error("a target was made")
	}
}

// TestMoveDuringASetUp checks that a set-up of the target waits for the move, and finds it set up; otherwise its rows
// would be among those that are moved.
func TestMoveDuringASetUp(t *testing.T) {
	e := storetest.Postgres(t)
	source, target := newPath(t), e.Empty(t)
	token, session := lived(t, source)
	p := keyporter.New(open(t, target), keyporter.Options{})
	look := e.OpenRaw(t, target)
	done := make(chan error, 1)
	begin := sync.OnceFunc(func() {
		go func() {
			_, err := p.SetUpFromCommandLine(t.Context(), keyporter.SetUpForm{Subscription: "Other", Name: "Otto",
				Email: "otto@example.com", Password: movedPassword})
			done <- err
		}()
		for end := time.Now().Add(10 * time.Second); len(done) == 0 && waiting(t, look) == 0; {
			if time.Now().After(end) {
				t.Fatal("the set-up neither ended nor waited")
			}
		}
	})
	if err := store.Move(t.Context(), source, target, func(store.MoveProgress) { begin() }); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, keyporter.ErrConflict) {
		t.Errorf("the set-up: %v", err)
	}
	goesOn(t, target, token, session)
}

// waiting is how many connections to a database wait for a lock.
func waiting(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	if err := db.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
		AND wait_event_type = 'Lock'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestMoveFails checks that the target stays empty if it refuses one row.
func TestMoveFails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, to storetest.Engine) {
		source, target := newPath(t), to.Empty(t)
		lived(t, source)
		open(t, target).Close()
		if _, err := to.OpenRaw(t, target).ExecContext(t.Context(),
			`ALTER TABLE audit_lines RENAME COLUMN detail TO particulars`); err != nil {
			t.Fatal(err)
		}
		err := store.Move(t.Context(), source, target, func(store.MoveProgress) {})
		if err == nil || !strings.Contains(err.Error(), "audit_lines") {
			t.Error(err)
		}
		for name, n := range counts(t, to.OpenRaw(t, target)) {
			if n > 0 && name != "installation" {
				t.Errorf("%d rows are in %s", n, name)
			}
		}
	})
}

// TestMoveIsVerified checks that a row that is missing in the target or differs makes the move fail, and leaves nothing
// there.
func TestMoveIsVerified(t *testing.T) {
	for name, spoil := range map[string]string{
		"another value": `UPDATE audit_lines SET detail = 'spoiled' WHERE id = NEW.id`,
		"a row less":    `DELETE FROM audit_lines WHERE id = NEW.id`,
	} {
		t.Run(name, func(t *testing.T) {
			source, target := newPath(t), newPath(t)
			lived(t, source)
			if err := open(t, target).Close(); err != nil {
				t.Fatal(err)
			}
			db := sqliteEngine(t).OpenRaw(t, target)
			if _, err := db.ExecContext(t.Context(), `CREATE TRIGGER spoil AFTER INSERT ON audit_lines BEGIN `+spoil+
				`; END`); err != nil {
				t.Fatal(err)
			}
			err := store.Move(t.Context(), source, target, func(store.MoveProgress) {})
			if err == nil || !strings.Contains(err.Error(), "audit_lines") ||
				!strings.Contains(err.Error(), "checksums differ") {
				t.Error(err)
			}
			if n := counts(t, db)["users"]; n != 0 {
				t.Errorf("%d users are in the target", n)
			}
		})
	}
}

// TestMoveToForeignTables checks that it is refused before anything is created.
func TestMoveToForeignTables(t *testing.T) {
	storetest.Each(t, func(t *testing.T, to storetest.Engine) {
		source, target := newPath(t), to.Empty(t)
		lived(t, source)
		if to.String() == "sqlite" { // where a file has to be there
			if err := errors.Join(os.Mkdir(filepath.Dir(target), 0o700), os.WriteFile(target, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		db := to.OpenRaw(t, target)
		if _, err := db.ExecContext(t.Context(), `CREATE TABLE users_of_another (id TEXT)`); err != nil {
			t.Fatal(err)
		}
		err := store.Move(t.Context(), source, target, func(store.MoveProgress) {})
		if err == nil || !strings.Contains(err.Error(), "it holds users_of_another, which is not Keyporter's") {
			t.Error(err)
		}
		if _, err := db.ExecContext(t.Context(), `SELECT count(*) FROM users`); err == nil {
			t.Error("tables were made")
		}
	})
}

// sqliteEngine is the engine that is always there.
func sqliteEngine(t *testing.T) storetest.Engine {
	t.Helper()
	engines, err := storetest.Engines()
	if err != nil {
		t.Fatal(err)
	}
	return engines[0]
}
