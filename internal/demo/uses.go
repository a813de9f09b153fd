package demo

import (
	"fmt"
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
		address := fmt.Sprintf("198.51.100.%d", 1+f.random.IntN(30))
		call := keyporter.Call{Method: "GET", Path: "/", Address: address}
		call.IntegrationKey = []string{key.token.Reveal()}
		if v := f.porter.Judge(f.ctx, call); !v.OK() {
			return fmt.Errorf("an integration key of the demo is refused: %s", v.Code)
		}
	}
	return f.useOften(f.keys[len(f.keys)-1].token)
}

// useOften uses a key on ninety days, which its page shows, with a few requests that are refused because they write.
func (f *filler) useOften(key token.Token) error {
	for hours := 90 * 24; hours >= 0; hours-- {
		f.now = f.end.Add(-time.Duration(hours)*time.Hour - 3*time.Minute)
		if night := f.now.Hour() < 5; night {
			continue
		}
		for range 1 + f.random.IntN(12) {
			call := keyporter.Call{Method: "GET", Path: "/", Address: "198.51.100.17", Agent: "warehouse-export/4.2"}
			if f.random.IntN(40) == 0 {
				call.Method = "POST"
			}
			call.IntegrationKey = []string{key.Reveal()}
			f.porter.Judge(f.ctx, call)
		}
	}
	return f.porter.FlushUses(f.ctx)
}
