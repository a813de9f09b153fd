package page

// A KeyKind is what the pages of one kind of keys call it. The pages are the same for each kind.
type KeyKind struct {
	Title  string // of the list, as "Integration Keys"
	One    string // in a sentence, as "integration key"
	Label  string // of the field with a token, as "Integration key"
	Add    string // the title of the form, as "Add Integration Key"
	Own    bool   // a key is its user's: it has no access to choose, and neither the feature's state nor a page of its own
	path   string
	lead   string
	usedTo string // what a key is for, where there is none yet
	hint   string // of the description
}

// The kinds that are made and deleted in the same way.
var (
	IntegrationKeys = KeyKind{
		Title: "Integration Keys", One: "integration key", Label: "Integration key", Add: "Add Integration Key",
		path:   "/integrations/integration-keys",
		lead:   "Keys that let other programs use this subscription’s API. Each opens all of its applications and belongs to the subscription, not to a person.",
		usedTo: "A key lets another program use this subscription through the API. You see it once, so have a place to store it ready.",
		hint:   "What uses it, and where. Everyone who manages keys sees this.",
	}
	FeedbackKeys = KeyKind{
		Title: "Feedback API keys", One: "Feedback API key", Label: "Feedback API key", Add: "Add Feedback API key", Own: true,
		path:   "/integrations/feedback-keys",
		lead:   "Keys that let programs use the Feedback API as you. They are yours: nobody else sees them here, and they end when you leave this subscription.",
		usedTo: "A key lets a program use the Feedback API as you. You see it once, so have a place to store it ready.",
		hint:   "What uses it, and where. Subscription admins can read this in the audit log.",
	}
)

// At is the address of the list of keys, below that of the settings.
func (k KeyKind) At(settings string) string { return settings + k.path }

// keysPath is the address of the list of integration keys.
func keysPath(settings string) string { return IntegrationKeys.At(settings) }
