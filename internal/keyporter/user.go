package keyporter

import (
	"context"
	"time"

	"keyporter/internal/input"
	"keyporter/internal/token"
)

// maxName is how long the name of a user, a subscription or an application may be, in characters.
const maxName = 100

// A User is a person who signs in.
type User struct {
	ID            string
	Name          string
	Email         string
	Operator      bool
	Created       time.Time
	FailedSignIns int       // since the last sign-in
	LastFailed    time.Time // zero when none failed since
	Last          string    // the ID of the subscription that was opened last; may be empty

	// the ID of the user whose invitation made the account; "" for the first user, and where it is not known
	InvitedBy string
	InvitedTo string    // the subscription's ID; as InvitedBy
	Invited   time.Time // zero as InvitedBy is empty

	passwordHash string
}

// PasswordHash returns the hash of the password, for the store alone.
func (u User) PasswordHash() string { return u.passwordHash }

// WithPasswordHash returns u with the hash of a password, for the store alone.
func (u User) WithPasswordHash(stored string) User {
	u.passwordHash = stored
	return u
}

type userRows interface {
	User(id string) (User, error)
	UserByEmail(folded string) (User, error)
	InsertUser(u User, folded string) error
	// LockUser makes every other transaction that calls it for this user wait for the end of this one.
	LockUser(id string) error
	SetUserName(id, name string) error
	SetPassword(id, stored string) error
	SetOperator(id string, operator bool) error
	CountOperators() (int, error)
	SetLastSubscription(id, subscription string) error
	// CountFailedSignIn adds one failed sign-in to the user, if there is one.
	CountFailedSignIn(id string, at time.Time) error
	ClearFailedSignIns(id string) error
}

// newUser returns the user to insert; the caller has checked the input and hashed the password.
func (p *Porter) newUser(name, email, stored string, operator bool) User {
	return User{ID: token.NewID(), Name: name, Email: email, Operator: operator, Created: p.now(), passwordHash: stored}
}

// An Account is what users see of their own account.
type Account struct {
	User     User
	Sessions []Session
	Events   []AuditEvent // newest first, at most 20

	Subscriptions []Subscription // by name
}

// Account returns the actor's own account.
func (p *Porter) Account(ctx context.Context, a Actor) (Account, error) {
	var account Account
	err := p.store.Read(ctx, func(tx Tx) (err error) {
		if account.User, err = tx.User(a.UserID); err != nil {
			return err
		}
		if account.Sessions, err = tx.Sessions(a.UserID, validSessions(p.now())); err != nil {
			return err
		}
		if account.Events, err = tx.AccountEvents(a.UserID, 20); err != nil {
			return err
		}
		account.Subscriptions, err = tx.SubscriptionsOf(a.UserID)
		return err
	})
	return account, err
}

// How often users may change their name. Each change is an event in the log of each of their subscriptions, and a
// Viewer must not bury those of others.
const (
	renameTries  = 20
	renameWindow = time.Hour
)

// RenameUser changes the actor's own name, with an event in the log of each of their subscriptions. It fails with
// [Invalid] for the field "name", and with [TooManyTries] after 20 renames within an hour.
func (p *Porter) RenameUser(ctx context.Context, a Actor, name string) error {
	name, sentence := input.CleanLine(name, maxName)
	if sentence != "" {
		return Invalid{"name": sentence}
	}
	if err := p.countTry(ctx, "rename "+a.UserID, renameTries, renameWindow); err != nil {
		return err
	}
	return p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockUser(a.UserID); err != nil {
			return err
		}
		user, err := tx.User(a.UserID)
		if err != nil || user.Name == name {
			return err
		}
		if err := tx.SetUserName(a.UserID, name); err != nil {
			return err
		}
		a := a
		a.Name = user.Name
		return p.appendRename(tx, a, user.Name+" → "+name)
	})
}

// appendRename records a new name of the actor in the log of the account and of each subscription that it belongs to.
func (p *Porter) appendRename(tx Tx, a Actor, detail string) error {
	all, err := tx.SubscriptionsOf(a.UserID)
	if err != nil {
		return err
	}
	for _, s := range all {
		if err := tx.AppendAudit(p.auditEvent(a, s.ID, ActionRenamedUser, detail)); err != nil {
			return err
		}
	}
	return tx.AppendAudit(p.accountEvent(a, ActionRenamedUser, detail))
}

// ChangePassword changes the actor's own password, ends every session of theirs and begins a new one, whose value it
// returns. It fails with [Invalid] for the fields "current" and "password", and with [TooManyTries].
func (p *Porter) ChangePassword(ctx context.Context, a Actor, current, password string) (token.Token, error) {
	if sentence := checkPassword(password, a.Email); sentence != "" {
		return token.Token{}, Invalid{"password": sentence}
	}
	device, err := p.countSignInTry(ctx, a.Email, a.ClientInfo)
	if err != nil {
		return token.Token{}, err
	}
	var user User
	err = p.store.Read(ctx, func(tx Tx) (err error) {
		user, err = tx.User(a.UserID)
		return err
	})
	if err != nil {
		return token.Token{}, err
	}
	if ok, err := p.verifyPassword(ctx, device, user.passwordHash, current); err != nil {
		return token.Token{}, err
	} else if !ok {
		return token.Token{}, firstError(p.countFailed(ctx, a.Email),
			Invalid{"current": "This is not your current password."})
	}
	stored, err := p.hashPassword(ctx, device, password)
	if err != nil {
		return token.Token{}, err
	}
	var value token.Token
	err = p.store.Write(ctx, func(tx Tx) (err error) {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		now, err := tx.User(a.UserID)
		if err != nil {
			return err
		}
		if now.passwordHash != user.passwordHash {
			return &Conflict{"The password was changed meanwhile", "Sign in with the newer one."}
		}
		if err := p.refundTry(tx, device, a.Email, a.Address); err != nil {
			return err
		}
		if err := p.setPassword(tx, a.UserID, stored); err != nil {
			return err
		}
		if err := tx.AppendAudit(p.accountEvent(a, ActionChangedPassword, "")); err != nil {
			return err
		}
		value, err = p.startSession(tx, a.UserID, a.ClientInfo)
		return err
	})
	return value, err
}

// setPassword stores a password hash and ends the user's sessions, known devices and links to choose a password.
func (p *Porter) setPassword(tx Tx, userID, stored string) error {
	if err := tx.SetPassword(userID, stored); err != nil {
		return err
	}
	if err := tx.DeleteSessions(userID); err != nil {
		return err
	}
	if err := tx.DeleteDevices(userID); err != nil {
		return err
	}
	return tx.DeleteLinks(purposeNewPassword, userID)
}

// SetOperator makes the user with the ID an operator, or takes that away. It fails with [ErrNotFound], and with
// [ErrConflict] for the last operator. It checks no right: it is for the command line.
func (p *Porter) SetOperator(ctx context.Context, id string, operator bool) (User, error) {
	var user User
	err := p.store.Write(ctx, func(tx Tx) (err error) {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		if user, err = tx.User(id); err != nil || user.Operator == operator {
			return err
		}
		if !operator {
			if err := checkKeepsOperator(tx, user); err != nil {
				return err
			}
		}
		if err = tx.SetOperator(user.ID, operator); err != nil {
			return err
		}
		if err = tx.RotateSessions(user.ID); err != nil {
			return err
		}
		action := ActionOperatorRemoved
		if operator {
			action = ActionOperatorAdded
		}
		return tx.AppendAudit(p.accountEvent(Actor{UserID: user.ID, Name: commandLine}, action, ""))
	})
	return user, err
}

// checkKeepsOperator fails with [ErrConflict] for the last operator. The caller holds the installation's lock.
func checkKeepsOperator(tx Tx, user User) error {
	n, err := tx.CountOperators()
	if err != nil || n > 1 {
		return err
	}
	return &Conflict{"The last operator", user.Email +
		" is the last operator. Make somebody else one first, with keyporter operator add."}
}
