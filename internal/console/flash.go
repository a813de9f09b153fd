package console

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"keyporter/plural"
)

// A flash names a sentence that the next page shows once. The cookie that carries it holds the name and not the
// sentence, because anybody can write a cookie.
type flash string

const (
	flashNone               flash = ""
	flashApplicationCreated flash = "application-created"
	flashApplicationDeleted flash = "application-deleted"
	flashEndChanged         flash = "end-changed"
	flashAddressAllowed     flash = "address-allowed"
	flashAddressesChanged   flash = "addresses-changed"
	flashAddressesLeaveOut  flash = "addresses-leave-out"
	flashJoined             flash = "joined"
	flashKeyDeleted         flash = "key-deleted"
	flashKeyDisabled        flash = "key-disabled"
	flashKeyEnabled         flash = "key-enabled"
	flashMadeAvailable      flash = "made-available"
	flashPasswordChanged    flash = "password"
	flashPasswordSet        flash = "password-set"
	flashRemoved            flash = "removed"
	flashSaved              flash = "saved"
	flashSessionEnded       flash = "session-ended"
	flashSetUp              flash = "set-up"
	flashSignedOut          flash = "signed-out"
	flashSwitchedOff        flash = "switched-off"
	flashSwitchedOn         flash = "switched-on"
	flashTokenInSearch      flash = "token-in-search"
	flashWithdrawn          flash = "withdrawn"
)

var flashTexts = map[flash]string{
	flashApplicationCreated: "The application was created. Its install snippet is shown below.",
	flashApplicationDeleted: "The application was deleted. Requests that name it are refused from now on.",
	flashEndChanged:         "The end was changed.",
	flashAddressAllowed:     "The address is allowed.",
	flashAddressesLeaveOut: "The allowed addresses were changed. They leave out addresses that used the key in the " +
		"last 7 days; Addresses, below, names them.",
	flashAddressesChanged: "The allowed addresses were changed.",
	flashJoined:           "You have joined.",
	flashKeyDeleted:       "The key was deleted. Requests with it are refused from now on.",
	flashKeyDisabled:      "The key is disabled. Requests with it are refused until it is enabled again.",
	flashKeyEnabled:       "The key is enabled.",
	flashMadeAvailable: "Integration Keys are available to the subscription. " +
		"A Subscription admin can switch them on.",
	flashPasswordChanged: "Your password was changed. All other sessions were ended.",
	flashPasswordSet:     "The new password is set. Sign in with it.",
	flashRemoved: "The user was removed. Their Feedback API keys ended; " +
		"integration keys that they created stay.",
	flashSaved:        "Saved.",
	flashSessionEnded: "The session was ended.",
	flashSetUp:        "Keyporter is set up. The next step: switch Integration Keys on, under Integrations.",
	flashSignedOut:    "You are signed out.",
	flashSwitchedOff:  "Integration Keys are off. All keys are refused until they are switched on again.",
	flashSwitchedOn:   "Integration Keys are on. Keys can be created, and existing ones work.",
	flashTokenInSearch: "What you searched for looks like a whole key. Only its key ID was used. " +
		"If others may have seen it and it is not deleted yet, add a new key and delete this one.",
	flashWithdrawn: "Integration Keys were withdrawn. All keys of the subscription are refused.",
}

// Names of the flash messages with two numbers, as in "entries-added.3.1".
const (
	flashEntriesAdded   = "entries-added"
	flashEntriesDeleted = "entries-deleted"
)

// entriesAdded says how many entries were added to the Exclude List, and how many were on it before.
func entriesAdded(added, known int) flash {
	return flash(fmt.Sprintf("%s.%d.%d", flashEntriesAdded, added, known))
}

// entriesDeleted says how many entries were deleted from the Exclude List.
func entriesDeleted(n int) flash { return flash(fmt.Sprintf("%s.%d.0", flashEntriesDeleted, n)) }

// text returns the sentence that f names; "" if it names none.
func (f flash) text() string {
	parts := strings.Split(string(f), ".")
	if len(parts) != 3 {
		return flashTexts[f]
	}
	n, ok := smallNumber(parts[1])
	known, knownOK := smallNumber(parts[2])
	switch {
	case !ok || !knownOK:
		return ""
	case parts[0] == flashEntriesDeleted:
		return "Deleted: " + entryCount(n) + "."
	case parts[0] != flashEntriesAdded:
		return ""
	case n == 0:
		return "Nothing was added: every line is on the list already."
	case known == 0:
		return "Added: " + entryCount(n) + "."
	}
	return "Added: " + entryCount(n) + ". " + plural.Count(known,
		"line was on the list already, or twice in what you sent, and was left out.",
		"lines were on the list already, or twice in what you sent, and were left out.")
}

// smallNumber parses a number of lines, which a form of [maxLargeForm] bytes bounds.
func smallNumber(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n <= maxLargeForm && strconv.Itoa(n) == text
}

const (
	flashCookie  = "flash"
	flashSeconds = 60
)

// setFlash makes the next page show what f names.
func (c *Console) setFlash(ec echo.Context, f flash) {
	if f != flashNone {
		ec.SetCookie(c.sessions.cookie(c.sessions.cookieName(flashCookie), string(f), flashSeconds))
	}
}

// dialogFetch is the header by which a script fetches a page for its dialog alone. Such a page shows no flash message:
// it is for the next page that is shown whole.
const dialogFetch = "Keyporter-Fetch"

// takeFlash returns the sentence to show on this page, and removes its cookie.
func (c *Console) takeFlash(ec echo.Context) string {
	name := c.sessions.cookieName(flashCookie)
	cookie, err := ec.Cookie(name)
	if err != nil || ec.Request().Header.Get(dialogFetch) != "" {
		return ""
	}
	ec.SetCookie(c.sessions.cookie(name, "", -1))
	return flash(cookie.Value).text()
}
