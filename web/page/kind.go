package page

// A KeyKind contains the words of the pages of one kind of keys. The pages are otherwise the same.
type KeyKind struct {
	Title   string // of the list, such as "Integration Keys"
	One     string // in a sentence, such as "integration key"
	Label   string // of the field with a token, such as "Integration key"
	Add     string // title of the form, such as "Add Integration Key"
	path    string // of the list, below that of the settings
	lead    string // below the title of the list
	purpose string // what a key is for, while there is none
	hint    string // of the description

	// Personal is true if a key belongs to the user who made it. Such a key has no access level, does not depend on the
	// feature, and has no page.
	Personal bool
}

// The kinds of keys that users create and delete.
var (
	IntegrationKeys = KeyKind{
		Title: "Integration Keys", One: "integration key", Label: "Integration key", Add: "Add Integration Key",
		path: "/integrations/integration-keys",
		lead: "Keys that let other programs use this subscription’s API. Each opens all of its applications and " +
			"belongs to the subscription, not to a person.",
		purpose: "A key lets another program use this subscription through the API. You see it once, so have a place " +
			"to store it ready.",
		hint: "What uses it, and where. Everyone who manages keys sees this.",
	}
	FeedbackKeys = KeyKind{
		Title: "Feedback API keys", One: "Feedback API key", Label: "Feedback API key", Add: "Add Feedback API key",
		Personal: true,
		path:     "/integrations/feedback-keys",
		lead: "Keys that let programs use the Feedback API as you. They are yours: nobody else sees them here, " +
			"and they end when you leave this subscription.",
		purpose: "A key lets a program use the Feedback API as you. " +
			"You see it once, so have a place to store it ready.",
		hint: "What uses it, and where. Subscription admins can read this in the audit log.",
	}
)

// At returns the path of the list of keys.
func (k KeyKind) At(settings string) string { return settings + k.path }

// keysPath returns the path of the list of integration keys.
func keysPath(settings string) string { return IntegrationKeys.At(settings) }
