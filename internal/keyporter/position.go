package keyporter

import (
	"slices"
	"time"
)

// A Position is a place in a list that is ordered newest first, at a row's time and ID. The zero Position is the
// list's beginning.
type Position struct {
	At     time.Time
	ID     string
	Upward bool // what is asked for is newer than the position, not older
}

// A Page is one page of a list, newest first.
type Page[T any] struct {
	Rows         []T
	Newer, Older *Position // where the neighbouring pages are; nil where there is none
}

// readPage reads one page of at most PageSize rows from pos on. The function read returns up to PageSize+1 rows in the
// order of reading, of which one too many says that there is more. Where a page upward would come out short, or any
// page empty, it is the list's beginning.
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
