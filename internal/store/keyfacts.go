package store

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"

	"keyporter/internal/keyporter"
)

// A keyFact is a column of integration_keys that the gate judges by, with the field that holds its value.
type keyFact struct {
	column string
	field  interface {
		sql.Scanner
		driver.Valuer
	}
}

// keyFacts are all facts of a key, in the order in which every statement has them. A new fact takes a migration, a
// field of [keyporter.KeyFacts], and a line here.
func keyFacts(f *keyporter.KeyFacts) []keyFact {
	return []keyFact{
		{"write_access", column[bool]{&f.Write}},
	}
}

// A column is a field as a column of the same type has it. NULL is the zero value.
type column[T any] struct{ field *T }

func (c column[T]) Scan(value any) error {
	var null sql.Null[T]
	err := null.Scan(value)
	*c.field = null.V
	return err
}

func (c column[T]) Value() (driver.Value, error) {
	return driver.DefaultParameterConverter.ConvertValue(*c.field)
}

// factColumns lists the columns of the facts, each behind the prefix, such as "k.", and with a comma between them.
func factColumns(prefix string) string {
	var names []string
	for _, fact := range keyFacts(&keyporter.KeyFacts{}) {
		names = append(names, prefix+fact.column)
	}
	return strings.Join(names, ", ")
}

// factFields are the destinations of the facts' columns in a Scan.
func factFields(f *keyporter.KeyFacts) []any {
	var fields []any
	for _, fact := range keyFacts(f) {
		fields = append(fields, fact.field)
	}
	return fields
}

// factArgs appends the values of the facts to a statement's arguments, and returns their placeholders with commas
// between them.
func factArgs(f keyporter.KeyFacts, args []any) (placeholders string, _ []any) {
	var list []string
	for _, fact := range keyFacts(&f) {
		args = append(args, fact.field)
		list = append(list, fmt.Sprintf("$%d", len(args)))
	}
	return strings.Join(list, ", "), args
}
