package keyporter

import (
	"context"
	"errors"
	"time"
)

// An Inviter is the user who made an invitation, and when.
type Inviter struct {
	User User      // the zero User where it is not known, or the account was deleted
	At   time.Time // zero where it is not known
}

// A Membership is one subscription of a [Person].
type Membership struct {
	Subscription Subscription
	Member       Member
	Inviter      Inviter
}

// A UserName identifies a user to people. Names are not unique, so the ID and the address are shown with them.
type UserName struct{ ID, Name, Email string }

// A Person is what an operator is shown to identify an account. An email address alone does not: an account does not
// prove that its user owns the mailbox.
type Person struct {
	User        User
	InvitedTo   Subscription // to which the first invitation was; the zero Subscription where it is not known
	Inviter     Inviter      // of that invitation
	First       bool         // the account was created by the set-up
	Memberships []Membership // by the subscription's name
}

// Person returns the account with an address. It fails with [ErrNotFound]. It checks no right: it is for the command
// line.
func (p *Porter) Person(ctx context.Context, email string) (Person, error) {
	var person Person
	err := p.store.Read(ctx, func(tx Tx) (err error) {
		if person.User, err = userByEmail(tx, email); err != nil {
			return err
		}
		u := person.User
		if person.Inviter, err = inviter(tx, u.InvitedBy, u.Invited); err != nil {
			return err
		}
		if person.InvitedTo, err = tx.Subscription(u.InvitedTo); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		person.Memberships, err = memberships(tx, u.ID)
		for _, m := range person.Memberships { // the rows that the set-up inserts have one time
			person.First = person.First || u.InvitedBy == "" && m.Member.Invited.Equal(m.Member.Joined)
		}
		return err
	})
	return person, err
}

func memberships(tx Tx, userID string) ([]Membership, error) {
	subscriptions, err := tx.SubscriptionsOf(userID)
	if err != nil {
		return nil, err
	}
	var all []Membership
	for _, s := range subscriptions {
		m, err := tx.MemberOf(s.ID, userID)
		if err != nil {
			return nil, err
		}
		by, err := inviter(tx, m.InvitedBy, m.Invited)
		if err != nil {
			return nil, err
		}
		all = append(all, Membership{Subscription: s, Member: m, Inviter: by})
	}
	return all, nil
}

func inviter(tx Tx, id string, at time.Time) (Inviter, error) {
	if id == "" {
		return Inviter{At: at}, nil
	}
	user, err := tx.User(id)
	if errors.Is(err, ErrNotFound) {
		user, err = User{}, nil
	}
	return Inviter{User: user, At: at}, err
}
