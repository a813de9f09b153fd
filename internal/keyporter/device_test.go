package keyporter_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"keyporter/internal/keyporter"
)

// remembered signs somebody in with the browser's device cookie, and returns the cookie that the browser has then.
func (f *fixture) remembered(who, cookie string) string {
	f.t.Helper()
	value, _, err := f.SignIn(f.ctx, email(who), password, "", home.WithDevice(cookie))
	f.ok(err)
	device, err := f.RememberDevice(f.ctx, value, home.WithDevice(cookie).Device)
	f.ok(err)
	return device.Reveal()
}

// TestKnownBrowserSignsInDuringAnAttack checks that while somebody tries wrong passwords from changing addresses every
// 20 ms, the right password is taken at once from a browser that has signed in before, every time, and from no other.
func TestKnownBrowserSignsInDuringAnAttack(t *testing.T) {
	f := newFixture(t)
	device := f.remembered(ada, "")
	a := f.actor(ada)
	address := 0
	guess := func(times int) {
		for range times {
			f.clock.pass(20 * time.Millisecond)
			address++
			f.signIn(email(ada), wrong, from(fmt.Sprintf("198.18.%d.%d", address/250, address%250)))
		}
	}
	guess(100)
	for i := range 24 {
		guess(10)
		if err := f.signIn(email(ada), password, from("192.0.2.9")); kind(err) != "too many tries" {
			t.Fatalf("from an unknown browser: %v", err)
		}
		if err := f.signIn(email(ada), password, from("192.0.2.9").WithDevice(device)); err != nil {
			t.Fatalf("sign-in %d of 24 from the known browser: %v", i+1, err)
		}
	}
	for i := range 40 { // others of the same network use its tries up
		f.signIn(fmt.Sprintf("user%d@example.com", i), wrong, from("192.0.2.9"))
	}
	f.want("done", f.signIn(email(ada), password, from("192.0.2.9").WithDevice(device)))
	a.ClientInfo = from("192.0.2.9").WithDevice(device)
	_, err := f.ChangePassword(f.ctx, a, password, "another good password")
	f.want("done", err)
}

// TestTriesFromADeviceAreLimited checks that after ten wrong passwords, also concurrent ones, the browser is unknown
// again.
func TestTriesFromADeviceAreLimited(t *testing.T) {
	f := newFixture(t)
	device := f.remembered(ada, "")
	known := from("192.0.2.9").WithDevice(device)
	for range 9 {
		f.want("invalid input: ", f.signIn(email(ada), wrong, known))
	}
	f.want("done", f.signIn(email(ada), password, known)) // after which the count begins afresh
	for range 10 {
		f.want("invalid input: ", f.signIn(email(ada), wrong, known))
	}
	for range 5 {
		f.want("invalid input: ", f.signIn(email(ada), wrong, known))
	}
	f.want("too many tries", f.signIn(email(ada), password, known))
	if strings.Contains(f.contents(), "device_cookies") {
		t.Error("a device that failed too often stays known")
	}
}

// TestDeviceBelongsToOneUser checks that a browser's value for one user does not make it known for another account, nor
// for an address of nobody.
func TestDeviceBelongsToOneUser(t *testing.T) {
	f := newFixture(t)
	toms := f.remembered(tom, "")
	for _, cookie := range []string{toms, "", "garbage", toms + "x", "." + toms[1:], strings.Repeat("a.", 100) + toms,
		strings.Repeat(toms, 100), "\x00"} {
		for _, address := range []string{email(ada), "nobody@example.com"} {
			for range 5 {
				f.signIn(address, wrong, from("198.51.100.1").WithDevice(cookie))
			}
			if err := f.signIn(address, password,
				from("198.51.100.2").WithDevice(cookie)); kind(err) != "too many tries" {
				t.Errorf("%.50q for %s: %v", cookie, address, err)
			}
		}
		f.clock.pass(2 * time.Hour)
	}
	both := f.remembered(ada, toms) // people share a browser, and both are known
	for _, who := range []string{ada, tom} {
		for range 5 {
			f.signIn(email(who), wrong, from("198.51.100.3"))
		}
		f.want("done", f.signIn(email(who), password, from("198.51.100.4").WithDevice(both)))
	}
	if again := f.remembered(ada, both); strings.Count(again, ".") != 1 {
		t.Errorf("signing in again makes %q of %q", again, both)
	}
}

// TestDevicesEnd checks that a changed password, a newer browser, a year, and a clock that was ahead end a device.
func TestDevicesEnd(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(f *fixture)
		ends bool
	}{
		{"nothing", func(f *fixture) {}, false},
		{"nine more browsers", func(f *fixture) {
			for range 9 {
				f.clock.pass(time.Second)
				f.remembered(ada, "")
			}
		}, false},
		{"ten more browsers", func(f *fixture) {
			for range 10 {
				f.clock.pass(time.Second)
				f.remembered(ada, "")
			}
		}, true},
		{"a changed password", func(f *fixture) {
			_, err := f.ChangePassword(f.ctx, f.actor(ada), password, password+"!")
			f.ok(err)
		}, true},
		{"a new password by a link", func(f *fixture) {
			_, link, err := f.NewPasswordLink(f.ctx, email(ada))
			f.ok(err)
			f.ok(f.SetNewPassword(f.ctx, link.Reveal(), password+"!", home))
		}, true},
		{"a year", func(f *fixture) { f.clock.pass(365 * 24 * time.Hour) }, true},
		{"a clock that was ahead", func(f *fixture) { f.clock.pass(-6 * time.Minute) }, true},
		{"a clock within the skew", func(f *fixture) { f.clock.pass(-5 * time.Minute) }, false},
	} {
		f := newFixture(t)
		device := f.remembered(ada, "")
		c.do(f)
		for range 5 {
			f.signIn(email(ada), wrong, from("198.51.100.1"))
		}
		typed := from("198.51.100.2").WithDevice(device)
		if known := kind(f.signIn(email(ada), wrong, typed)) == "invalid input: "; known == c.ends {
			t.Errorf("after %s the browser is known: %v", c.name, known)
		}
		f.ok(f.DeleteExpired(f.ctx))
		kept := strings.Contains(f.contents(), "device_cookies")
		if kept != (!c.ends || c.name == "ten more browsers") {
			t.Errorf("after %s and the sweep a device is stored: %v", c.name, kept)
		}
		if strings.Contains(f.contents(), device) {
			t.Errorf("after %s the cookie's value is stored", c.name)
		}
	}
}

// TestDeviceForgottenDuringASignIn checks that a sign-in does not restore a device that was deleted while it ran.
func TestDeviceForgottenDuringASignIn(t *testing.T) {
	b := &beforeWrite{}
	f := newFixtureWith(t, keyporter.Options{}, func(s keyporter.Store) keyporter.Store {
		b.Store = s
		return b
	})
	device, userID := f.remembered(ada, ""), f.actor(ada).UserID
	b.do = func() { // before the try is counted
		b.do = func() { // before the right password is recorded
			f.ok(f.store.Write(f.ctx, func(tx keyporter.Tx) error { return tx.DeleteDevices(userID) }))
		}
	}
	f.ok(f.signIn(email(ada), password, home.WithDevice(device)))
	if strings.Contains(f.contents(), "device_cookies") {
		t.Error("the device is known again")
	}
}
