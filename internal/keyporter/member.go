package keyporter

import (
	"context"
	"errors"
	"time"

	"keyporter/internal/token"
	"keyporter/plural"
)

// A Role is what a user is in one subscription.
type Role string

// The roles.
const (
	SubscriptionAdmin Role = "subscription_admin"
	Admin             Role = "admin"
	Viewer            Role = "viewer"
)

// String returns the role as pages name it.
func (r Role) String() string {
	switch r {
	case SubscriptionAdmin:
		return "Subscription admin"
	case Admin:
		return "Admin"
	case Viewer:
		return "Viewer"
	}
	return string(r)
}

// A Member is a user in one subscription, or somebody who was invited and has not joined yet.
type Member struct {
	ID             string
	SubscriptionID string
	UserID         string // "" until joined
	Name           string // of the invitation; once joined, the user's
	Email          string
	Role           Role
	KeyAccess      bool // the permission integration key access, as given; MayManageKeys applies the role
	Invited        time.Time
	InvitedBy      string    // the user's ID; "" for the first user, and where it is not known
	Joined         time.Time // zero until joined
	LinkExpires    time.Time // the invitation's end; zero once joined, and when its link has expired and was deleted
}

// MayManageKeys reports whether the member has integration key access: Subscription admins always, Viewers never.
func (m Member) MayManageKeys() bool {
	return m.Role == SubscriptionAdmin || m.Role == Admin && m.KeyAccess
}

// MayManageApplications reports whether the member may create, rename and delete applications.
func (m Member) MayManageApplications() bool { return m.Role == SubscriptionAdmin || m.Role == Admin }

// Administers reports whether the member may change the subscription itself and who belongs to it.
func (m Member) Administers() bool { return m.Role == SubscriptionAdmin }

type memberRows interface {
	// MemberOf returns the user's membership.
	MemberOf(subscription, userID string) (Member, error)
	// Member returns one member of the subscription, joined or invited.
	Member(subscription, id string) (Member, error)
	// MemberByID returns a member of any subscription.
	MemberByID(id string) (Member, error)
	// Members lists the subscription's members, joined and invited, by name.
	Members(subscription string) ([]Member, error)
	MemberByEmail(subscription, folded string) (Member, error)
	// IsInvited reports whether the address has an open invitation to any subscription.
	IsInvited(folded string) (bool, error)
	InsertMember(m Member, folded string) error
	SetRights(id string, r Role, keyAccess bool) error
	Join(id, userID string, at time.Time) error
	// DeleteMember deletes the member and their Feedback API keys.
	DeleteMember(id string) error
	// CountSubscriptionAdmins counts the Subscription admins who have joined.
	CountSubscriptionAdmins(subscription string) (int, error)
	// SubscriptionAdmins lists at most n Subscription admins who have joined.
	SubscriptionAdmins(subscription string, n int) ([]UserName, error)
}

// SubscriptionAdmins returns the names and email addresses of people to ask, at most five.
func (p *Porter) SubscriptionAdmins(ctx context.Context, a Actor, subscription string) ([]string, error) {
	var names []string
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		names, err = adminsToAsk(tx, subscription)
		return err
	})
	return names, err
}

// Members lists the subscription's members, joined and invited, by name. Every member may.
func (p *Porter) Members(ctx context.Context, a Actor, subscription string) ([]Member, error) {
	var members []Member
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		members, err = tx.Members(subscription)
		for i := range members {
			if members[i].LinkExpires.After(p.now().Add(linkLife + clockSkew)) { // invalid, though it was not swept yet
				members[i].LinkExpires = time.Time{}
			}
		}
		return err
	})
	return members, err
}

// LastAdmin returns the ID of the only Subscription admin among a subscription's members, who can neither be removed
// nor given another role; "" where there are several. Invited ones do not count.
func LastAdmin(members []Member) string {
	last := ""
	for _, m := range members {
		if m.Role != SubscriptionAdmin || m.UserID == "" {
			continue
		}
		if last != "" {
			return ""
		}
		last = m.ID
	}
	return last
}

// CheckAdministers fails with [ErrForbidden] unless the actor is a Subscription admin. Forms call it before they are
// shown.
func (p *Porter) CheckAdministers(ctx context.Context, a Actor, subscription, what string) error {
	return p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) error { return p.checkAdministers(tx, m, what) })
}

// Member returns one member, joined or invited. Subscription admins may.
func (p *Porter) Member(ctx context.Context, a Actor, subscription, id string) (Member, error) {
	var member Member
	err := p.inReadTx(ctx, a, subscription, func(tx Tx, m Member) (err error) {
		if err := p.checkAdministers(tx, m, "manage users"); err != nil {
			return err
		}
		member, err = tx.Member(subscription, id)
		return err
	})
	return member, err
}

// AddMember invites somebody to the subscription. Subscription admins may. The result does not reveal whether the
// address has an account. It fails with [Invalid] for "name", "email" and "role".
func (p *Porter) AddMember(ctx context.Context, a Actor, subscription string, m Member) (Invited, error) {
	invalid := Invalid{}
	m.Name = invalid.cleanLine("name", m.Name, maxName)
	m.Email = invalid.cleanEmail("email", m.Email)
	invalid.add("role", checkRole(m.Role))
	var invited Invited
	err := p.inWriteTx(ctx, a, subscription, ActionInvited, "", func(tx Tx, actor Member) error {
		if err := p.checkAdministers(tx, actor, "add users"); err != nil {
			return err
		}
		if err := invalid.errorOrNil(); err != nil {
			return err
		}
		if other, err := memberByEmail(tx, subscription, m.Email); err == nil {
			return Invalid{"email": alreadyThere(other)}
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		s, err := tx.Subscription(subscription)
		if err != nil {
			return err
		}
		m.ID, m.SubscriptionID, m.Invited, m.InvitedBy = token.NewID(), subscription, p.now(), a.UserID
		invited, err = p.invite(tx, a, s, m)
		return err
	})
	return invited, err
}

func alreadyThere(m Member) string {
	if m.UserID == "" {
		return "This address is invited already. New link in the list makes another link for it."
	}
	return "This address belongs to a user of this subscription already."
}

func checkRole(r Role) string {
	if r == SubscriptionAdmin || r == Admin || r == Viewer {
		return ""
	}
	return "Choose a role."
}

func rights(r Role, keyAccess bool) string {
	if r == Admin && keyAccess {
		return r.String() + " with integration key access"
	}
	return r.String()
}

// ChangeRights changes a member's role and permission. Subscription admins may. It applies to the member's next
// request. It fails with [Invalid] for "role", also if the member is the last Subscription admin.
func (p *Porter) ChangeRights(ctx context.Context, a Actor, subscription, id string, r Role, keyAccess bool) error {
	return p.inWriteTx(ctx, a, subscription, ActionChangedRights, id, func(tx Tx, actor Member) error {
		if err := p.checkAdministers(tx, actor, "change users' rights"); err != nil {
			return err
		}
		if sentence := checkRole(r); sentence != "" {
			return Invalid{"role": sentence}
		}
		m, err := tx.Member(subscription, id)
		if err != nil {
			return err
		}
		keyAccess = keyAccess && r == Admin
		if m.Role == r && m.KeyAccess == keyAccess {
			return nil
		}
		if r != SubscriptionAdmin {
			if err := p.checkKeepsAdmin(tx, m, "role"); err != nil {
				return err
			}
		}
		if err := tx.SetRights(m.ID, r, keyAccess); err != nil {
			return err
		}
		if err := tx.RotateSessions(m.UserID); err != nil {
			return err
		}
		detail := m.Name + " (" + m.Email + "): " + rights(m.Role, m.KeyAccess) + " → " + rights(r, keyAccess)
		return tx.AppendAudit(p.auditEvent(a, subscription, ActionChangedRights, detail))
	})
}

// checkKeepsAdmin fails with [Invalid] for the field if m is the last Subscription admin. The caller holds the
// subscription's lock.
func (p *Porter) checkKeepsAdmin(tx Tx, m Member, field string) error {
	if m.Role != SubscriptionAdmin || m.UserID == "" {
		return nil
	}
	n, err := tx.CountSubscriptionAdmins(m.SubscriptionID)
	if err != nil || n > 1 {
		return err
	}
	return Invalid{field: m.Name +
		" is the last Subscription admin. Make somebody else one first; invitations that were not used do not count."}
}

// RemoveMember removes a member from the subscription, or withdraws an invitation. Subscription admins may. The user's
// rights in this subscription and their Feedback API keys of it end with the next request; their sessions and the
// integration keys that they created stay. It fails with [Invalid] under "" for the last Subscription admin.
func (p *Porter) RemoveMember(ctx context.Context, a Actor, subscription, id string) (Member, error) {
	var m Member
	err := p.inWriteTx(ctx, a, subscription, ActionRemoved, id, func(tx Tx, actor Member) (err error) {
		if err := p.checkAdministers(tx, actor, "remove users"); err != nil {
			return err
		}
		if m, err = tx.Member(subscription, id); err != nil {
			return err
		}
		if err := p.checkKeepsAdmin(tx, m, ""); err != nil {
			return err
		}
		if err := tx.DeleteLinks(purposeInvitation, m.ID); err != nil {
			return err
		}
		ended, err := tx.CountKeys(keysOf(m, FeedbackKey), KeyFilter{}, CountLimit+1)
		if err != nil {
			return err
		}
		if err := tx.DeleteMember(m.ID); err != nil {
			return err
		}
		if err := tx.RotateSessions(m.UserID); err != nil {
			return err
		}
		return tx.AppendAudit(p.auditEvent(a, subscription, ActionRemoved, m.Name+" ("+m.Email+")"+endedKeys(ended)))
	})
	return m, err
}

// endedKeys says how many Feedback API keys ended with a member.
func endedKeys(n int) string {
	switch {
	case n == 0:
		return ""
	case n > CountLimit:
		return ", and more than " + plural.Count(CountLimit, "Feedback API key", "Feedback API keys") + " with them"
	}
	return ", and " + plural.Count(n, "Feedback API key", "Feedback API keys") + " with them"
}
