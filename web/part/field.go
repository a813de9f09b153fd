// Package part contains the components that pages share: fields, tables, tags, notes, dialogs.
package part

import (
	"sort"
	"strings"

	"github.com/a-h/templ"

	"keyporter/plural"
)

// Number writes a number with commas between thousands.
func Number(n int64) string { return plural.Number(n) }

// Errors maps the names of inputs to a sentence that says what is wrong. The empty name stands for the form as a whole.
type Errors map[string]string

// A Field is one input of a form. The name is also its ID, so it must be unique in the document.
type Field struct {
	Name, Label, Value, Hint, Error string

	Type         string // of the input; empty means text
	Autocomplete string // the autocomplete attribute; empty means off
	Focus        bool   // whether it takes the focus when the page or dialog opens
	Optional     bool   // whether a text may stay empty

	Attributes templ.Attributes // further attributes of a text's input
}

func (f Field) inputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) autocomplete() string {
	if f.Autocomplete == "" {
		return "off"
	}
	return f.Autocomplete
}

// anyScript reports whether the value may be in any script, so that its letters decide on the direction.
func (f Field) anyScript() bool { return f.inputType() == "text" || f.inputType() == "search" }

// describedBy returns the IDs of the input's error and hint, for aria-describedby.
func describedBy(name, hint, err string) string {
	var ids []string
	if err != "" {
		ids = append(ids, name+"-error")
	}
	if hint != "" {
		ids = append(ids, name+"-hint")
	}
	return strings.Join(ids, " ")
}

// A Link leads from an error summary to a field. Its text is the field's label.
type Link struct{ field, label string }

// To returns the link to a field.
func To(field, label string) Link { return Link{field, label} }

// A summaryItem is one error in a summary. Field is empty when there is no input to link to.
type summaryItem struct{ field, text string }

// summaryOf returns the errors in the order of the form's fields, then the others by name.
func summaryOf(errs Errors, fields []Link) []summaryItem {
	var items []summaryItem
	listed := map[string]bool{}
	for _, to := range fields {
		listed[to.field] = true
		if text := errs[to.field]; text != "" {
			items = append(items, summaryItem{to.field, to.label + ": " + text})
		}
	}
	var rest []string
	for name := range errs {
		if !listed[name] {
			rest = append(rest, name)
		}
	}
	sort.Strings(rest)
	for _, name := range rest {
		items = append(items, summaryItem{"", errs[name]})
	}
	return items
}
