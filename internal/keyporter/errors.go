package keyporter

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"keyporter/internal/input"
	"keyporter/plural"
)

// The kinds of errors, for errors.Is.
var (
	// ErrNotFound means that something does not exist, or belongs to a subscription of which the actor is not a member.
	ErrNotFound = errors.New("not found")
	// ErrForbidden means that the actor lacks the right to an operation, or that the feature's state does not allow it.
	ErrForbidden = errors.New("forbidden")
	// ErrConflict means that the state of what is stored does not allow the operation, such as that it was already
	// done.
	ErrConflict = errors.New("conflict")
	// ErrUnavailable means that the database cannot be asked or cannot be written just now; nothing was done, but for
	// [ErrCommitUnknown].
	ErrUnavailable = errors.New("the database is unavailable")
	// ErrFull is the [ErrUnavailable] of a full disk: reading and judging go on.
	ErrFull = fmt.Errorf("%w: the disk is full", ErrUnavailable)
	// ErrCommitUnknown is the [ErrUnavailable] of a database that was lost while it committed: it is not known whether
	// the operation was done.
	ErrCommitUnknown = fmt.Errorf("%w: it was lost while it committed", ErrUnavailable)
)

// Invalid is bad input. It maps each invalid field to the sentence to show next to it, and "" to one about the whole
// form.
type Invalid map[string]string

func (v Invalid) Error() string {
	fields := slices.Sorted(maps.Keys(v))
	return "invalid input: " + strings.Join(fields, ", ")
}

// errorOrNil returns nil when no field is bad.
func (v Invalid) errorOrNil() error {
	if len(v) == 0 {
		return nil
	}
	return v
}

// add sets the sentence of a field, unless it is empty.
func (v Invalid) add(field, sentence string) {
	if sentence != "" {
		v[field] = sentence
	}
}

// cleanLine cleans a line of text and adds what is wrong with it.
func (v Invalid) cleanLine(field, text string, max int) string {
	text, sentence := input.CleanLine(text, max)
	v.add(field, sentence)
	return text
}

// optionalLine is cleanLine for a field that may be empty.
func (v Invalid) optionalLine(field, text string, max int) string {
	if input.Visible(text) == "" {
		return ""
	}
	return v.cleanLine(field, text, max)
}

// optionalText is optionalLine for a field that may have several lines, which come back with "\n" between them.
func (v Invalid) optionalText(field, text string, max int) string {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		lines = append(lines, v.optionalLine(field, line, max))
	}
	text = strings.TrimSpace(strings.Join(lines, "\n"))
	if n := utf8.RuneCountInString(text); n > max {
		v.add(field, fmt.Sprintf("Use at most %s; you typed %s.", plural.Count(max, "character", "characters"),
			plural.Number(int64(n))))
	}
	return text
}

// cleanEmail cleans an address that nobody has yet and adds what is wrong with it.
func (v Invalid) cleanEmail(field, text string) string {
	text, sentence := input.CleanEmail(text)
	if sentence == "" {
		sentence = checkNewEmail(text)
	}
	v.add(field, sentence)
	return text
}

// A Forbidden is an [ErrForbidden] that says why, and whom to ask.
type Forbidden struct {
	Why     string   // a sentence
	Ask     []string // names and email addresses of people who can help; may be empty
	Contact string   // how to reach the operator, who can help instead; may be empty
}

func (f *Forbidden) Error() string   { return "forbidden: " + f.Why }
func (*Forbidden) Is(err error) bool { return err == ErrForbidden }

// A Conflict is an [ErrConflict] that says why.
type Conflict struct{ Heading, Why string }

func (c *Conflict) Error() string   { return "conflict: " + c.Why }
func (*Conflict) Is(err error) bool { return err == ErrConflict }

// TooManyTries refuses an operation that was tried too often. It may be tried again when After has passed.
type TooManyTries struct{ After time.Duration }

func (t *TooManyTries) Error() string { return fmt.Sprintf("too many tries, wait %s", t.After) }

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
