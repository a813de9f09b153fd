package exclude

import (
	"maps"
	"slices"
	"strings"
)

// A textIndex answers whether a text matches any of many patterns. A pattern is a sequence of pieces between wildcards.
// Patterns of one piece (text, text*, *text, *text*) are found by walking two trees and an automaton. The others are in
// a tree of sequences, where patterns that begin with the same pieces share a path.
// docs/decisions/exclude-list.md says how many steps this takes.
type textIndex struct {
	beginnings, ends node
	pieces           pieceAutomaton // those with a wildcard on both sides
	sequences        []sequence     // 0 is that of the patterns that begin with a wildcard
	tails            []int32        // see sequenceStep
	ids              int            // of pieces: those of the automaton, and then those that end a pattern
	pool             chan *textSearch
}

// maxPooled is how many searches' memory is kept for later ones.
const maxPooled = 2

func newTextIndex(patterns []string) *textIndex {
	x := &textIndex{sequences: make([]sequence, 1), pool: make(chan *textSearch, maxPooled)}
	var several [][]string
	inner, sufficient := map[string]bool{}, map[string]bool{} // inner has all pieces of the automaton
	for _, pattern := range patterns {
		pieces := strings.Split(pattern, "*")
		between := pieces[1:max(1, len(pieces)-1)]
		switch {
		case x.addSingle(pieces):
		case len(pieces) == 3 && pieces[0]+pieces[2] == "":
			sufficient[pieces[1]] = true
		default:
			several = append(several, pieces)
		}
		for i, piece := range between {
			follows := i > 0 || pieces[0] != ""
			inner[piece] = inner[piece] || follows && (i+1 < len(between) || pieces[len(pieces)-1] != "")
		}
	}
	all := slices.Sorted(maps.Keys(inner))
	x.pieces = newPieceAutomaton(all, inner, sufficient)
	x.ids = len(all) + 1
	b := sequenceBuilder{x: x, pieces: map[string]int32{}, rows: map[int32][][]int32{}}
	for i, piece := range all {
		b.pieces[piece] = int32(i + 1)
	}
	for _, pieces := range several {
		b.add(pieces)
	}
	b.finish()
	return x
}

// addSingle adds a pattern without a wildcard, or with one at its beginning or its end.
func (x *textIndex) addSingle(pieces []string) bool {
	switch {
	case len(pieces) == 1:
		x.beginnings.insert(pieces[0], fromLeft).exact = true
	case len(pieces) == 2 && pieces[1] == "":
		x.beginnings.insert(pieces[0], fromLeft).wild = true
	case len(pieces) == 2 && pieces[0] == "":
		x.ends.insert(pieces[1], fromRight).wild = true
	default:
		return false
	}
	return true
}

// matches reports whether any pattern matches the text. None matches the empty text.
func (x *textIndex) matches(text string) bool {
	if x == nil || text == "" {
		return false
	}
	s := x.acquire()
	found := s.matches(text)
	x.release(s)
	return found
}

// countSteps returns how many steps matches takes for a text.
func (x *textIndex) countSteps(text string) int {
	if x == nil || text == "" {
		return 0
	}
	s := x.acquire()
	defer x.release(s)
	s.matches(text)
	return s.steps
}

func (x *textIndex) acquire() *textSearch {
	select {
	case s := <-x.pool:
		return s
	default:
		return &textSearch{textIndex: x, found: make([]foundPiece, x.ids)}
	}
}

func (x *textIndex) release(s *textSearch) {
	s.reset()
	select {
	case x.pool <- s:
	default:
	}
}
