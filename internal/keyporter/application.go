package keyporter

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"keyporter/internal/input"
	"keyporter/internal/token"
)

// An ApplicationID names an application in requests: positive and below 2^53, so that every JSON reader keeps it exact.
type ApplicationID int64

const maxApplicationID = 1<<53 - 1

func (id ApplicationID) String() string { return strconv.FormatInt(int64(id), 10) }

// ParseApplicationID reads an ID in decimal digits: no sign, no leading zero, no fraction.
func ParseApplicationID(text string) (ApplicationID, bool) {
	if text == "" || text[0] < '1' || text[0] > '9' || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return ApplicationID(n), err == nil && n <= maxApplicationID
}

// newApplicationID returns a random ID. Numbers outside the range are discarded, so that all IDs are equally likely.
func newApplicationID() ApplicationID {
	var raw [8]byte
	for {
		rand.Read(raw[:])
		if n := binary.BigEndian.Uint64(raw[:]) >> 11; n > 0 {
			return ApplicationID(n)
		}
	}
}

// A Platform is where an application runs.
type Platform string

// The platforms.
const (
	Web       Platform = "web"
	Extension Platform = "extension"
	IOS       Platform = "ios"
	Android   Platform = "android"
)

var platformWords = map[Platform]string{Web: "Web", Extension: "Browser extension", IOS: "iOS", Android: "Android"}

// String returns the platform as pages say it.
func (p Platform) String() string { return platformWords[p] }

// An Application is one app of a subscription. Every integration key of the subscription opens it.
type Application struct {
	ID             ApplicationID
	SubscriptionID string
	Name           string
	Platform       Platform
	Key            string // the application key: public, kept as it is
	Created        time.Time
	Default        bool // a request that names no application means this one; filled when read
}

// ApplicationLimit is how many applications a subscription has at most: a list of more would be of no use to people,
// and this many can be read with one query.
const ApplicationLimit = 1000

type applicationRows interface {
	// Applications lists a subscription's, by ID.
	Applications(subscription string) ([]Application, error)
	Application(subscription string, id ApplicationID) (Application, error)
	InsertApplication(a Application) error
	RenameApplication(id ApplicationID, name string) error
	SetDefaultApplication(subscription string, id ApplicationID) error
	DeleteApplication(subscription string, id ApplicationID) error
}

// firstApplication is the name of the first application of each subscription.
const firstApplication = "Web app"

// FirstApplication returns the first application of a subscription, for the caller to insert together with the
// subscription.
func FirstApplication(prefix, subscription string, at time.Time) Application {
	return newApplication(prefix, subscription, firstApplication, Web, at)
}

func newApplication(prefix, subscription, name string, platform Platform, at time.Time) Application {
	return Application{
		ID: newApplicationID(), SubscriptionID: subscription, Name: name, Platform: platform, Created: at,
		Key: token.NewApplicationKey(prefix),
	}
}

// insertSubscription inserts a subscription and its first application.
func (p *Porter) insertSubscription(tx Tx, s Subscription) error {
	if err := tx.InsertSubscription(s); err != nil {
		return err
	}
	first := FirstApplication(p.options.TokenPrefix, s.ID, s.Created)
	return firstError(tx.InsertApplication(first), tx.SetDefaultApplication(s.ID, first.ID))
}

// Applications lists a subscription's applications, the default one first and then by name: for every member.
func (p *Porter) Applications(ctx context.Context, a Actor, subscription string) ([]Application, error) {
	var all []Application
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, _ Member) (err error) {
		all, err = tx.Applications(subscription)
		return err
	})
	slices.SortStableFunc(all, func(a, b Application) int {
		return cmp.Or(boolOrder(b.Default)-boolOrder(a.Default),
			strings.Compare(input.Fold(a.Name), input.Fold(b.Name)))
	})
	return all, err
}

func boolOrder(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Application returns one application: to every member. A missing one and another subscription's are [ErrNotFound].
func (p *Porter) Application(ctx context.Context, a Actor, subscription string, id ApplicationID) (Application, error) {
	var found Application
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, _ Member) (err error) {
		found, err = tx.Application(subscription, id)
		return err
	})
	return found, err
}

// An ApplicationForm holds the fields of a new application. Once keeps it from being created twice.
type ApplicationForm struct {
	Name     string
	Platform Platform
	Once     Once
}

// CreateApplication creates an application. Subscription admins and Admins may. It fails with [Invalid] for "name",
// "platform" and "nonce", and for "" beyond [ApplicationLimit]; and with [ErrConflict] for a form that was sent before.
func (p *Porter) CreateApplication(ctx context.Context, a Actor, subscription string,
	form ApplicationForm) (Application, error) {
	invalid := Invalid{}
	form.Name = invalid.cleanLine("name", form.Name, maxName)
	if platformWords[form.Platform] == "" {
		invalid.add("platform", "Choose one of the platforms.")
	}
	form.Once.check(invalid)
	made := newApplication(p.options.TokenPrefix, subscription, form.Name, form.Platform, p.now())
	err := p.inWriteTx(ctx, a, subscription, ActionCreatedApplication, "", func(tx Tx, m Member) error {
		if err := p.checkManagesApplications(tx, m); err != nil {
			return err
		}
		if err := invalid.errorOrNil(); err != nil {
			return err
		}
		if fresh, err := form.Once.use(tx, made.Created); err != nil {
			return err
		} else if !fresh {
			return &Conflict{"This application was already created", "It stands in the list of applications."}
		}
		all, err := tx.Applications(subscription)
		if err != nil {
			return err
		}
		if len(all) >= ApplicationLimit {
			return Invalid{"": "A subscription has at most 1,000 applications. Delete one that is not used any more."}
		}
		if err := tx.InsertApplication(made); err != nil {
			return err
		}
		return p.appendApplicationAudit(tx, a, made, ActionCreatedApplication, made.Name+", "+made.Platform.String())
	})
	return made, err
}

// CheckManagesApplications fails with [ErrForbidden] if the actor may not create, change and delete applications. Their
// forms call it.
func (p *Porter) CheckManagesApplications(ctx context.Context, a Actor, subscription string) error {
	return p.inReadTx(ctx, a, subscription, p.checkManagesApplications)
}

// RenameApplication changes an application's name. It fails with [Invalid] for "name".
func (p *Porter) RenameApplication(ctx context.Context, a Actor, subscription string, id ApplicationID,
	name string) error {
	return p.inApplicationTx(ctx, a, subscription, id, ActionRenamedApplication, func(tx Tx, app Application) error {
		name, sentence := input.CleanLine(name, maxName)
		if sentence != "" {
			return Invalid{"name": sentence}
		}
		if name == app.Name {
			return nil
		}
		if err := tx.RenameApplication(id, name); err != nil {
			return err
		}
		return p.appendApplicationAudit(tx, a, app, ActionRenamedApplication, app.Name+" → "+name)
	})
}

// MakeDefaultApplication makes an application the one that a request reaches if it names none. It applies to every
// judgement that begins after it returned.
func (p *Porter) MakeDefaultApplication(ctx context.Context, a Actor, subscription string, id ApplicationID) error {
	return p.inApplicationTx(ctx, a, subscription, id, ActionMadeDefault, func(tx Tx, app Application) error {
		if app.Default {
			return nil
		}
		if err := tx.SetDefaultApplication(subscription, id); err != nil {
			return err
		}
		return p.appendApplicationAudit(tx, a, app, ActionMadeDefault, app.Name)
	})
}

// DeleteApplication deletes an application and its application key for good. Every judgement that begins after it
// returned refuses a request that names the application. It fails with [Invalid] for "confirm", which has to be the
// application's name, and for "" if it is the default application, as the last one always is.
func (p *Porter) DeleteApplication(ctx context.Context, a Actor, subscription string, id ApplicationID,
	confirm string) error {
	return p.inApplicationTx(ctx, a, subscription, id, ActionDeletedApplication, func(tx Tx, app Application) error {
		if app.Default {
			return Invalid{"": "This is the default application: requests that name none mean it. Make another one " +
				"the default first."}
		}
		if !input.LooksSame(confirm, app.Name) {
			return Invalid{"confirm": "This is not the name."}
		}
		if err := tx.DeleteApplication(subscription, id); err != nil {
			return err
		}
		return p.appendApplicationAudit(tx, a, app, ActionDeletedApplication, app.Name)
	})
}

// inApplicationTx is inWriteTx for an operation on one application, by a member who may manage applications.
func (p *Porter) inApplicationTx(ctx context.Context, a Actor, subscription string, id ApplicationID, action Action,
	fn func(Tx, Application) error) error {
	return p.inWriteTx(ctx, a, subscription, action, id.String(), func(tx Tx, m Member) error {
		if err := p.checkManagesApplications(tx, m); err != nil {
			return err
		}
		app, err := tx.Application(subscription, id)
		if err != nil {
			return err
		}
		return fn(tx, app)
	})
}

func (p *Porter) appendApplicationAudit(tx Tx, a Actor, app Application, action Action, detail string) error {
	return tx.AppendAudit(p.auditEvent(a, app.SubscriptionID, action, detail+" (application "+app.ID.String()+")"))
}

func (p *Porter) checkManagesApplications(tx Tx, m Member) error {
	if m.MayManageApplications() {
		return nil
	}
	names, err := adminsToAsk(tx, m.SubscriptionID)
	return firstError(err,
		&Forbidden{Why: "Viewers can see applications and not change them. A Subscription admin can make you an Admin.",
			Ask: names})
}
