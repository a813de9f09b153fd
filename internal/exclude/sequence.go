package exclude

import "slices"

// A sequence is the first pieces of some patterns. Both lists are sorted by piece.
type sequence struct {
	next []sequenceStep // the next piece, where more pieces follow it
	last []int32        // the next piece, where none follows it
}

// A sequenceStep leads to the sequence at the index to. Where only one pattern goes on, to is negative, and ^to is the
// index in tails of the number of that pattern's remaining pieces, which follow there.
type sequenceStep struct{ piece, to int32 }

// A sequenceBuilder fills in the sequences of an index.
type sequenceBuilder struct {
	x      *textIndex
	pieces map[string]int32    // the numbers of those with a wildcard on both sides
	rows   map[int32][][]int32 // by the sequence they begin with: the numbers of the other pieces of each pattern
}

func (b *sequenceBuilder) add(pieces []string) {
	var row []int32
	for _, piece := range pieces[1 : len(pieces)-1] {
		row = append(row, b.pieces[piece])
	}
	if end := pieces[len(pieces)-1]; end != "" {
		n := b.x.ends.insert(end, fromRight)
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
	n := b.x.beginnings.insert(beginning, fromLeft)
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

// fill adds rows, which are sorted, distinct and not empty, to a sequence.
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
		s.next = append(s.next, sequenceStep{piece, b.target(rows[:n])})
		rows = rows[n:]
	}
	b.x.sequences[id] = s
}

// target returns the index to of a step to rows.
func (b *sequenceBuilder) target(rows [][]int32) int32 {
	if len(rows) > 1 {
		id := b.newSequence()
		b.fill(id, rows)
		return id
	}
	at := int32(len(b.x.tails))
	b.x.tails = append(append(b.x.tails, int32(len(rows[0]))), rows[0]...)
	return ^at
}
