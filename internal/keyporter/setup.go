package keyporter

import (
	"context"
	"errors"

	"keyporter/internal/token"
)

// A SetUpForm holds the fields of the first subscription and the first user.
type SetUpForm struct{ Subscription, Name, Email, Password string }

// SetUpLink returns the value of a new set-up link, valid for one hour and one use, which replaces earlier ones; or the
// zero Token if the installation is set up.
func (p *Porter) SetUpLink(ctx context.Context) (token.Token, error) {
	var value token.Token
	err := p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		if done, err := tx.IsSetUp(); err != nil || done {
			return err
		}
		var err error
		value, _, err = p.newLink(tx, purposeSetUp, "")
		return err
	})
	return value, err
}

// CheckSetUpLink fails with [ErrNotFound] unless the value is that of the set-up link.
func (p *Porter) CheckSetUpLink(ctx context.Context, value string) error {
	return p.store.Read(ctx, func(tx Tx) error {
		_, err := p.openSetUp(tx, value)
		return err
	})
}

func (p *Porter) openSetUp(tx Tx, value string) (Link, error) {
	if done, err := tx.IsSetUp(); err != nil {
		return Link{}, err
	} else if done {
		return Link{}, ErrNotFound
	}
	return p.openLink(tx, purposeSetUp, value)
}

// SetUp uses up the set-up link, creates the first subscription, with the feature available and off, and the first
// user, who is Subscription admin and operator, and begins their session, whose value it returns. It fails with
// [ErrNotFound], and with [Invalid] for "subscription", "name", "email" and "password".
func (p *Porter) SetUp(ctx context.Context, value string, form SetUpForm, o ClientInfo) (token.Token, string, error) {
	if err := p.CheckSetUpLink(ctx, value); err != nil {
		return token.Token{}, "", err
	}
	f, err := p.newSetUp(ctx, form)
	if err != nil {
		return token.Token{}, "", err
	}
	var session token.Token
	err = p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		if _, err := p.openSetUp(tx, value); err != nil {
			return err
		}
		if err := p.insertSetUp(tx, f, o); err != nil {
			return err
		}
		session, err = p.startSession(tx, f.user.ID, o)
		return err
	})
	return session, f.subscription.ID, err
}

// SetUpFromCommandLine is [Porter.SetUp] for the command line, without a link and a session. It fails with
// [ErrConflict] when the installation is set up.
func (p *Porter) SetUpFromCommandLine(ctx context.Context, form SetUpForm) (string, error) {
	f, err := p.newSetUp(ctx, form)
	if err != nil {
		return "", err
	}
	err = p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		if err := checkNotSetUp(tx); err != nil {
			return err
		}
		return p.insertSetUp(tx, f, ClientInfo{Address: commandLine})
	})
	return f.subscription.ID, err
}

// CheckNotSetUp fails with [ErrConflict] when the installation is set up.
func (p *Porter) CheckNotSetUp(ctx context.Context) error { return p.store.Read(ctx, checkNotSetUp) }

func checkNotSetUp(tx Tx) error {
	done, err := tx.IsSetUp()
	if err == nil && done {
		err = &Conflict{"Already set up", "This database is already set up."}
	}
	return err
}

// IsSetUp reports whether the installation has its first user.
func (p *Porter) IsSetUp(ctx context.Context) (bool, error) {
	err := p.CheckNotSetUp(ctx)
	if errors.Is(err, ErrConflict) {
		return true, nil
	}
	return false, err
}

// SavePublicURL stores the address of the console, for commands that print links to it.
func (p *Porter) SavePublicURL(ctx context.Context, url string) error {
	return p.store.Write(ctx, func(tx Tx) error {
		if err := tx.LockInstallation(); err != nil {
			return err
		}
		return tx.SetPublicURL(url)
	})
}

// PublicURL returns the address of the console, or "" if it was never served.
func (p *Porter) PublicURL(ctx context.Context) (string, error) {
	url := ""
	err := p.store.Read(ctx, func(tx Tx) (err error) {
		url, err = tx.PublicURL()
		return err
	})
	return url, err
}

// An initialSetUp holds the first rows of an installation.
type initialSetUp struct {
	user         User
	subscription Subscription
}

// Check returns the form as it would be stored. It fails with [Invalid] as [Porter.SetUp] does.
func (form SetUpForm) Check() (SetUpForm, error) {
	invalid := Invalid{}
	form.Subscription = invalid.cleanLine("subscription", form.Subscription, maxName)
	form.Name = invalid.cleanLine("name", form.Name, maxName)
	form.Email = invalid.cleanEmail("email", form.Email)
	invalid.add("password", checkPassword(form.Password, form.Email))
	return form, invalid.errorOrNil()
}

func (p *Porter) newSetUp(ctx context.Context, form SetUpForm) (initialSetUp, error) {
	form, err := form.Check()
	if err != nil {
		return initialSetUp{}, err
	}
	stored, err := p.hashPassword(ctx, nil, form.Password)
	if err != nil {
		return initialSetUp{}, err
	}
	return initialSetUp{
		user:         p.newUser(form.Name, form.Email, stored, true),
		subscription: Subscription{ID: token.NewID(), Name: form.Subscription, Created: p.now(), Available: true},
	}, nil
}

func (p *Porter) insertSetUp(tx Tx, f initialSetUp, o ClientInfo) error {
	if err := tx.InsertUser(f.user, foldEmail(f.user.Email)); err != nil {
		return err
	}
	if err := p.insertSubscription(tx, f.subscription); err != nil {
		return err
	}
	m := Member{
		ID: token.NewID(), SubscriptionID: f.subscription.ID, UserID: f.user.ID, Name: f.user.Name, Email: f.user.Email,
		Role: SubscriptionAdmin, Invited: f.subscription.Created, Joined: f.subscription.Created,
	}
	if err := tx.InsertMember(m, foldEmail(m.Email)); err != nil {
		return err
	}
	if err := tx.DeleteLinks(purposeSetUp, ""); err != nil {
		return err
	}
	a := Actor{UserID: f.user.ID, Name: f.user.Name, Email: f.user.Email, ClientInfo: o}
	return tx.AppendAudit(p.auditEvent(a, f.subscription.ID, ActionSetUp, f.subscription.Name))
}
