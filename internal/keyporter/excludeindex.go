package keyporter

import (
	"maps"
	"slices"
	"strings"
)

// A textIndex answers whether a text matches any of many patterns. A pattern is a sequence of pieces between
// wildcards. What is one piece alone (text, text*, *text, *text*) is found by walking two trees and an automaton.
// The others stand in a tree of sequences, where patterns that begin with the same pieces share their way.
// docs/decisions/exclude-list.md says how many steps this takes.
type textIndex struct {
	beginnings, ends node
	pieces           pieceAutomaton // that have a wildcard on both sides
	tails            []int32        // see sequenceStep
	sequences        []sequence     // 0 is that of the patterns that begin with a wildcard
	ids              int            // of pieces: those of the automaton, and then those that end a pattern
	free             chan *textSearch
}

// A sequence is the first pieces of some patterns. Both lists are in order.
type sequence struct {
	next []sequenceStep // the piece that comes next, where others follow
	last []int32        // the piece that comes next, where none follows
}

// A sequenceStep leads to the sequence at its index; or, where only one pattern goes on, to what is left of that:
// ^to is the index in tails of the number of its pieces, which stand behind it.
type sequenceStep struct{ piece, to int32 }

// freeSearches is how many searches' memory is kept for those that follow.
const freeSearches = 2

func newTextIndex(patterns []string) *textIndex {
	x := &textIndex{sequences: make([]sequence, 1), free: make(chan *textSearch, freeSearches)}
	var several [][]string
	inner, open := map[string]bool{}, map[string]bool{} // inner: whether it is in the middle of a pattern
	for _, pattern := range patterns {
		pieces := strings.Split(pattern, "*")
		between := pieces[1:max(1, len(pieces)-1)]
		switch {
		case x.addSingle(pieces):
		case len(pieces) == 3 && pieces[0]+pieces[2] == "":
			open[pieces[1]] = true
		default:
			several = append(several, pieces)
		}
		for i, piece := range between {
			follows := i > 0 || pieces[0] != ""
			inner[piece] = inner[piece] || follows && (i+1 < len(between) || pieces[len(pieces)-1] != "")
		}
	}
	all := slices.Sorted(maps.Keys(inner))
	x.pieces = newPieceAutomaton(all, inner, open)
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
		x.beginnings.place(pieces[0], fromLeft).whole = true
	case len(pieces) == 2 && pieces[1] == "":
		x.beginnings.place(pieces[0], fromLeft).open = true
	case len(pieces) == 2 && pieces[0] == "":
		x.ends.place(pieces[1], fromRight).open = true
	default:
		return false
	}
	return true
}

type sequenceBuilder struct {
	x      *textIndex
	pieces map[string]int32    // the IDs of those with a wildcard on both sides
	rows   map[int32][][]int32 // by the sequence they begin with: the IDs of the other pieces of each pattern
}

func (b *sequenceBuilder) add(pieces []string) {
	var row []int32
	for _, piece := range pieces[1 : len(pieces)-1] {
		row = append(row, b.pieces[piece])
	}
	if end := pieces[len(pieces)-1]; end != "" {
		n := b.x.ends.place(end, fromRight)
		if n.id == 0 {
			n.id = int32(b.x.ids)
			b.x.ids++
		}
		row = append(row, n.id)
	}
	first := b.first(pieces[0])
	b.rows[first] = append(b.rows[first], row)
}

// first returns the sequence of the patterns that begin with a text.
func (b *sequenceBuilder) first(beginning string) int32 {
	if beginning == "" {
		return 0
	}
	n := b.x.beginnings.place(beginning, fromLeft)
	if n.id == 0 {
		n.id = b.newSequence()
	}
	return n.id
}

func (b *sequenceBuilder) newSequence() int32 {
	b.x.sequences = append(b.x.sequences, sequence{})
	return int32(len(b.x.sequences) - 1)
}

func (b *sequenceBuilder) finish() {
	for id, rows := range b.rows {
		slices.SortFunc(rows, slices.Compare)
		b.fill(id, slices.CompactFunc(rows, slices.Equal))
	}
}

// fill puts rows, which are in order, each once, and not empty, behind a sequence.
func (b *sequenceBuilder) fill(id int32, rows [][]int32) {
	var s sequence
	for len(rows) > 0 {
		piece := rows[0][0]
		if len(rows[0]) == 1 {
			s.last = append(s.last, piece)
			rows = rows[1:]
			continue
		}
		n := 0
		for ; n < len(rows) && rows[n][0] == piece; n++ {
			rows[n] = rows[n][1:]
		}
		s.next = append(s.next, sequenceStep{piece, b.rest(rows[:n])})
		rows = rows[n:]
	}
	b.x.sequences[id] = s
}

// rest returns where a step leads.
func (b *sequenceBuilder) rest(rows [][]int32) int32 {
	if len(rows) > 1 {
		id := b.newSequence()
		b.fill(id, rows)
		return id
	}
	at := int32(len(b.x.tails))
	b.x.tails = append(append(b.x.tails, int32(len(rows[0]))), rows[0]...)
	return ^at
}

// matches reports whether any pattern describes the text; none describes the empty one.
func (x *textIndex) matches(text string) bool {
	if x == nil || text == "" {
		return false
	}
	s := x.search()
	found := s.find(text)
	x.release(s)
	return found
}

func (x *textIndex) search() *textSearch {
	select {
	case s := <-x.free:
		return s
	default:
		return &textSearch{textIndex: x, found: make([]foundPiece, x.ids)}
	}
}

func (x *textIndex) release(s *textSearch) {
	s.reset()
	select {
	case x.free <- s:
	default:
	}
}

// steps returns the steps that matches takes for a text.
func (x *textIndex) steps(text string) int {
	if x == nil || text == "" {
		return 0
	}
	s := x.search()
	defer x.release(s)
	s.find(text)
	return s.steps
}
