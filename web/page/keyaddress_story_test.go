package page_test

import (
	"fmt"
	"strings"
	"time"

	"keyporter/web/layout"
	"keyporter/web/page"
	"keyporter/web/part"
)

func addressStories() []story {
	frame := keysFrame(layout.Link{Text: "Allowed addresses"})
	view := page.AddressesView{
		Settings: home, ID: "4fT9aQ0bZ7Lm", Description: "Nightly warehouse export", Version: "0123456789abcdef",
		Typed: "192.0.2.0/24\n2001:db8:85a3::8a2e:370:7334", KnowsMine: true,
		Recent: []string{"192.0.2.7", "10.0.4.17", ""},
	}
	failed, leavesOut := view, view
	failed.Description, failed.Typed = joined, "192.0.2.0/24\n"+arabic
	failed.Errors = part.Errors{
		"allowed_addresses": "Line 2: “" + arabic + "” is no address or block.\n" +
			"Line 3: “x” is no address or block.",
	}
	leavesOut.LeftOut = append(strings.Fields("10.0.4.1 10.0.4.2 10.0.4.3 10.0.4.4 10.0.4.5 10.0.4.6"), "")
	return []story{
		{"key-addresses", page.Addresses(frame, view)},
		{"key-addresses-error", page.Addresses(frame, failed)},
		{"key-addresses-left-out", page.Addresses(frame, leavesOut)},
	}
}

// limit gives a key allowed addresses, and clients within them and without.
func limit(key *page.KeyView) {
	key.Addresses = []string{"192.0.2.0/24", "198.51.100.7", "2001:db8:85a3:1111:2222:8a2e:370:7334"}
	key.AddressVersion = "0123456789abcdef"
	key.Admitted = []page.ClientRow{
		{
			Address: "192.0.2.7", Agent: "warehouse-export/4.2", Requests: 12408, Allowed: true,
			First: ago(260 * time.Hour), Last: ago(3 * time.Minute),
		},
		{
			Address: "10.0.4.17", Agent: joined, Requests: 1, CanAllow: true,
			First: ago(60 * time.Hour), Last: ago(50 * time.Hour),
		},
		{Requests: 3, First: ago(60 * time.Hour), Last: ago(60 * time.Hour)},
	}
	for i := range 12 {
		key.Refused = append(key.Refused, page.ClientRow{
			Address: fmt.Sprintf("203.0.113.%d", i), Agent: "curl/8.5.0", Requests: int64(i*i + 1),
			First: ago(time.Hour), Last: ago(time.Duration(i) * time.Hour), Allowed: i == 2, CanAllow: i != 2,
		})
	}
	key.LeftOut = []string{"10.0.4.17", "2001:db8:85a3::8a2e:370:7334", ""}
}
