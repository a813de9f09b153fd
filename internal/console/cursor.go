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

// A cursor is a position of a list as links carry it. Four bytes of a hash at its end tell a damaged one; they are no
// secret, because a position that somebody makes up shows them nothing but another page of their own list.
const cursorSum = 4

var cursorCode = base64.RawURLEncoding.Strict()

func cursor(pos *keyporter.Position) string {
	if pos == nil {
		return ""
	}
	text := strconv.FormatInt(pos.At.UnixMilli(), 36) + "." + pos.ID
	if pos.Upward {
		text += "."
	}
	sum := sha256.Sum256([]byte(text))
	return cursorCode.EncodeToString(append([]byte(text), sum[:cursorSum]...))
}

// position reads the cursor of a request: none is the list's beginning, a damaged one is refused with 400.
func position(ec echo.Context) (keyporter.Position, error) {
	text := ec.QueryParam("at")
	if text == "" {
		return keyporter.Position{}, nil
	}
	damaged := echo.NewHTTPError(http.StatusBadRequest)
	raw, err := cursorCode.DecodeString(text)
	if err != nil || len(raw) <= cursorSum || strings.ContainsAny(text, "\r\n") { // which the decoder passes over
		return keyporter.Position{}, damaged
	}
	body := raw[:len(raw)-cursorSum]
	if sum := sha256.Sum256(body); string(sum[:cursorSum]) != string(raw[len(body):]) {
		return keyporter.Position{}, damaged
	}
	parts := strings.Split(string(body), ".")
	if len(parts) < 2 || len(parts) > 3 {
		return keyporter.Position{}, damaged
	}
	ms, err := strconv.ParseInt(parts[0], 36, 64)
	if err != nil || !plain(parts[1]) {
		return keyporter.Position{}, damaged
	}
	return keyporter.Position{At: time.UnixMilli(ms), ID: parts[1], Upward: len(parts) == 3}, nil
}

// plain reports whether text can be an ID of a row.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return text != "" && len(text) <= 40
}

// pageHref is the link to a neighbouring page, with the rest of the query kept; "" where there is none.
func pageHref(ec echo.Context, pos *keyporter.Position) string {
	return pageHrefAt(ec, ec.Request().URL.Path, pos)
}

// pageHrefAt is pageHref for a list that stands at a path other than the request's.
func pageHrefAt(ec echo.Context, path string, pos *keyporter.Position) string {
	if pos == nil {
		return ""
	}
	query := ec.QueryParams()
	query.Set("at", cursor(pos))
	return path + "?" + query.Encode()
}
