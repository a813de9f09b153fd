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
	longest []pieceEnd      // in order: where a piece ends, the longest one
	middle  []int32         // by length: the first of the pieces of the middle of this length, in a list; 0 for none
	ends    []uint64        // for each present piece of the middle a bit for each byte of the text: whether it ends there
	starts  []sequenceStart // which the text begins with

	steps int // how much work was done so far, for tests: see docs/decisions/exclude-list.md
}

type pieceEnd struct{ piece, end int32 }

// A foundPiece is where a piece stands in the text. It is zero for a piece that is not there.
type foundPiece struct {
	after    int32 // the position of its last occurrence, plus 1
	first    int32 // the end of its first occurrence
	bits     int32 // its index in ends, plus 1; 0 where it is not in the middle of a pattern
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

func (s *textSearch) begin(sequence int32, length int) {
	s.starts = append(s.starts, sequenceStart{sequence, length})
}

// mark notes the last occurrence of a piece.
func (s *textSearch) mark(piece int32, position int) {
	s.found[piece].after = int32(position) + 1
	s.present = append(s.present, piece)
}

// scan goes through the text once, and notes for each position the longest piece that ends there, which pieces there
// are, and where each ends first. It reports whether one of them alone is enough.
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
		s.longest = append(s.longest, pieceEnd{piece, int32(i) + 1})
		for p := piece; p != 0 && s.found[p].first == 0; p = s.pieces.shorter[p] {
			s.add(p, int32(i)+1)
		}
		if p := s.pieces.inMiddle(piece); p != 0 {
			s.ends[s.at(p)+i/64] |= 1 << (i % 64)
		}
	}
	return false
}

// at returns the index of a piece's first word.
func (s *textSearch) at(piece int32) int { return int(s.found[piece].bits - 1) }

// add takes a piece among those that are present, with the end of its first occurrence.
func (s *textSearch) add(piece, end int32) {
	s.steps++
	s.present = append(s.present, piece)
	s.found[piece] = foundPiece{first: end}
	if s.pieces.middle[piece] {
		s.addMiddle(piece)
	}
}

func (s *textSearch) addMiddle(piece int32) {
	length := int(s.pieces.length[piece])
	if length >= len(s.middle) {
		s.middle = append(s.middle, make([]int32, length+1-len(s.middle))...)
	}
	n := len(s.ends)
	s.found[piece].bits, s.found[piece].sameSize = int32(n)+1, s.middle[length]
	s.middle[length] = piece
	s.ends = slices.Grow(s.ends, s.words)[:n+s.words]
	clear(s.ends[n:])
}

// locate finds the last positions of all pieces, from the end of the text, and completes the positions of those of the
// middle, the longest first: where a piece ends, the shorter one with which it ends does so, too.
func (s *textSearch) locate() {
	s.steps += len(s.longest)
	for _, at := range slices.Backward(s.longest) {
		for p := at.piece; p != 0 && s.found[p].after == 0; p = s.pieces.shorter[p] {
			s.steps++
			s.found[p].after = at.end + 1 - s.pieces.length[p]
		}
	}
	for size := len(s.middle) - 1; size > 0; size-- {
		for piece := s.middle[size]; piece != 0; piece = s.found[piece].sameSize {
			s.handOn(piece)
		}
	}
}

// handOn adds the positions of a piece to those of the next shorter piece of the middle with which it ends.
func (s *textSearch) handOn(piece int32) {
	shorter := s.pieces.near[piece]
	if shorter == 0 {
		return
	}
	s.steps += s.words
	ends, to := s.ends[s.at(piece):][:s.words], s.ends[s.at(shorter):][:s.words]
	for i, word := range ends {
		to[i] |= word
	}
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
	for _, piece := range s.present {
		s.found[piece] = foundPiece{}
	}
	clear(s.middle)
	s.present, s.ends, s.starts, s.longest, s.steps = s.present[:0], s.ends[:0], s.starts[:0], s.longest[:0], 0
}
