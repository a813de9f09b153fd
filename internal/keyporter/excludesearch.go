package keyporter

import (
	"math/bits"
	"slices"
)

// A textSearch is what is known of one text while it is searched for patterns.
type textSearch struct {
	*textIndex
	words   int             // how many words of 64 bits a text's positions take
	found   []foundPiece    // by piece
	present []int32         // the pieces that the text holds
	longest []int32         // by length: the first of the pieces of this length, in a list; 0 for none
	ends    []uint64        // for each present piece a bit for each byte of the text: whether the piece ends with it
	starts  []sequenceStart // which the text begins with

	steps int // how much work was done so far, for tests: see docs/decisions/exclude-list.md
}

// A foundPiece is where a piece stands in the text. It is zero for a piece that is not there.
type foundPiece struct {
	after    int32 // the position of its last occurrence, plus 1
	first    int32 // the end of its first occurrence
	bits     int32 // its index in ends, plus 1
	sameSize int32 // the next piece in the list of its length
}

type sequenceStart struct {
	sequence int32
	length   int
}

// find reports whether any pattern describes the text.
func (s *textSearch) find(text string) bool {
	s.steps += 2 * len(text)
	if s.beginnings.walk(text, fromLeft, s.begin) {
		return true
	}
	if s.textIndex.ends.walk(text, fromRight, func(id int32, length int) { s.mark(id, len(text)-length) }) {
		return true
	}
	if len(s.pieces.label) > 1 {
		if s.scan(text) {
			return true
		}
		s.locate(len(text))
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

func (s *textSearch) begin(sequence int32, length int) {
	s.starts = append(s.starts, sequenceStart{sequence, length})
}

// mark notes the last occurrence of a piece.
func (s *textSearch) mark(piece int32, position int) {
	s.found[piece].after = int32(position) + 1
	s.present = append(s.present, piece)
}

// scan goes through the text once, and notes for each position the longest piece that ends there, and which pieces
// there are. It reports whether one of them alone is enough.
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
		if s.pieces.open[piece] {
			return true
		}
		for p := piece; p != 0 && s.found[p].bits == 0; p = s.pieces.shorter[p] {
			s.add(p)
		}
		s.ends[s.at(piece)+i/64] |= 1 << (i % 64)
	}
	return false
}

// at returns the index of a piece's first word.
func (s *textSearch) at(piece int32) int { return int(s.found[piece].bits - 1) }

// add takes a piece among those that are present.
func (s *textSearch) add(piece int32) {
	s.steps++
	length := int(s.pieces.length[piece])
	if length >= len(s.longest) {
		s.longest = append(s.longest, make([]int32, length+1-len(s.longest))...)
	}
	s.found[piece] = foundPiece{bits: int32(len(s.ends)) + 1, sameSize: s.longest[length]}
	s.longest[length] = piece
	n := len(s.ends)
	s.ends = slices.Grow(s.ends, s.words)[:n+s.words]
	clear(s.ends[n:])
}

// locate completes the positions of all pieces, the longest first: where a piece ends, the shorter one with which
// it ends does so, too.
func (s *textSearch) locate(length int) {
	for size := len(s.longest) - 1; size > 0; size-- {
		for piece := s.longest[size]; piece != 0; piece = s.found[piece].sameSize {
			ends := s.ends[s.at(piece):][:s.words]
			s.mark(piece, lastBit(ends)+1-size)
			s.found[piece].first = int32(firstBit(ends, 0)) + 1
			s.steps += s.words
			if shorter := s.pieces.shorter[piece]; shorter != 0 {
				for i, word := range s.ends[s.at(shorter):][:s.words] {
					s.ends[s.at(shorter)+i] = word | ends[i]
				}
			}
		}
	}
}

func lastBit(words []uint64) int {
	for i, word := range slices.Backward(words) {
		if word != 0 {
			return i*64 + 63 - bits.LeadingZeros64(word)
		}
	}
	return -1
}

// endOf returns the end of the first occurrence of a piece that begins at from or later. There is one.
func (s *textSearch) endOf(piece int32, from int) int {
	found := &s.found[piece]
	end := from + int(s.pieces.length[piece])
	if int(found.first) >= end {
		return int(found.first)
	}
	return firstBit(s.ends[found.bits-1:][:s.words], end-1) + 1
}

// firstBit returns the position of the first bit from a position on. There is one.
func firstBit(words []uint64, from int) int {
	i := from / 64
	word := words[i] >> (from % 64) << (from % 64)
	for word == 0 {
		i++
		word = words[i]
	}
	return i*64 + bits.TrailingZeros64(word)
}

// scarce is how many entries of a list are looked at in the time in which one is searched for.
const scarce = 16

// follow reports whether a pattern that begins with the pieces of a sequence describes the text, whose first bytes
// those take. To take the first occurrence of each piece is enough: it leaves the rest as much as any other does.
func (s *textSearch) follow(id int32, from int) bool {
	sequence := &s.sequences[id]
	return s.isLast(sequence.last, from) || s.isNext(sequence.next, from)
}

func (s *textSearch) isLast(last []int32, from int) bool {
	if len(last) <= scarce*len(s.present) {
		s.steps += len(last)
		for _, piece := range last {
			if int(s.found[piece].after) > from {
				return true
			}
		}
		return false
	}
	s.steps += scarce * len(s.present)
	for _, piece := range s.present {
		if int(s.found[piece].after) > from {
			if _, found := slices.BinarySearch(last, piece); found {
				return true
			}
		}
	}
	return false
}

func (s *textSearch) isNext(next []sequenceStep, from int) bool {
	if len(next) <= scarce*len(s.present) {
		s.steps += len(next)
		for _, step := range next {
			if int(s.found[step.piece].after) > from && s.step(step, from) {
				return true
			}
		}
		return false
	}
	s.steps += scarce * len(s.present)
	for _, piece := range s.present {
		if int(s.found[piece].after) <= from {
			continue
		}
		i, found := slices.BinarySearchFunc(next, piece, comparePiece)
		if found && s.step(next[i], from) {
			return true
		}
	}
	return false
}

func comparePiece(step sequenceStep, piece int32) int { return int(step.piece - piece) }

// step goes on behind a piece that stands at from or later.
func (s *textSearch) step(step sequenceStep, from int) bool {
	if step.to >= 0 {
		return s.follow(step.to, s.endOf(step.piece, from))
	}
	n := s.tails[^step.to]
	tail := s.tails[^step.to+1:][:n]
	piece := step.piece
	for _, next := range tail {
		s.steps++
		if int(s.found[tail[n-1]].after) <= from {
			return false
		}
		from = s.endOf(piece, from)
		if int(s.found[next].after) <= from {
			return false
		}
		piece = next
	}
	return true
}

// reset forgets the text.
func (s *textSearch) reset() {
	for size := range s.longest {
		for piece := s.longest[size]; piece != 0; {
			next := s.found[piece].sameSize
			s.found[piece] = foundPiece{}
			piece = next
		}
	}
	for _, piece := range s.present {
		s.found[piece] = foundPiece{}
	}
	s.present, s.ends, s.starts, s.longest, s.steps = s.present[:0], s.ends[:0], s.starts[:0], s.longest[:0], 0
}
