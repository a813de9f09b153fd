package exclude

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

// merge sorts ranges and drops those that are within another one. Two CIDR blocks overlap only if one contains the
// other.
func merge(ranges []addressRange) []addressRange {
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

// contains reports whether an address is in any of the ranges, which are sorted and do not overlap.
func contains(ranges []addressRange, address netip.Addr) bool {
	i, found := slices.BinarySearchFunc(ranges, address, func(r addressRange, a netip.Addr) int {
		return r.first.Compare(a)
	})
	return found || i > 0 && !ranges[i-1].last.Less(address)
}
