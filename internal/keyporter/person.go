package keyporter

import (
	"context"
	"errors"
	"time"
)

// An Inviter is who made an invitation, and when.
type Inviter struct {
	User User      // the zero User where it was not kept, or the account is gone
	At   time.Time // zero where it was not kept
}

// A Membership is one subscription of a [Person].
type Membership struct {
	Subscription Subscription
	Member       Member
	Inviter      Inviter
}

// A UserName is what names a user who did something or can help. A name can be anybody's, so the others stand with it.
type UserName struct{ ID, Name, Email string }

// A Person is what tells one account from another: an email address alone does not, because an account proves nothing
// about the mailbox whose address it carries.
type Person struct {
	User        User
	InvitedTo   Subscription // whose invitation made the account; the zero Subscription where it was not kept
	Inviter     Inviter      // who sent that invitation
	First       bool         // the account was made by setting the installation up
	Memberships []Membership // by the subscription's name
}

// Person returns whose the account with an address is. It fails with [ErrNotFound]. It is the command line's.
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
		for _, m := range person.Memberships { // what set-up writes has one time for all
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
