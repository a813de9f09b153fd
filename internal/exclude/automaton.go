package exclude

import "bytes"

// A pieceAutomaton finds all of many pieces in a text in one pass (Aho and Corasick, 1975). Its states are numbered
// breadth first, so that the children of a state are adjacent: it takes at most 13 bytes for each byte of the pieces.
// Pieces are numbered from 1.
type pieceAutomaton struct {
	first []int32    // the children of state s are first[s] up to first[s+1]
	label []byte     // the byte that leads to a state
	fail  []int32    // the state of the longest proper suffix of a state's text
	piece []int32    // the longest piece with which a state's text ends; 0 for none
	root  [256]int32 // the children of state 0

	length       []int32 // of a piece
	shorter      []int32 // the longest other piece with which a piece ends; 0 for none
	sufficient   []bool  // whether every text that contains the piece matches
	inner        []bool  // whether some pattern has other pieces before and after it, so that all its positions matter
	shorterInner []int32 // the longest other inner piece with which a piece ends; 0 for none
}

// newPieceAutomaton takes distinct, sorted pieces that are not empty. Piece i gets the number i+1.
func newPieceAutomaton(pieces []string, inner, sufficient map[string]bool) pieceAutomaton {
	n := len(pieces) + 1
	a := pieceAutomaton{
		length: make([]int32, n), shorter: make([]int32, n), shorterInner: make([]int32, n),
		sufficient: make([]bool, n), inner: make([]bool, n),
	}
	for i, piece := range pieces {
		a.length[i+1], a.sufficient[i+1], a.inner[i+1] = int32(len(piece)), sufficient[piece], inner[piece]
	}
	spans := []pieceSpan{{0, int32(len(pieces)), 0}} // of each state
	a.label, a.fail, a.piece = []byte{0}, []int32{0}, []int32{0}
	for s := int32(0); int(s) < len(spans); s++ {
		a.first = append(a.first, int32(len(a.label)))
		span := spans[s]
		spans = a.addChildren(s, a.endPiece(s, span, pieces), pieces, spans)
	}
	a.first = append(a.first, int32(len(a.label)))
	return a
}

// A pieceSpan is the pieces that begin with a state's text, which has the given length.
type pieceSpan struct{ from, to, length int32 }

// endPiece records the pieces with which the text of a state ends, and returns the pieces that go on from there.
func (a *pieceAutomaton) endPiece(s int32, span pieceSpan, pieces []string) pieceSpan {
	a.piece[s] = a.piece[a.fail[s]]
	if s != 0 && len(pieces[span.from]) == int(span.length) {
		p := span.from + 1
		a.shorter[p] = a.piece[s]
		a.shorterInner[p] = a.longestInner(a.shorter[p])
		a.sufficient[p] = a.sufficient[p] || a.sufficient[a.shorter[p]]
		a.piece[s] = p
		span.from++
	}
	return span
}

// longestInner returns the longest inner piece with which a piece ends, which can be the piece itself.
func (a *pieceAutomaton) longestInner(p int32) int32 {
	if a.inner[p] {
		return p
	}
	return a.shorterInner[p]
}

func (a *pieceAutomaton) addChildren(s int32, span pieceSpan, pieces []string, spans []pieceSpan) []pieceSpan {
	for span.from < span.to {
		c, to := pieces[span.from][span.length], span.from
		for to < span.to && pieces[to][span.length] == c {
			to++
		}
		child := int32(len(a.label))
		fail := int32(0)
		if s == 0 {
			a.root[c] = child
		} else {
			fail = a.next(a.fail[s], c)
		}
		a.label, a.fail, a.piece = append(a.label, c), append(a.fail, fail), append(a.piece, 0)
		spans = append(spans, pieceSpan{span.from, to, span.length + 1})
		span.from = to
	}
	return spans
}

// next returns the state after state s for a byte. Over a whole text it goes back at most as often as it goes on.
func (a *pieceAutomaton) next(s int32, c byte) int32 {
	for s != 0 {
		from, to := a.first[s], a.first[s+1]
		if from < to {
			if a.label[from] == c {
				return from
			}
			if i := bytes.IndexByte(a.label[from:to], c); i >= 0 {
				return from + int32(i)
			}
		}
		s = a.fail[s]
	}
	return a.root[c]
}
