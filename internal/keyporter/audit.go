package keyporter

import (
	"context"
	"errors"
	"time"
)

// commandLine stands in audit lines for who runs the binary on the server itself.
const commandLine = "command line"

// An Action is what an audit line is about.
type Action string

// The actions of the audit log, and, from ActionSignedIn on, those of a user's own account.
const (
	ActionSetUp               Action = "subscription.set_up"
	ActionCreatedSubscription Action = "subscription.created"
	ActionRenamedSubscription Action = "subscription.renamed"
	ActionMadeAvailable       Action = "feature.made_available"
	ActionWithdrew            Action = "feature.withdrawn"
	ActionSwitchedOn          Action = "feature.switched_on"
	ActionSwitchedOff         Action = "feature.switched_off"
	ActionInvited             Action = "user.invited"
	ActionNewLink             Action = "user.new_link"
	ActionJoined              Action = "user.joined"
	ActionChangedRights       Action = "user.rights_changed"
	ActionRemoved             Action = "user.removed"
	ActionCreatedKey          Action = "key.created"
	ActionEditedKey           Action = "key.edited"
	ActionLoweredKey          Action = "key.access_lowered"
	ActionDeletedKey          Action = "key.deleted"
	ActionCreatedFeedbackKey  Action = "feedback_key.created"
	ActionDeletedFeedbackKey  Action = "feedback_key.deleted"
	ActionCreatedApplication  Action = "application.created"
	ActionRenamedApplication  Action = "application.renamed"
	ActionMadeDefault         Action = "application.made_default"
	ActionDeletedApplication  Action = "application.deleted"
	ActionAddedExclusions     Action = "exclude_list.added"
	ActionDeletedExclusions   Action = "exclude_list.deleted"

	ActionSignedIn        Action = "account.signed_in"
	ActionSignedOut       Action = "account.signed_out"
	ActionEndedSession    Action = "account.session_ended"
	ActionRenamedUser     Action = "account.renamed"
	ActionChangedPassword Action = "account.password_changed"
	ActionPasswordLink    Action = "account.password_link"
	ActionSetPassword     Action = "account.password_set"
	ActionOperatorAdded   Action = "account.operator_added"
	ActionOperatorRemoved Action = "account.operator_removed"
)

var actionWords = map[Action]string{
	ActionSetUp:               "Set up the installation",
	ActionCreatedSubscription: "Created the subscription",
	ActionRenamedSubscription: "Renamed the subscription",
	ActionMadeAvailable:       "Made Integration Keys available",
	ActionWithdrew:            "Withdrew Integration Keys",
	ActionSwitchedOn:          "Switched Integration Keys on",
	ActionSwitchedOff:         "Switched Integration Keys off",
	ActionInvited:             "Added a user",
	ActionNewLink:             "Made a new link",
	ActionJoined:              "Joined",
	ActionChangedRights:       "Changed rights",
	ActionRemoved:             "Removed a user",
	ActionCreatedKey:          "Created an integration key",
	ActionEditedKey:           "Edited an integration key",
	ActionLoweredKey:          "Lowered an integration key to Read",
	ActionDeletedKey:          "Deleted an integration key",
	ActionCreatedFeedbackKey:  "Created a Feedback API key",
	ActionDeletedFeedbackKey:  "Deleted a Feedback API key",
	ActionCreatedApplication:  "Created an application",
	ActionRenamedApplication:  "Renamed an application",
	ActionMadeDefault:         "Made an application the default",
	ActionDeletedApplication:  "Deleted an application",
	ActionAddedExclusions:     "Added to the Exclude List",
	ActionDeletedExclusions:   "Deleted from the Exclude List",
	ActionSignedIn:            "Signed in",
	ActionSignedOut:           "Signed out",
	ActionEndedSession:        "Ended a session",
	ActionRenamedUser:         "Changed the name",
	ActionChangedPassword:     "Changed the password",
	ActionPasswordLink:        "A link to choose a new password was made",
	ActionSetPassword:         "Chose a new password with a link",
	ActionOperatorAdded:       "Became an operator",
	ActionOperatorRemoved:     "Is no operator any more",
}

// String returns the action as pages say it.
func (a Action) String() string {
	if words := actionWords[a]; words != "" {
		return words
	}
	return string(a)
}

// An AuditLine says who did what, on which subscription and key, when and from where; or who was refused.
type AuditLine struct {
	ID             string // sorts by time
	At             time.Time
	SubscriptionID string // "" for what concerns an account alone
	UserID         string // who; "" for the command line
	Who            string // their name at that time
	Action         Action
	KeyID          string // may be empty
	Detail         string // what changed, in words; for a refusal, why
	Address        string
	Refused        bool
}

type auditRows interface {
	InsertLine(l AuditLine) error
	// Lines lists a subscription's lines, newest first.
	Lines(subscription string, pos Position, n int) ([]AuditLine, error)
	// AccountLines lists what concerns a user's account, newest first.
	AccountLines(userID string, n int) ([]AuditLine, error)
}

func (p *Porter) line(a Actor, subscription string, action Action, detail string) AuditLine {
	now := p.now()
	return AuditLine{
		ID: p.newLineID(now), At: now, SubscriptionID: subscription, UserID: a.UserID, Who: a.Name,
		Action: action, Detail: detail, Address: a.Address,
	}
}

func (p *Porter) accountLine(a Actor, action Action, detail string) AuditLine {
	return p.line(a, "", action, detail)
}

// AuditLog lists a subscription's audit lines, newest first: for its Subscription admins.
func (p *Porter) AuditLog(ctx context.Context, a Actor, subscription string, pos Position) (Page[AuditLine], error) {
	var page Page[AuditLine]
	err := p.view(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		if err := p.mustAdminister(tx, m, "read the audit log"); err != nil {
			return err
		}
		page, err = readPage(pos, func(pos Position) ([]AuditLine, error) {
			return tx.Lines(subscription, pos, PageSize+1)
		}, func(l AuditLine) Position { return Position{At: l.At, ID: l.ID} })
		return err
	})
	return page, err
}

// forbiddenWhy returns the sentence of a refusal.
func forbiddenWhy(err error) string {
	var f *Forbidden
	if errors.As(err, &f) {
		return f.Why
	}
	return ""
}
