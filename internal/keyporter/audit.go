package keyporter

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
)

// commandLine is the actor's name in audit events of commands that were run on the server.
const commandLine = "command line"

// An Action is what an audit event is about.
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
	ActionChangedKeyPolicy    Action = "key_policy.changed"
	ActionCreatedKey          Action = "key.created"
	ActionEditedKey           Action = "key.edited"
	ActionLoweredKey          Action = "key.access_lowered"
	ActionDisabledKey         Action = "key.disabled"
	ActionEnabledKey          Action = "key.enabled"
	ActionChangedEnd          Action = "key.end_changed"
	ActionChangedAddresses    Action = "key.addresses_changed"
	ActionDeletedKey          Action = "key.deleted"
	ActionCreatedFeedbackKey  Action = "feedback_key.created"
	ActionDeletedFeedbackKey  Action = "feedback_key.deleted"
	ActionCreatedApplication  Action = "application.created"
	ActionRenamedApplication  Action = "application.renamed"
	ActionMadeDefault         Action = "application.made_default"
	ActionDeletedApplication  Action = "application.deleted"
	ActionAddedExclusions     Action = "exclude_list.added"
	ActionDeletedExclusions   Action = "exclude_list.deleted"
	ActionMoreAttempts        Action = "attempts.more" // refused attempts beyond those that have events of their own

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

// actionWords says each action as something that was done, and as something that somebody tried to do.
var actionWords = map[Action]struct{ done, try string }{
	ActionSetUp:               {"Set up the installation", "set up the installation"},
	ActionCreatedSubscription: {"Created the subscription", "create the subscription"},
	ActionRenamedSubscription: {"Renamed the subscription", "rename the subscription"},
	ActionMadeAvailable:       {"Made Integration Keys available", "make Integration Keys available"},
	ActionWithdrew:            {"Withdrew Integration Keys", "withdraw Integration Keys"},
	ActionSwitchedOn:          {"Switched Integration Keys on", "switch Integration Keys on"},
	ActionSwitchedOff:         {"Switched Integration Keys off", "switch Integration Keys off"},
	ActionInvited:             {"Added a user", "add a user"},
	ActionNewLink:             {"Made a new link", "make a new link"},
	ActionJoined:              {"Joined", "join"},
	ActionChangedRights:       {"Changed rights", "change rights"},
	ActionRemoved:             {"Removed a user", "remove a user"},
	ActionChangedKeyPolicy:    {"Changed the key policy", "change the key policy"},
	ActionCreatedKey:          {"Created an integration key", "create an integration key"},
	ActionEditedKey:           {"Edited an integration key", "edit an integration key"},
	ActionLoweredKey:          {"Lowered an integration key to Read", "lower an integration key to Read"},
	ActionDisabledKey:         {"Disabled an integration key", "disable an integration key"},
	ActionEnabledKey:          {"Enabled an integration key", "enable an integration key"},
	ActionChangedEnd:          {"Changed the end of an integration key", "change the end of an integration key"},
	ActionChangedAddresses: {"Changed the allowed addresses of an integration key",
		"change the allowed addresses of an integration key"},
	ActionDeletedKey:         {"Deleted an integration key", "delete an integration key"},
	ActionCreatedFeedbackKey: {"Created a Feedback API key", "create a Feedback API key"},
	ActionDeletedFeedbackKey: {"Deleted a Feedback API key", "delete a Feedback API key"},
	ActionCreatedApplication: {"Created an application", "create an application"},
	ActionRenamedApplication: {"Renamed an application", "rename an application"},
	ActionMadeDefault:        {"Made an application the default", "make an application the default"},
	ActionDeletedApplication: {"Deleted an application", "delete an application"},
	ActionAddedExclusions:    {"Added to the Exclude List", "add to the Exclude List"},
	ActionDeletedExclusions:  {"Deleted from the Exclude List", "delete from the Exclude List"},
	ActionMoreAttempts:       {"Did more than is listed", "do more than is listed"},

	ActionSignedIn:        {"Signed in", "sign in"},
	ActionSignedOut:       {"Signed out", "sign out"},
	ActionEndedSession:    {"Ended a session", "end a session"},
	ActionRenamedUser:     {"Changed the account's name", "change the account's name"},
	ActionChangedPassword: {"Changed the password", "change the password"},
	ActionPasswordLink:    {"A link to choose a new password was made", "make a link to choose a new password"},
	ActionSetPassword:     {"Chose a new password with a link", "choose a new password with a link"},
	ActionOperatorAdded:   {"Became an operator", "become an operator"},
	ActionOperatorRemoved: {"Is no operator any more", "stop being an operator"},
}

// An AuditEvent says who did what, on which subscription and key, when and from where; or who was refused, how often.
type AuditEvent struct {
	ID             string // sorts by time
	At             time.Time
	SubscriptionID string // "" for what concerns an account alone
	UserID         string // of the actor; "" for the command line
	ActorName      string // their name at that time
	Email          string // their address at that time; "" for the command line
	Action         Action
	Object         string // the ID of what a refused attempt was aimed at; may be empty
	KeyID          string // may be empty
	Detail         string // what changed, in words; for a refusal, why
	Address        string
	Refused        bool

	Attempts    int       // for a refusal, how often it was tried; 1 for everything else
	Last        time.Time // of several attempts, the time of the last; otherwise zero
	LastAddress string    // of several attempts, where the last came from
}

// Words returns what was done as pages say it. What was refused begins with "Tried to".
func (e AuditEvent) Words() string {
	words, known := actionWords[e.Action]
	switch {
	case !known && e.Refused:
		return "Tried to do " + string(e.Action)
	case !known:
		return string(e.Action)
	case e.Refused:
		return "Tried to " + words.try
	}
	return words.done
}

type auditRows interface {
	AppendAudit(e AuditEvent) error
	// RefusedAttempt finds the newest event about a refused attempt of the same user, subscription, action and object
	// whose first time lies within the period.
	RefusedAttempt(e AuditEvent, after, until time.Time) (AuditEvent, error)
	// CountRefusedAttempts counts the user's events about refused attempts whose first time lies within the period.
	CountRefusedAttempts(subscription, userID string, after, until time.Time) (int, error)
	// AddAttempt counts one more attempt in an event.
	AddAttempt(id string, last time.Time, address string) error
	// AuditEvents lists a subscription's events, newest first.
	AuditEvents(subscription string, pos Position, n int) ([]AuditEvent, error)
	// AccountEvents lists what concerns a user's account, newest first.
	AccountEvents(userID string, n int) ([]AuditEvent, error)
}

func (p *Porter) auditEvent(a Actor, subscription string, action Action, detail string) AuditEvent {
	now := p.now()
	return AuditEvent{
		ID: p.newEventID(now), At: now, SubscriptionID: subscription, UserID: a.UserID, ActorName: a.Name,
		Email:  a.Email,
		Action: action, Detail: detail, Address: a.Address, Attempts: 1,
	}
}

func (p *Porter) accountEvent(a Actor, action Action, detail string) AuditEvent {
	return p.auditEvent(a, "", action, detail)
}

// AuditLog lists a subscription's audit events, newest first. Its Subscription admins may.
func (p *Porter) AuditLog(ctx context.Context, a Actor, subscription string, pos Position) (Page[AuditEvent], error) {
	var page Page[AuditEvent]
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		if err := p.checkAdministers(tx, m, "read the audit log"); err != nil {
			return err
		}
		page, err = readPage(pos, func(pos Position) ([]AuditEvent, error) {
			return tx.AuditEvents(subscription, pos, PageSize+1)
		}, func(e AuditEvent) Position { return Position{At: e.At, ID: e.ID} })
		return err
	})
	return page, err
}

// newEventID returns an ID that sorts by time, and within the same time in the order of the calls; in any collation,
// because it is hexadecimal digits alone.
func (p *Porter) newEventID(at time.Time) string {
	var tail [4]byte
	rand.Read(tail[:])
	return fmt.Sprintf("%016x%08x%x", at.UnixNano(), p.eventCount.Add(1), tail)
}
