package keyporter

import (
	"slices"
	"time"
)

// PageSize is how many rows a page of a list has.
const PageSize = 50

// A Position is a place in a list that is ordered newest first, at a row's time and ID. The zero Position is the
// list's beginning.
type Position struct {
	At     time.Time
	ID     string
	Upward bool // the rows newer than the position are asked for, not the older ones
}

// A Page is one page of a list, newest first.
type Page[T any] struct {
	Rows         []T
	Newer, Older *Position // positions of the neighbouring pages; nil where there is none
}

// readPage reads one page of at most PageSize rows from pos on. The function read returns up to PageSize+1 rows in the
// order of reading; the extra row means that there are more. If a page upward would be short, or any page empty,
// readPage returns the first page.
func readPage[T any](pos Position, read func(Position) ([]T, error), at func(T) Position) (Page[T], error) {
	rows, err := read(pos)
	if err == nil && (pos.Upward && len(rows) <= PageSize || len(rows) == 0) && pos.ID != "" {
		pos = Position{}
		rows, err = read(pos)
	}
	if err != nil {
		return Page[T]{}, err
	}
	more := len(rows) > PageSize
	rows = rows[:min(len(rows), PageSize)]
	if pos.Upward {
		slices.Reverse(rows)
	}
	page := Page[T]{Rows: rows}
	if len(rows) == 0 {
		return page, nil
	}
	if pos.Upward || pos.ID != "" {
		newer := at(rows[0])
		newer.Upward = true
		page.Newer = &newer
	}
	if pos.Upward || more {
		older := at(rows[len(rows)-1])
		page.Older = &older
	}
	return page, nil
}
