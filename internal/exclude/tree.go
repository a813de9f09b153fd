package exclude

import "strings"

// A side is where a tree begins to read.
type side bool

const (
	fromLeft  side = false
	fromRight side = true
)

// A node is a piece of text in a radix tree. A tree reads from the left, for the beginnings of patterns, or from the
// right, for their ends.
type node struct {
	label    string
	firsts   string // the first character of each child's label, as the tree reads; all differ
	children []*node
	exact    bool  // a text that ends here matches
	wild     bool  // every text that leads here matches, whatever follows
	id       int32 // the sequences that begin with this piece, or the piece that ends patterns; 0 for none
}

// insert returns the node for a piece, and creates it if it does not exist.
func (n *node) insert(piece string, from side) *node {
	for piece != "" {
		i := strings.IndexByte(n.firsts, from.first(piece))
		if i < 0 {
			child := &node{label: piece}
			n.firsts += string([]byte{from.first(piece)})
			n.children = append(n.children, child)
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

// split returns a new node for the first characters of n's label. Its only child is n, with the rest of the label.
func (n *node) split(at int, from side) *node {
	label, rest := from.cut(n.label, at)
	n.label = rest
	return &node{label: label, firsts: string([]byte{from.first(rest)}), children: []*node{n}}
}

// walk follows a text through the tree and reports whether it matches a pattern on its way. It calls visit with the ID
// of each node that has one, and with the length of the text up to that node. It compares each byte of the text once
// at most.
func (n *node) walk(text string, from side, visit func(id int32, length int)) bool {
	rest := text
	for {
		if n.wild {
			return true
		}
		if n.id != 0 {
			visit(n.id, len(text)-len(rest))
		}
		if rest == "" {
			return n.exact
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

// cut returns the n characters at the side, and the rest.
func (s side) cut(text string, n int) (piece, rest string) {
	if s == fromRight {
		return text[len(text)-n:], text[:len(text)-n]
	}
	return text[:n], text[n:]
}

// common returns how many characters two texts have in common at the side.
func (s side) common(a, b string) int {
	n := 0
	for a != "" && b != "" && s.first(a) == s.first(b) {
		_, a = s.cut(a, 1)
		_, b = s.cut(b, 1)
		n++
	}
	return n
}
