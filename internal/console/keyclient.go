package console

import (
	"net/netip"
)

// addressTexts returns addresses as pages show them; "" for one that is not known.
func addressTexts(all []netip.Addr) []string {
	texts := make([]string, len(all))
	for i, address := range all {
		if address.IsValid() {
			texts[i] = address.String()
		}
	}
	return texts
}
