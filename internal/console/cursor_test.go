package console

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
)

// read decodes the cursor of a request.
func read(text string) (keyporter.Position, error) {
	r := httptest.NewRequest("GET", "/?"+url.Values{"at": {text}}.Encode(), nil)
	return position(echo.New().NewContext(r, httptest.NewRecorder()))
}

func TestCursor(t *testing.T) {
	for _, pos := range []keyporter.Position{
		{At: time.UnixMilli(1_772_366_400_123), ID: "4fT9aQ0bZ7Lm"},
		{At: time.UnixMilli(1_772_366_400_123), ID: "4fT9aQ0bZ7Lm", Upward: true},
		{At: time.UnixMilli(0), ID: "00000000000000001234567890abcdef"},
		{At: time.UnixMilli(-1), ID: "x"},
	} {
		got, err := read(cursor(&pos))
		if err != nil || !got.At.Equal(pos.At) || got.ID != pos.ID || got.Upward != pos.Upward {
			t.Errorf("%+v comes back as %+v, %v", pos, got, err)
		}
	}
	if got, err := read(""); err != nil || got != (keyporter.Position{}) {
		t.Errorf("none is %+v, %v", got, err)
	}
	if cursor(nil) != "" {
		t.Error("no position has a cursor")
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor(&keyporter.Position{At: time.UnixMilli(1_772_366_400_123), ID: "4fT9aQ0bZ7Lm"}))
	f.Add(cursor(&keyporter.Position{At: time.UnixMilli(-5), ID: "a", Upward: true}))
	f.Add("x")
	f.Add("AAAAAAAA")
	f.Add("\x00\xff%zz")
	f.Fuzz(func(t *testing.T, text string) {
		pos, err := read(text)
		if err != nil {
			var coded *echo.HTTPError
			if !errors.As(err, &coded) || coded.Code != http.StatusBadRequest || pos != (keyporter.Position{}) {
				t.Errorf("%q is refused with %v and %+v", text, err, pos)
			}
			return
		}
		if text != "" && !isRowID(pos.ID) {
			t.Errorf("%q passes the ID %q to the database", text, pos.ID)
		}
		again, err := read(cursor(&pos))
		same := again.At.Equal(pos.At) && again.ID == pos.ID && again.Upward == pos.Upward
		if text != "" && (err != nil || !same) {
			t.Errorf("%q is %+v, and encoded again %+v, %v", text, pos, again, err)
		}
	})
}
