package demo

import (
	"fmt"
	"net/netip"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// useKeys uses most integration keys: a third within a day, a third within the month, some long ago, some never.
func (f *filler) useKeys() error {
	for n, key := range f.keys {
		var ago time.Duration
		switch f.random.IntN(10) {
		case 0, 1:
			if n < len(f.keys)-3 {
				continue
			}
			ago = 3 * time.Minute
		case 2, 3, 4:
			ago = time.Duration(1+f.random.IntN(23*60)) * time.Minute
		case 5, 6, 7:
			ago = time.Duration(24+f.random.IntN(28*24)) * time.Hour
		default:
			ago = time.Duration(30+f.random.IntN(200)) * 24 * time.Hour
		}
		f.now = f.end.Add(-ago)
		if f.now.Before(key.created) {
			f.now = key.created.Add(f.end.Sub(key.created) / 2)
		}
		call := callFrom(fmt.Sprintf("198.51.100.%d", 1+f.random.IntN(30)), "", key.token)
		if v := f.porter.Judge(f.ctx, call); !v.OK() {
			return fmt.Errorf("an integration key of the demo is refused: %s", v.Code)
		}
	}
	if err := f.useOften(f.keys[len(f.keys)-1].token); err != nil {
		return err
	}
	return f.limit(f.keys[len(f.keys)-2].token)
}

// callFrom is a request that reads, from an address and a program.
func callFrom(address, agent string, key token.Token) keyporter.Call {
	call := keyporter.Call{
		Method: "GET", Path: "/", Address: address, ClientAddress: netip.MustParseAddr(address), Agent: agent,
	}
	call.IntegrationKey = []string{key.Reveal()}
	return call
}

// useOften uses a key on ninety days, which its page shows, with a few requests that are refused because they write.
func (f *filler) useOften(key token.Token) error {
	for hours := 90 * 24; hours >= 0; hours-- {
		f.now = f.end.Add(-time.Duration(hours)*time.Hour - 3*time.Minute)
		if night := f.now.Hour() < 5; night {
			continue
		}
		for range 1 + f.random.IntN(12) {
			call := callFrom("198.51.100.17", "warehouse-export/4.2", key)
			if f.random.IntN(40) == 0 {
				call.Method = "POST"
			}
			f.porter.Judge(f.ctx, call)
		}
	}
	return f.porter.FlushUses(f.ctx)
}

// limit gives a key allowed addresses, which it was used from before, and has requests from two others refused.
func (f *filler) limit(key token.Token) error {
	f.now = f.end.Add(-2 * time.Hour)
	ada, err := f.actor(Ada)
	if err != nil {
		return err
	}
	_, id, err := token.Parse(key.Reveal())
	if err != nil {
		return err
	}
	form := keyporter.AddressForm{Text: "198.51.100.0/24 2001:db8:85a3::/48"}
	if err := f.porter.ChangeAddresses(f.ctx, ada, f.subscription, id.String(), form); err != nil {
		return err
	}
	for _, c := range []struct {
		address, agent string
		ago            time.Duration
	}{{"203.0.113.24", "curl/8.5.0", 100 * time.Minute}, {"192.0.2.80", "warehouse-export/4.3", 8 * time.Minute}} {
		f.now = f.end.Add(-c.ago)
		if v := f.porter.Judge(f.ctx, callFrom(c.address, c.agent, key)); v.Code != keyporter.AddressNotAllowed {
			return fmt.Errorf("a request from an address that is not allowed gets %q", v.Code)
		}
	}
	return f.porter.FlushUses(f.ctx)
}
