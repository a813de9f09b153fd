package console

import (
	"keyporter/internal/input"
)

// alike reports for each row whether another of the rows has the same name, as people see it: then the names of their
// buttons have to say more.
func alike[T any](rows []T, name func(T) string) []bool {
	count := map[string]int{}
	for _, row := range rows {
		count[input.Visible(name(row))]++
	}
	same := make([]bool, len(rows))
	for i, row := range rows {
		same[i] = count[input.Visible(name(row))] > 1
	}
	return same
}
