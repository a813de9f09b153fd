package keyporter_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"keyporter/internal/keyporter"
	passwords "keyporter/internal/password"
)

func (f *fixture) signIn(address, typed string, o keyporter.ClientInfo) error {
	_, _, err := f.SignIn(f.ctx, address, typed, "", o)
	return err
}

const wrong = "not the password"

func TestSignIn(t *testing.T) {
	f := newFixture(t)
	told := map[string]bool{}
	for _, c := range []struct {
		name, address, password, want string
	}{
		{"right", email(ada), password, "done"},
		{"right, spelled differently", "  ADA@Example.COM ", password, "done"},
		{"wrong", email(ada), wrong, "invalid input: "},
		{"unknown", "nobody@example.com", password, "invalid input: "},
		{"no address", "", password, "invalid input: "},
		{"no password", email(ada), "", "invalid input: "},
		{"a password in other letters", email(ada), strings.ToUpper(password), "invalid input: "},
		{"a password with a space", email(ada), password + " ", "invalid input: "},
		{"a very long password", email(ada), strings.Repeat("a", 1<<20), "invalid input: "},
		{"invalid UTF-8", "ada\xff@example.com", password, "invalid input: "},
		{"NUL", "ada@example.com\x00", password, "invalid input: "},
	} {
		err := f.signIn(c.address, c.password, from("192.0.2.1"))
		if kind(err) != c.want {
			t.Errorf("%s: %s, want %s", c.name, kind(err), c.want)
		}
		var invalid keyporter.Invalid
		if errors.As(err, &invalid) {
			told[fmt.Sprint(map[string]string(invalid))] = true
		}
	}
	if len(told) != 1 {
		t.Errorf("the errors for an unknown user and a wrong password differ: %v", told)
	}
}

// TestSignInRenewsTheHash checks that a password that was hashed with other parameters is hashed again at the next
// sign-in.
func TestSignInRenewsTheHash(t *testing.T) {
	f := newFixtureWith(t, keyporter.Options{Hasher: passwords.NewHasher()}, nil)
	stored := func() string {
		var user keyporter.User
		f.ok(f.store.Read(f.ctx, func(tx keyporter.Tx) (err error) {
			user, err = tx.UserByEmail(email(ada))
			return err
		}))
		return user.PasswordHash()
	}
	salt := []byte("sixteen bytes...")
	sum := base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(password), salt, 1, 1024, 1, 32))
	older := "$argon2id$v=19$m=1024,t=1,p=1$" + base64.RawStdEncoding.EncodeToString(salt) + "$" + sum
	f.ok(f.store.Write(f.ctx, func(tx keyporter.Tx) error { return tx.SetPassword(f.actor(ada).UserID, older) }))
	f.want("invalid input: ", f.signIn(email(ada), wrong, home))
	if stored() != older {
		t.Error("a wrong password changed the stored one")
	}
	f.want("done", f.signIn(email(ada), password, home))
	renewed := stored()
	if !strings.HasPrefix(renewed, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("after the sign-in the stored form is %s", renewed)
	}
	f.want("done", f.signIn(email(ada), password, home))
	if stored() != renewed {
		t.Error("a password of today's parameters was hashed again")
	}
}

func TestTriesOnOneAccount(t *testing.T) {
	f := newFixture(t)
	spellings := []string{"ada@example.com", "ADA@example.com", " ada@Example.com", "Ada@EXAMPLE.com\t",
		"aDa@example.com"}
	for i, address := range spellings {
		if got := kind(f.signIn(address, wrong, from(fmt.Sprintf("192.0.2.%d", i)))); got != "invalid input: " {
			t.Fatalf("try %d: %s", i+1, got)
		}
	}
	err := f.signIn(email(ada), password, from("198.51.100.9"))
	var wait *keyporter.TooManyTries
	if !errors.As(err, &wait) || wait.After != time.Second {
		t.Fatalf("the sixth try, with the right password: %v", err)
	}
	f.want("done", f.signIn(email(tom), password, from("198.51.100.9"))) // other accounts are not slowed down
	f.reopen()
	f.want("too many tries", f.signIn(email(ada), password, from("198.51.100.9")))

	for i := range 8 { // each wrong try doubles the wait, up to a minute
		f.clock.pass(time.Minute)
		if got := kind(f.signIn(email(ada), wrong, from(fmt.Sprintf("198.51.100.%d", i)))); got != "invalid input: " {
			t.Fatalf("after a minute: %s", got)
		}
	}
	f.clock.pass(time.Minute - time.Millisecond)
	f.want("too many tries", f.signIn(email(ada), password, home))
	f.clock.pass(time.Millisecond)
	f.want("done", f.signIn(email(ada), password, home)) // never locked out for good
	for range 4 {
		f.want("invalid input: ", f.signIn(email(ada), wrong, home)) // after which the tries begin afresh
	}
}

func TestTriesAreForgotten(t *testing.T) {
	f := newFixture(t)
	for range 5 {
		f.want("invalid input: ", f.signIn(email(ada), wrong, home))
	}
	f.clock.pass(time.Second + time.Hour)
	for range 4 {
		f.want("invalid input: ", f.signIn(email(ada), wrong, home))
	}
	f.clock.pass(3 * time.Hour)
	f.ok(f.DeleteExpired(f.ctx))
	if rows := f.contents(); strings.Contains(rows, "sign_in_limits") {
		t.Errorf("limits stay after their end:\n%s", rows)
	}
}

// TestTriesFromOneNetwork tries many accounts from addresses of one IPv6 /64.
func TestTriesFromOneNetwork(t *testing.T) {
	f := newFixture(t)
	for i := range 30 {
		if got := kind(f.signIn(fmt.Sprintf("user%d@example.com", i), wrong,
			from(fmt.Sprintf("2001:db8:1:2:%x::1", i+1)))); got != "invalid input: " {
			t.Fatalf("try %d: %s", i+1, got)
		}
	}
	f.want("too many tries", f.signIn(email(ada), password, from("2001:db8:1:2:ffff::9")))
	f.want("done", f.signIn(email(ada), password, from("2001:db8:1:3::1")))
	f.clock.pass(time.Second)
	f.want("done", f.signIn(email(ada), password, from("2001:db8:1:2:ffff::9")))
	// a right password costs the network nothing
	f.want("done", f.signIn(email(ada), password, from("2001:db8:1:2:ffff::9")))
}

// TestUnknownAddressTakesAsManyWrites checks that a failed sign-in takes as many transactions that wait for the disk,
// whatever the address.
func TestUnknownAddressTakesAsManyWrites(t *testing.T) {
	f := newFixture(t)
	db := engine.OpenRaw(t, f.path)
	for _, address := range []string{email(ada), "nobody@example.com"} {
		var before, after int
		f.ok(db.QueryRow(`SELECT guard FROM installation`).Scan(&before))
		f.want("invalid input: ", f.signIn(address, wrong, home))
		f.ok(db.QueryRow(`SELECT guard FROM installation`).Scan(&after))
		if after-before != 2 { // the try, and its failure
			t.Errorf("a wrong sign-in of %s is %d transactions", address, after-before)
		}
	}
}

// TestTriesAtTheSameMoment checks that tries are counted before they are judged.
func TestTriesAtTheSameMoment(t *testing.T) {
	f := newFixture(t)
	outcomes := make([]string, 20)
	var all sync.WaitGroup
	for i := range outcomes {
		all.Go(func() { outcomes[i] = kind(f.signIn(email(ada), wrong, from(fmt.Sprintf("192.0.2.%d", i)))) })
	}
	all.Wait()
	counts := map[string]int{}
	for _, outcome := range outcomes {
		counts[outcome]++
	}
	if counts["invalid input: "] != 5 || counts["too many tries"] != 15 {
		t.Errorf("20 tries at once: %v", counts)
	}
}

// TestFreeTriesDoNotWait checks it for concurrent tries too, of which the one that read the clock first may be counted
// last.
func TestFreeTriesDoNotWait(t *testing.T) {
	f := newFixture(t)
	f.want("invalid input: ", f.signIn(email(ada), wrong, home))
	f.clock.pass(-time.Second)
	f.want("done", f.signIn(email(ada), password, home))
}

func TestLimitsAreBounded(t *testing.T) {
	f := newFixture(t)
	const most = 20_000
	const atOnce = 1000 // a transaction has ten seconds, also on a busy machine
	for first := 0; first < most; first += atOnce {
		f.ok(f.store.Write(f.ctx, func(tx keyporter.Tx) error {
			for i := first; i < first+atOnce; i++ {
				if err := tx.PutLimit(fmt.Append(nil, i), keyporter.Limit{Tries: 1, NextAt: start,
					Expires: start.Add(time.Hour)}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for range 6 {
		f.signIn(email(ada), wrong, home)
	}
	f.ok(f.store.Read(f.ctx, func(tx keyporter.Tx) error {
		n, err := tx.CountLimits()
		if n > most {
			t.Errorf("there are %d rows", n)
		}
		return err
	}))
	f.want("too many tries", f.signIn(email(ada), password, home)) // the limit with the most tries is kept
}

// TestSignInRecordsFailures checks that the account has the number of failed tries since the last sign-in.
func TestSignInRecordsFailures(t *testing.T) {
	f := newFixture(t)
	f.signIn(email(ada), wrong, home)
	f.signIn(email(ada), wrong, home)
	account, err := f.Account(f.ctx, f.actor(ada))
	f.ok(err)
	if account.User.FailedSignIns != 2 || !account.User.LastFailed.Equal(start) {
		t.Errorf("%d failed tries at %s", account.User.FailedSignIns, account.User.LastFailed)
	}
	f.ok(f.signIn(email(ada), password, home))
	account, err = f.Account(f.ctx, f.actor(ada))
	f.ok(err)
	if account.User.FailedSignIns != 0 || len(account.Events) == 0 ||
		account.Events[0].Detail != "after 2 failed tries" {
		t.Errorf("after the sign-in: %d failed tries, %v", account.User.FailedSignIns, account.Events)
	}
}
