package console

import (
	"errors"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/part"
)

// Largest posted forms, in bytes.
const (
	// maxForm is more than most forms can fill: 200 characters and a password of 128, percent-encoded.
	maxForm = 64 << 10
	// maxLargeForm is for a form into which a list is pasted.
	maxLargeForm = 1 << 20
)

// readForm parses a posted form of at most maxBytes. It fails with an [echo.HTTPError] of status 400 or 413.
func readForm(ec echo.Context, maxBytes int64) error {
	r := ec.Request()
	if r.ContentLength == 0 {
		return nil // an empty form, which no handler accepts
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil ||
		kind != "application/x-www-form-urlencoded" {
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	r.Body = http.MaxBytesReader(ec.Response(), r.Body, maxBytes)
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return echo.NewHTTPError(http.StatusRequestEntityTooLarge)
	case err != nil:
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	return nil
}

// field returns the value of a field of the posted form. A query parameter of the same name does not count.
func field(ec echo.Context, name string) string { return ec.Request().PostFormValue(name) }

// idParam returns the ID in the named parameter of the path. It fails with [keyporter.ErrNotFound] for what is no ID.
func idParam(ec echo.Context, name string) (string, error) {
	id := ec.Param(name)
	if !token.IsID(id) {
		return "", keyporter.ErrNotFound
	}
	return id, nil
}

// fieldErrors returns what is wrong with a form where err is a [keyporter.Invalid], and otherwise nil. What concerns
// the hidden nonce concerns the form as a whole.
func fieldErrors(err error) part.Errors {
	var invalid keyporter.Invalid
	if !errors.As(err, &invalid) {
		return nil
	}
	errs := part.Errors(invalid)
	if sentence := errs["nonce"]; sentence != "" {
		delete(errs, "nonce")
		errs[""] = sentence
	}
	return errs
}
