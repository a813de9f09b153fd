package keyporter

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"keyporter/internal/input"
)

// The kinds of refusal, to be asked for with errors.Is.
var (
	// ErrNotFound is a missing thing, and equally one of a subscription that the actor is no member of.
	ErrNotFound = errors.New("not found")
	// ErrForbidden is a deed that the actor has no right to, or that the feature's state does not allow.
	ErrForbidden = errors.New("forbidden")
	// ErrConflict is a deed that was already done.
	ErrConflict = errors.New("conflict")
	// ErrUnavailable means that the database cannot be asked or cannot be written just now; nothing was done, but for
	// [ErrCommitUnknown].
	ErrUnavailable = errors.New("the database is unavailable")
	// ErrFull is the [ErrUnavailable] of a disk without room: reading and judging go on.
	ErrFull = fmt.Errorf("%w: the disk is full", ErrUnavailable)
	// ErrCommitUnknown is the [ErrUnavailable] of a database that was lost while it committed: the deed was done or was
	// not.
	ErrCommitUnknown = fmt.Errorf("%w: it was lost while it committed", ErrUnavailable)
)

// Invalid is bad input: for each field by its name the sentence to show beside it; under "" one about the whole form.
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

// add notes the sentence for a field, if there is one.
func (v Invalid) add(field, sentence string) {
	if sentence != "" {
		v[field] = sentence
	}
}

// cleanLine cleans a line of text and notes what is wrong with it.
func (v Invalid) cleanLine(field, text string, most int) string {
	text, sentence := input.CleanLine(text, most)
	v.add(field, sentence)
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

// A Forbidden is an [ErrForbidden] that can say why and whom to ask.
type Forbidden struct {
	Why     string   // a sentence
	Ask     []string // names and email addresses of people who can help; may be empty
	Contact string   // how to reach who can help instead; may be empty
}

func (f *Forbidden) Error() string   { return "forbidden: " + f.Why }
func (*Forbidden) Is(err error) bool { return err == ErrForbidden }

// A Conflict is an [ErrConflict] that can say what was already done.
type Conflict struct{ Heading, Why string }

func (c *Conflict) Error() string   { return "conflict: " + c.Why }
func (*Conflict) Is(err error) bool { return err == ErrConflict }

// TooManyTries refuses a sign-in for the time After.
type TooManyTries struct{ After time.Duration }

func (t *TooManyTries) Error() string { return fmt.Sprintf("too many tries, wait %s", t.After) }
