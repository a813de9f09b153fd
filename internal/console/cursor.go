package console

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
)

// cursorSumSize is how many bytes of a hash end a cursor, so that a damaged one is recognised. They are no signature:
// an invented cursor shows nothing but another page of the same list.
const cursorSumSize = 4

var cursorEncoding = base64.RawURLEncoding.Strict()

// cursor encodes a position in a list for the query of a link; nil becomes "".
func cursor(pos *keyporter.Position) string {
	if pos == nil {
		return ""
	}
	text := strconv.FormatInt(pos.At.UnixMilli(), 36) + "." + pos.ID
	if pos.Upward {
		text += "."
	}
	sum := sha256.Sum256([]byte(text))
	return cursorEncoding.EncodeToString(append([]byte(text), sum[:cursorSumSize]...))
}

// position decodes the cursor in the request's query. Without one it returns the beginning of the list. It fails with
// an [echo.HTTPError] of status 400 for a damaged one.
func position(ec echo.Context) (keyporter.Position, error) {
	text := ec.QueryParam("at")
	if text == "" {
		return keyporter.Position{}, nil
	}
	damaged := echo.NewHTTPError(http.StatusBadRequest)
	raw, err := cursorEncoding.DecodeString(text)
	if err != nil || len(raw) <= cursorSumSize || strings.ContainsAny(text, "\r\n") { // the decoder ignores line breaks
		return keyporter.Position{}, damaged
	}
	body := raw[:len(raw)-cursorSumSize]
	if sum := sha256.Sum256(body); string(sum[:cursorSumSize]) != string(raw[len(body):]) {
		return keyporter.Position{}, damaged
	}
	parts := strings.Split(string(body), ".")
	if len(parts) < 2 || len(parts) > 3 {
		return keyporter.Position{}, damaged
	}
	ms, err := strconv.ParseInt(parts[0], 36, 64)
	if err != nil || !isRowID(parts[1]) {
		return keyporter.Position{}, damaged
	}
	return keyporter.Position{At: time.UnixMilli(ms), ID: parts[1], Upward: len(parts) == 3}, nil
}

// isRowID reports whether text has the form of a row's ID.
func isRowID(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return text != "" && len(text) <= 40
}

// pageHref returns the link to another page of the list, with the rest of the query kept; "" for no position.
func pageHref(ec echo.Context, pos *keyporter.Position) string {
	return pageHrefAt(ec, ec.Request().URL.Path, pos)
}

// pageHrefAt is pageHref for a list at another path than the request's.
func pageHrefAt(ec echo.Context, path string, pos *keyporter.Position) string {
	if pos == nil {
		return ""
	}
	query := ec.QueryParams()
	query.Set("at", cursor(pos))
	return path + "?" + query.Encode()
}
