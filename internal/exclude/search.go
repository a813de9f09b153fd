package exclude

import (
	"math/bits"
	"slices"
)

// A textSearch is what is known of one text while patterns are searched for that match it.
type textSearch struct {
	*textIndex
	words    int             // how many words of 64 bits have a bit for each byte of the text
	found    []foundPiece    // by piece
	present  []int32         // the pieces that the text contains
	longest  []pieceEnd      // in order: where a piece ends, the longest one
	bySize   []int32         // by length: the first present inner piece of this length, in a linked list; 0 for none
	innerEnd []uint64        // for each present inner piece a bit for each byte of the text: whether it ends there
	starts   []sequenceStart // with which the text begins

	steps int // how much work was done so far: see docs/decisions/exclude-list.md
}

type pieceEnd struct{ piece, end int32 }

// A foundPiece is where the text contains a piece. It is zero for a piece that the text does not contain.
type foundPiece struct {
	after    int32 // the position of its last occurrence, plus 1
	first    int32 // the end of its first occurrence
	bits     int32 // its index in innerEnd, plus 1; 0 for a piece that is not inner
	sameSize int32 // the next piece in the list of its length
}

type sequenceStart struct {
	sequence int32
	length   int
}

// matches reports whether any pattern matches the text.
func (s *textSearch) matches(text string) bool {
	s.steps += 2 * len(text)
	if s.beginnings.walk(text, fromLeft, s.addStart) {
		return true
	}
	if s.ends.walk(text, fromRight, func(id int32, length int) { s.addEnd(id, len(text)-length) }) {
		return true
	}
	if len(s.pieces.label) > 1 {
		if s.scan(text) {
			return true
		}
		s.locate()
	}
	if len(s.present) == 0 {
		return false
	}
	if s.follow(0, 0) {
		return true
	}
	for _, start := range s.starts {
		if s.follow(start.sequence, start.length) {
			return true
		}
	}
	return false
}

// addStart records patterns with whose first piece the text begins.
func (s *textSearch) addStart(sequence int32, length int) {
	s.starts = append(s.starts, sequenceStart{sequence, length})
}

// addEnd records a piece that ends patterns, and with which the text ends.
func (s *textSearch) addEnd(piece int32, position int) {
	s.found[piece].after = int32(position) + 1
	s.present = append(s.present, piece)
}

// scan reads the text once. For each position it records the longest piece that ends there, and for each piece whether
// it is present and where it ends first. It reports whether one of them is sufficient.
func (s *textSearch) scan(text string) bool {
	s.words = (len(text) + 63) / 64
	s.steps += 2 * len(text)
	state := int32(0)
	for i := range len(text) {
		state = s.pieces.next(state, text[i])
		piece := s.pieces.piece[state]
		if piece == 0 {
			continue
		}
		if s.pieces.sufficient[piece] {
			return true
		}
		s.longest = append(s.longest, pieceEnd{piece, int32(i) + 1})
		for p := piece; p != 0 && s.found[p].first == 0; p = s.pieces.shorter[p] {
			s.addPiece(p, int32(i)+1)
		}
		if p := s.pieces.longestInner(piece); p != 0 {
			s.innerEnd[s.bitsOf(p)+i/64] |= 1 << (i % 64)
		}
	}
	return false
}

// bitsOf returns the index in innerEnd of an inner piece.
func (s *textSearch) bitsOf(piece int32) int { return int(s.found[piece].bits - 1) }

// addPiece records a piece with the end of its first occurrence.
func (s *textSearch) addPiece(piece, end int32) {
	s.steps++
	s.present = append(s.present, piece)
	s.found[piece] = foundPiece{first: end}
	if s.pieces.inner[piece] {
		s.addInner(piece)
	}
}

func (s *textSearch) addInner(piece int32) {
	length := int(s.pieces.length[piece])
	if length >= len(s.bySize) {
		s.bySize = append(s.bySize, make([]int32, length+1-len(s.bySize))...)
	}
	n := len(s.innerEnd)
	s.found[piece].bits, s.found[piece].sameSize = int32(n)+1, s.bySize[length]
	s.bySize[length] = piece
	s.innerEnd = slices.Grow(s.innerEnd, s.words)[:n+s.words]
	clear(s.innerEnd[n:])
}

// locate finds the last positions of all pieces, from the end of the text. It completes the positions of inner pieces,
// the longest first: where a piece ends, the shorter one with which it ends does so, too.
func (s *textSearch) locate() {
	s.steps += len(s.longest)
	for _, at := range slices.Backward(s.longest) {
		for p := at.piece; p != 0 && s.found[p].after == 0; p = s.pieces.shorter[p] {
			s.steps++
			s.found[p].after = at.end + 1 - s.pieces.length[p]
		}
	}
	for size := len(s.bySize) - 1; size > 0; size-- {
		for piece := s.bySize[size]; piece != 0; piece = s.found[piece].sameSize {
			s.propagate(piece)
		}
	}
}

// propagate adds the positions of an inner piece to those of the next shorter inner piece with which it ends.
func (s *textSearch) propagate(piece int32) {
	shorter := s.pieces.shorterInner[piece]
	if shorter == 0 {
		return
	}
	s.steps += s.words
	ends, to := s.innerEnd[s.bitsOf(piece):][:s.words], s.innerEnd[s.bitsOf(shorter):][:s.words]
	for i, word := range ends {
		to[i] |= word
	}
}

// endOf returns the end of the first occurrence of an inner piece that begins at from or later. The caller knows that
// there is one.
func (s *textSearch) endOf(piece int32, from int) int {
	found := &s.found[piece]
	end := from + int(s.pieces.length[piece])
	if int(found.first) >= end {
		return int(found.first)
	}
	return firstBit(s.innerEnd[found.bits-1:][:s.words], end-1) + 1
}

// firstBit returns the position of the first bit that is set from a position on. There must be one.
func firstBit(words []uint64, from int) int {
	i := from / 64
	word := words[i] >> (from % 64) << (from % 64)
	for word == 0 {
		i++
		word = words[i]
	}
	return i*64 + bits.TrailingZeros64(word)
}

// reset forgets the text.
func (s *textSearch) reset() {
	for _, piece := range s.present {
		s.found[piece] = foundPiece{}
	}
	clear(s.bySize)
	s.present, s.innerEnd, s.starts, s.longest = s.present[:0], s.innerEnd[:0], s.starts[:0], s.longest[:0]
	s.steps = 0
}
