package console

import (
	"net/netip"

	"keyporter/internal/keyporter"
	"keyporter/web/page"
)

// addressText returns an address as pages show it; "" if it is not known.
func addressText(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.String()
}

func addressTexts(all []netip.Addr) []string {
	texts := make([]string, len(all))
	for i, address := range all {
		texts[i] = addressText(address)
	}
	return texts
}

// setClients sets who used a key, and who was refused. The first row of an address that is refused offers to allow it.
func setClients(view *page.KeyView, clients keyporter.KeyClients, allowed *keyporter.Addresses) {
	offered := map[netip.Addr]bool{{}: true} // nothing can be allowed that is not known
	rows := func(all []keyporter.Client) []page.ClientRow {
		rows := make([]page.ClientRow, len(all))
		for i, c := range all {
			rows[i] = page.ClientRow{
				Address: addressText(c.Address), Agent: c.Agent, First: c.First, Last: c.Last, Requests: c.Requests,
				Allowed: allowed.Contains(c.Address),
			}
			rows[i].CanAllow = !rows[i].Allowed && !offered[c.Address]
			offered[c.Address] = true
		}
		return rows
	}
	view.Refused = rows(clients.Refused)
	view.Admitted = rows(clients.Admitted)
}
