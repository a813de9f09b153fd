// Package part holds what pages are made of: fields, tables' cells, tags, notes, dialogs.
package part

import (
	"sort"
	"strings"

	"keyporter/internal/plural"
)

// Number writes a number with a comma between thousands.
func Number(n int64) string { return plural.Number(n) }

// Errors holds what is wrong with a form: a sentence for each input's name. The empty name stands for the form as a
// whole.
type Errors map[string]string

// A Field is one line of a form. ID is the input's name, so a name may occur once in a document.
type Field struct {
	Name, Label, Value, Hint, Error string
	// Type is the input's type; empty means text.
	Type string
	// Autocomplete is the token that password managers and browsers go by; empty means off.
	Autocomplete string
	// Focus asks for the first focus of the page or dialog.
	Focus bool
}

func (f Field) kind() string {
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

// foreign tells whether the value may be written in any script, so that its own letters decide on its direction.
func (f Field) foreign() bool { return f.kind() == "text" || f.kind() == "search" }

// describedBy names the hint and the error that belong to an input, as far as there are any.
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

// A Link leads from an error summary to a field, by the label that stands at it.
type Link struct{ field, label string }

// To returns the link to a field.
func To(field, label string) Link { return Link{field, label} }

// A problem is one line of an error summary. Field is empty when there is no input to go to.
type problem struct{ field, text string }

// problems are the errors in the order of the form's fields, then the others by name.
func problems(errs Errors, fields []Link) []problem {
	var found []problem
	listed := map[string]bool{}
	for _, to := range fields {
		listed[to.field] = true
		if text := errs[to.field]; text != "" {
			found = append(found, problem{to.field, to.label + ": " + text})
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
		found = append(found, problem{"", errs[name]})
	}
	return found
}
