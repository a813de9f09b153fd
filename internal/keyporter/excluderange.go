package keyporter

import (
	"net/netip"
	"slices"
)

// An addressRange is all addresses of one family from first to last.
type addressRange struct{ first, last netip.Addr }

func rangeOf(block netip.Prefix) addressRange {
	first := block.Masked().Addr()
	last := first.AsSlice()
	for bit := block.Bits(); bit < first.BitLen(); bit++ {
		last[bit/8] |= 1 << (7 - bit%8)
	}
	end, _ := netip.AddrFromSlice(last)
	return addressRange{first, end}
}

// merged returns the ranges in order, without those that lie in another. Blocks of a CIDR lie in each other or apart.
func merged(ranges []addressRange) []addressRange {
	slices.SortFunc(ranges, func(a, b addressRange) int {
		if c := a.first.Compare(b.first); c != 0 {
			return c
		}
		return b.last.Compare(a.last)
	})
	var kept []addressRange
	for _, r := range ranges {
		if n := len(kept); n == 0 || kept[n-1].last.Less(r.first) {
			kept = append(kept, r)
		}
	}
	return kept
}

// inside reports whether an address lies in any of the ranges, which are in order and apart.
func inside(ranges []addressRange, address netip.Addr) bool {
	i, found := slices.BinarySearchFunc(ranges, address, func(r addressRange, a netip.Addr) int { return r.first.Compare(a) })
	return found || i > 0 && !ranges[i-1].last.Less(address)
}
