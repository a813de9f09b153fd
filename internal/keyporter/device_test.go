package keyporter_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// remembered signs somebody in with the browser's device cookie, and returns the cookie that the browser has then.
func (h *house) remembered(who, cookie string) string {
	h.t.Helper()
	value, _, err := h.SignIn(h.ctx, email(who), password, "", home.WithDevice(cookie))
	h.ok(err)
	device, err := h.RememberDevice(h.ctx, value, home.WithDevice(cookie).Device)
	h.ok(err)
	return device.Reveal()
}

// TestKnownBrowserIsNotKeptOut: while somebody tries wrong passwords from changing addresses every 20 ms, the right password is
// taken at once from a browser that has signed in before, every time, and from no other.
func TestKnownBrowserIsNotKeptOut(t *testing.T) {
	h := newHouse(t)
	device := h.remembered(ada, "")
	a := h.actor(ada)
	address := 0
	guess := func(times int) {
		for range times {
			h.clock.pass(20 * time.Millisecond)
			address++
			h.signIn(email(ada), wrong, from(fmt.Sprintf("198.18.%d.%d", address/250, address%250)))
		}
	}
	guess(100)
	for i := range 24 {
		guess(10)
		if err := h.signIn(email(ada), password, from("192.0.2.9")); kind(err) != "too many tries" {
			t.Fatalf("from an unknown browser: %v", err)
		}
		if err := h.signIn(email(ada), password, from("192.0.2.9").WithDevice(device)); err != nil {
			t.Fatalf("sign-in %d of 24 from the known browser: %v", i+1, err)
		}
	}
	for i := range 40 { // others of the same network use its tries up
		h.signIn(fmt.Sprintf("user%d@example.com", i), wrong, from("192.0.2.9"))
	}
	h.want("done", h.signIn(email(ada), password, from("192.0.2.9").WithDevice(device)))
	a.Origin = from("192.0.2.9").WithDevice(device)
	_, err := h.ChangePassword(h.ctx, a, password, "another good password")
	h.want("done", err)
}

// TestDeviceHasALimit of its own: ten wrong passwords, also at the same moment, and the browser is unknown again.
func TestDeviceHasALimit(t *testing.T) {
	h := newHouse(t)
	device := h.remembered(ada, "")
	known := from("192.0.2.9").WithDevice(device)
	for range 9 {
		h.want("invalid input: ", h.signIn(email(ada), wrong, known))
	}
	h.want("done", h.signIn(email(ada), password, known)) // after which the count begins afresh
	for range 10 {
		h.want("invalid input: ", h.signIn(email(ada), wrong, known))
	}
	for range 5 {
		h.want("invalid input: ", h.signIn(email(ada), wrong, known))
	}
	h.want("too many tries", h.signIn(email(ada), password, known))
	if strings.Contains(h.contents(), "device_cookies") {
		t.Error("a device that failed too often stays known")
	}
}

// TestDeviceIsOfOneUser: what a browser holds for one user opens no lane to another's account, nor to an address of nobody.
func TestDeviceIsOfOneUser(t *testing.T) {
	h := newHouse(t)
	toms := h.remembered(tom, "")
	for _, cookie := range []string{toms, "", "garbage", toms + "x", "." + toms[1:], strings.Repeat("a.", 100) + toms, strings.Repeat(toms, 100), "\x00"} {
		for _, address := range []string{email(ada), "nobody@example.com"} {
			for range 5 {
				h.signIn(address, wrong, from("198.51.100.1").WithDevice(cookie))
			}
			if err := h.signIn(address, password, from("198.51.100.2").WithDevice(cookie)); kind(err) != "too many tries" {
				t.Errorf("%.50q for %s: %v", cookie, address, err)
			}
		}
		h.clock.pass(2 * time.Hour)
	}
	both := h.remembered(ada, toms) // people share a browser, and both are known
	for _, who := range []string{ada, tom} {
		for range 5 {
			h.signIn(email(who), wrong, from("198.51.100.3"))
		}
		h.want("done", h.signIn(email(who), password, from("198.51.100.4").WithDevice(both)))
	}
	if again := h.remembered(ada, both); strings.Count(again, ".") != 1 {
		t.Errorf("signing in again makes %q of %q", again, both)
	}
}

// TestWhatEndsDevices: a changed password, a newer browser, a year, and a clock that was ahead.
func TestWhatEndsDevices(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(h *house)
		ends bool
	}{
		{"nothing", func(h *house) {}, false},
		{"nine more browsers", func(h *house) {
			for range 9 {
				h.clock.pass(time.Second)
				h.remembered(ada, "")
			}
		}, false},
		{"ten more browsers", func(h *house) {
			for range 10 {
				h.clock.pass(time.Second)
				h.remembered(ada, "")
			}
		}, true},
		{"a changed password", func(h *house) {
			_, err := h.ChangePassword(h.ctx, h.actor(ada), password, password+"!")
			h.ok(err)
		}, true},
		{"a new password by a link", func(h *house) {
			_, link, err := h.NewPasswordLink(h.ctx, email(ada))
			h.ok(err)
			h.ok(h.SetNewPassword(h.ctx, link.Reveal(), password+"!", home))
		}, true},
		{"a year", func(h *house) { h.clock.pass(365 * 24 * time.Hour) }, true},
		{"a clock that was ahead", func(h *house) { h.clock.pass(-6 * time.Minute) }, true},
		{"a clock within the skew", func(h *house) { h.clock.pass(-5 * time.Minute) }, false},
	} {
		h := newHouse(t)
		device := h.remembered(ada, "")
		c.do(h)
		for range 5 {
			h.signIn(email(ada), wrong, from("198.51.100.1"))
		}
		typed := from("198.51.100.2").WithDevice(device)
		if known := kind(h.signIn(email(ada), wrong, typed)) == "invalid input: "; known == c.ends {
			t.Errorf("after %s the browser is known: %v", c.name, known)
		}
		h.ok(h.Sweep(h.ctx))
		kept := strings.Contains(h.contents(), "device_cookies")
		if kept != (!c.ends || c.name == "ten more browsers") {
			t.Errorf("after %s and the sweep a device is stored: %v", c.name, kept)
		}
		if strings.Contains(h.contents(), device) {
			t.Errorf("after %s the cookie's value is stored", c.name)
		}
	}
}
