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
		{"ends_at", column[keyporter.Timestamp]{&f.Ends}},
		{"disabled_at", column[keyporter.Timestamp]{&f.Disabled}},
		{"allowed_addresses", addressColumn{&f.Addresses}},
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

// An addressColumn is the field of a key's allowed addresses, in the database as text. Text that is no list of
// addresses is an error, so that a damaged row admits nothing.
type addressColumn struct{ field **keyporter.Addresses }

func (c addressColumn) Scan(value any) error {
	text := ""
	switch v := value.(type) {
	case nil:
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("allowed_addresses holds %T", value)
	}
	addresses, wrong := keyporter.ParseAddresses(text)
	if wrong != "" {
		return fmt.Errorf("allowed_addresses is damaged: %s", wrong)
	}
	*c.field = addresses
	return nil
}

func (c addressColumn) Value() (driver.Value, error) { return (*c.field).String(), nil }

// keyDetails are the columns of integration_keys that pages show and the gate does not use, with their fields. A new
// detail takes a migration, a field of [keyporter.KeyDetails], and a line here.
func keyDetails(d *keyporter.KeyDetails) []keyFact {
	return []keyFact{
		{"disabled_by", column[string]{&d.DisabledBy}},
		{"disabled_reason", column[string]{&d.DisabledReason}},
		{"contact", column[string]{&d.Contact}},
		{"note", column[string]{&d.Note}},
	}
}

// columnList lists the columns, each behind the prefix, such as "k.", and with a comma between them.
func columnList(all []keyFact, prefix string) string {
	var names []string
	for _, fact := range all {
		names = append(names, prefix+fact.column)
	}
	return strings.Join(names, ", ")
}

// factColumns lists the columns of the facts.
func factColumns(prefix string) string { return columnList(keyFacts(&keyporter.KeyFacts{}), prefix) }

// keyFields are the facts and details of a key.
func keyFields(k *keyporter.Key) []keyFact {
	return append(keyFacts(&k.KeyFacts), keyDetails(&k.KeyDetails)...)
}

// keyFieldColumns lists the columns of facts and details.
func keyFieldColumns(prefix string) string { return columnList(keyFields(&keyporter.Key{}), prefix) }

// destinations are the fields in the order of their columns, for a Scan.
func destinations(all []keyFact) []any {
	var fields []any
	for _, fact := range all {
		fields = append(fields, fact.field)
	}
	return fields
}

// factFields are the destinations of the facts' columns in a Scan.
func factFields(f *keyporter.KeyFacts) []any { return destinations(keyFacts(f)) }

// keyFieldArgs appends the values of a key's facts and details to a statement's arguments, and returns their
// placeholders with commas between them.
func keyFieldArgs(k keyporter.Key, args []any) (placeholders string, _ []any) {
	var list []string
	for _, fact := range keyFields(&k) {
		args = append(args, fact.field)
		list = append(list, fmt.Sprintf("$%d", len(args)))
	}
	return strings.Join(list, ", "), args
}
