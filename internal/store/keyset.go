package store

import (
	"fmt"

	"keyporter/internal/keyporter"
)

// keyset returns the condition and the order that read a list from a position on, and the arguments, which go on from
// those given. The list is ordered by a time and an ID, newest first.
func keyset(pos keyporter.Position, timeColumn, idColumn string, args []any) (where, order string, all []any) {
	direction, compare := "DESC", "<"
	if pos.Upward {
		direction, compare = "ASC", ">"
	}
	order = fmt.Sprintf(" ORDER BY %s %s, %s %s", timeColumn, direction, idColumn, direction)
	if pos.ID == "" {
		return "", order, args
	}
	where = fmt.Sprintf(" AND (%s, %s) %s ($%d, $%d)", timeColumn, idColumn, compare, len(args)+1, len(args)+2)
	return where, order, append(args, toMS(pos.At), pos.ID)
}
