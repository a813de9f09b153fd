package console

import (
	"github.com/labstack/echo/v4"
)

// A note is a sentence that the next page shows, by its name, because a cookie is not to be believed to hold one.
type note string

const (
	noteNone          note = ""
	noteKeyDeleted    note = "key-deleted"
	noteSaved         note = "saved"
	noteSwitchedOn    note = "switched-on"
	noteSwitchedOff   note = "switched-off"
	noteRemoved       note = "removed"
	notePassword      note = "password"
	notePasswordSet   note = "password-set"
	noteSessionEnded  note = "session-ended"
	noteMadeAvailable note = "made-available"
	noteWithdrawn     note = "withdrawn"
	noteJoined        note = "joined"
	noteSignedOut     note = "signed-out"
	noteTokenInSearch note = "token-in-search"
	noteSetUp         note = "set-up"

	noteApplicationCreated note = "application-created"
	noteApplicationDeleted note = "application-deleted"
)

var sentences = map[note]string{
	noteKeyDeleted:         "The key was deleted. Requests with it are refused from now on.",
	noteSaved:              "Saved.",
	noteSwitchedOn:         "Integration Keys are on. Keys can be created, and existing ones work.",
	noteSwitchedOff:        "Integration Keys are off. No key opens anything until they are switched on again.",
	noteRemoved:            "The user was removed. Their Feedback API keys ended; integration keys that they created stay.",
	notePassword:           "Your password was changed. All other sessions were ended.",
	notePasswordSet:        "The new password is set. Sign in with it.",
	noteSessionEnded:       "The session was ended.",
	noteMadeAvailable:      "Integration Keys are available to the subscription. A Subscription admin can switch them on.",
	noteWithdrawn:          "Integration Keys were withdrawn. No key of the subscription opens anything.",
	noteJoined:             "You have joined.",
	noteSignedOut:          "You are signed out.",
	noteTokenInSearch:      "What you searched for looks like a whole key. Only its key ID was used. If others may have seen it and it is not deleted yet, add a new key and delete this one.",
	noteApplicationCreated: "The application was created. Its install snippet stands below.",
	noteApplicationDeleted: "The application was deleted. Requests that name it are refused from now on.",
	noteSetUp:              "Keyporter is set up. The next step: switch Integration Keys on, under Integrations.",
}

const noteSeconds = 60

func (c *Console) leaveNote(ec echo.Context, n note) {
	if n != noteNone {
		ec.SetCookie(c.sessions.cookie(c.sessions.cookieName("note"), string(n), noteSeconds))
	}
}

// dialogFetch is a header that our script sends when it fetches a page for its dialog: the note is for the next page
// that is shown whole.
const dialogFetch = "Keyporter-Fetch"

// takeNote returns the sentence that was left for this page, once.
func (c *Console) takeNote(ec echo.Context) string {
	name := c.sessions.cookieName("note")
	cookie, err := ec.Cookie(name)
	if err != nil || ec.Request().Header.Get(dialogFetch) != "" {
		return ""
	}
	ec.SetCookie(c.sessions.cookie(name, "", -1))
	return sentence(note(cookie.Value))
}
