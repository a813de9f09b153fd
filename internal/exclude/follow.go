package exclude

import "slices"

// lookupCost is how many entries of a list are compared in the time of one binary search.
const lookupCost = 16

// follow reports whether a pattern that begins with the pieces of a sequence matches the text, of which those pieces
// take the bytes before from. It is enough to try the first occurrence of each piece: no other one leaves more text for
// the rest.
func (s *textSearch) follow(id int32, from int) bool {
	sequence := &s.sequences[id]
	return s.matchesLast(sequence.last, from) || s.matchesNext(sequence.next, from)
}

// matchesLast reports whether the text contains any of the pieces at from or later.
func (s *textSearch) matchesLast(last []int32, from int) bool {
	if len(last) <= lookupCost*len(s.present) {
		s.steps += len(last)
		for _, piece := range last {
			if int(s.found[piece].after) > from {
				return true
			}
		}
		return false
	}
	s.steps += lookupCost * len(s.present)
	for _, piece := range s.present {
		if int(s.found[piece].after) > from {
			if _, found := slices.BinarySearch(last, piece); found {
				return true
			}
		}
	}
	return false
}

// matchesNext reports whether the text matches after any of the steps, whose pieces it has to contain at from or later.
func (s *textSearch) matchesNext(next []sequenceStep, from int) bool {
	if len(next) <= lookupCost*len(s.present) {
		s.steps += len(next)
		for _, step := range next {
			if int(s.found[step.piece].after) > from && s.matchesStep(step, from) {
				return true
			}
		}
		return false
	}
	s.steps += lookupCost * len(s.present)
	for _, piece := range s.present {
		if int(s.found[piece].after) <= from {
			continue
		}
		i, found := slices.BinarySearchFunc(next, piece, comparePiece)
		if found && s.matchesStep(next[i], from) {
			return true
		}
	}
	return false
}

func comparePiece(step sequenceStep, piece int32) int { return int(step.piece - piece) }

// matchesStep reports whether the text matches after a step, whose piece it contains at from or later.
func (s *textSearch) matchesStep(step sequenceStep, from int) bool {
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
