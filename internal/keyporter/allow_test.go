package keyporter_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"keyporter/internal/keyporter"
)

// TestAllowWhileOthersEdit: an address that was allowed is lost in no change at the same time that began with a form
// that shows it, and a change that does not know it is refused.
func TestAllowWhileOthersEdit(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	key, _ := f.key("a key", false)
	id := key.ID.String()
	f.limitTo(a, key, "192.0.2.1")
	shown := f.read(a, id).AddressVersion()
	var work sync.WaitGroup
	var done atomic.Int32
	try := func(change func() error) {
		work.Go(func() {
			var invalid keyporter.Invalid
			switch err := change(); {
			case err == nil:
				done.Add(1)
			case !errors.As(err, &invalid) || !strings.HasPrefix(invalid[""], "Somebody else changed this"):
				t.Error(err)
			}
		})
	}
	for i := range 8 {
		try(func() error {
			return f.AllowAddress(f.ctx, a, f.acme, id, fmt.Sprintf("198.51.100.%d", i), shown)
		})
		try(func() error {
			return f.ChangeAddresses(f.ctx, a, f.acme, id,
				keyporter.AddressForm{Text: fmt.Sprintf("203.0.113.%d", i), Shown: shown})
		})
	}
	work.Wait()
	if done.Load() != 1 {
		t.Errorf("%d of the changes were made: the key has %s", done.Load(), f.read(a, id).Addresses)
	}
	f.limitTo(a, key, "192.0.2.1")
	for i := range 8 {
		work.Go(func() {
			if err := f.AllowAddress(f.ctx, a, f.acme, id, fmt.Sprintf("198.51.100.%d", i), ""); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if n := len(f.read(a, id).Addresses.List()); n != 9 {
		t.Errorf("of 8 addresses that were allowed at once, the key has %d", n-1)
	}
}

// TestAllowAddress: it never takes an address away, nor limits a key that is not limited.
func TestAllowAddress(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	key, _ := f.key("a key", false)
	for _, c := range []struct{ before, address, after, refused string }{
		{"", "192.0.2.1", "", ""},
		{"192.0.2.0/24", "192.0.2.1", "192.0.2.0/24", ""},
		{"192.0.2.0/24", "198.51.100.1", "192.0.2.0/24 198.51.100.1", ""},
		{"192.0.2.0/24", "::ffff:198.51.100.1", "192.0.2.0/24 198.51.100.1", ""},
		{"192.0.2.0/24", "fe80::1%eth0", "192.0.2.0/24 fe80::1", ""},
		{"192.0.2.0/24", "::/0", "192.0.2.0/24", "invalid input: allowed_addresses"},
		{"192.0.2.0/24", "198.51.100.1 198.51.100.2", "192.0.2.0/24", "invalid input: allowed_addresses"},
		{"", "x", "", "invalid input: allowed_addresses"},
	} {
		f.limitTo(a, key, c.before)
		err := f.AllowAddress(f.ctx, a, f.acme, key.ID.String(), c.address, "")
		if c.refused == "" {
			f.ok(err)
		} else {
			f.want(c.refused, err)
		}
		if got := f.read(a, key.ID.String()).Addresses.String(); got != c.after {
			t.Errorf("%q and %s make %q", c.before, c.address, got)
		}
	}
}
