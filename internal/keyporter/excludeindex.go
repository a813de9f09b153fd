package keyporter

import (
	"net/netip"
	"slices"
	"strings"
)

// A textIndex answers whether a text matches any of many patterns, in a time that goes by the text's length. Each pattern
// stands in one of three trees, at its longest piece between wildcards: those that begin with the piece, those that
// end with it, and those that hold it. Where more has to match than that piece, the pattern is tried in full; only many
// patterns with the same longest piece are tried one by one.
type textIndex struct {
	beginnings, ends, insides node
	any, anyEnd, anyInside    bool
}

func (x *textIndex) empty() bool { return !x.any }

func (x *textIndex) add(pattern string) {
	x.any = true
	pieces := strings.Split(pattern, "*")
	last := len(pieces) - 1
	if last == 0 {
		x.beginnings.place(pattern, fromLeft).whole = true
		return
	}
	longest := 0
	for i, piece := range pieces {
		if len(piece) > len(pieces[longest]) {
			longest = i
		}
	}
	var at *node
	switch longest {
	case 0:
		at = x.beginnings.place(pieces[0], fromLeft)
	case last:
		x.anyEnd = true
		at = x.ends.place(pieces[last], fromRight)
	default:
		x.anyInside = true
		at = x.insides.place(pieces[longest], fromLeft)
	}
	if len(pieces[longest])+last == len(pattern) {
		at.open = true // beside the piece there is nothing but wildcards
	} else {
		at.more = append(at.more, pattern)
	}
}

// matches reports whether any pattern describes the text; none describes the empty one.
func (x *textIndex) matches(text string) bool {
	if text == "" || !x.any {
		return false
	}
	if x.beginnings.find(text, text, fromLeft) || x.anyEnd && x.ends.find(text, text, fromRight) {
		return true
	}
	if x.anyInside {
		for i := range len(text) {
			if x.insides.find(text[i:], text, fromLeft) {
				return true
			}
		}
	}
	return false
}

// A side is where a tree begins to read.
type side bool

const (
	fromLeft  side = false
	fromRight side = true
)

// A node is a piece of text in a tree, with what goes on from there. It is reached by its label, and each child by another
// first character.
type node struct {
	label    string
	firsts   string // the first character of each child's label, seen from the tree's side
	children []*node
	whole    bool     // a text that ends here matches
	open     bool     // a text that comes by here matches
	more     []string // patterns that a text that comes by here may match
}

// place returns the node for a piece, made if it is not there.
func (n *node) place(piece string, from side) *node {
	for piece != "" {
		i := strings.IndexByte(n.firsts, from.first(piece))
		if i < 0 {
			child := &node{label: piece}
			n.firsts, n.children = n.firsts+string([]byte{from.first(piece)}), append(n.children, child)
			return child
		}
		child := n.children[i]
		common := from.common(child.label, piece)
		if common < len(child.label) {
			child = child.split(common, from)
			n.children[i] = child
		}
		_, piece = from.cut(piece, common)
		n = child
	}
	return n
}

// split returns a node for the first characters of n's label, which has n, with the rest of its label, as its only child.
func (n *node) split(at int, from side) *node {
	label, rest := from.cut(n.label, at)
	n.label = rest
	return &node{label: label, firsts: string([]byte{from.first(rest)}), children: []*node{n}}
}

// find follows rest through the tree and reports whether a pattern on its way matches: whole is the text to try those on.
func (n *node) find(rest, whole string, from side) bool {
	for {
		if n.open {
			return true
		}
		for _, pattern := range n.more {
			if glob(pattern, whole) {
				return true
			}
		}
		if rest == "" {
			return n.whole
		}
		i := strings.IndexByte(n.firsts, from.first(rest))
		if i < 0 {
			return false
		}
		n = n.children[i]
		if len(rest) < len(n.label) {
			return false
		}
		var piece string
		if piece, rest = from.cut(rest, len(n.label)); piece != n.label {
			return false
		}
	}
}

// first returns the character at the side of a text that is not empty.
func (s side) first(text string) byte {
	if s == fromRight {
		return text[len(text)-1]
	}
	return text[0]
}

// cut returns the n characters at the side, and the others.
func (s side) cut(text string, n int) (piece, rest string) {
	if s == fromRight {
		return text[len(text)-n:], text[:len(text)-n]
	}
	return text[:n], text[n:]
}

// common returns how many characters two texts share at the side.
func (s side) common(a, b string) int {
	n := 0
	for a != "" && b != "" && s.first(a) == s.first(b) {
		_, a = s.cut(a, 1)
		_, b = s.cut(b, 1)
		n++
	}
	return n
}

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
