package console

import "keyporter/internal/input"

// duplicates reports for each row whether another row has the same visible name. The labels of such rows' buttons then
// contain the ID, too.
func duplicates[T any](rows []T, name func(T) string) []bool {
	count := map[string]int{}
	for _, row := range rows {
		count[input.Visible(name(row))]++
	}
	found := make([]bool, len(rows))
	for i, row := range rows {
		found[i] = count[input.Visible(name(row))] > 1
	}
	return found
}
