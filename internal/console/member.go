package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) members(ec echo.Context, v visit) error {
	members, err := c.porter.Members(ec.Request().Context(), v.actor, v.Subscription.ID)
	if err != nil {
		return err
	}
	view := page.MembersView{Settings: v.settings(), CanManage: v.Member.Administers()}
	last := keyporter.LastAdmin(members)
	isAlike := alike(members, func(m keyporter.Member) string { return m.Name })
	for i, m := range members {
		view.Rows = append(view.Rows, page.MemberRow{
			Alike: isAlike[i],
			ID:    m.ID, UserID: m.UserID, Name: m.Name, Email: m.Email, Role: m.Role.String(), KeyAccess: m.MayManageKeys(), Pending: m.UserID == "",
			You: m.UserID == v.actor.UserID, Joined: m.Joined, LinkExpires: m.LinkExpires, LastAdmin: m.ID == last,
		})
	}
	return c.render(ec, http.StatusOK, page.Members(c.frame(ec, v, "Users", v.crumbs()...), view))
}

func (c *Console) newMemberForm(ec echo.Context, v visit) error {
	if err := c.porter.CheckAdministers(ec.Request().Context(), v.actor, v.Subscription.ID, "add users"); err != nil {
		return err
	}
	return c.newMemberPage(ec, v, http.StatusOK, page.NewMemberView{Role: string(keyporter.Admin)})
}

func (c *Console) newMemberPage(ec echo.Context, v visit, status int, view page.NewMemberView) error {
	view.Settings = v.settings()
	return c.render(ec, status, page.NewMember(c.frame(ec, v, "Add user", v.crumbs(v.usersCrumb())...), view))
}

func (c *Console) addMember(ec echo.Context, v visit) error {
	view := page.NewMemberView{
		Name: field(ec, "name"), Email: field(ec, "email"), Role: field(ec, "role"), KeyAccess: field(ec, "key_access") == "on",
	}
	member := keyporter.Member{Name: view.Name, Email: view.Email, Role: keyporter.Role(view.Role), KeyAccess: view.KeyAccess}
	invited, err := c.porter.AddMember(ec.Request().Context(), v.actor, v.Subscription.ID, member)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		view.Errors = part.Errors(invalid)
		return c.newMemberPage(ec, v, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.showLink(ec, v, invited, v.settings()+"/users", v.crumbs(v.usersCrumb())...)
}

func (c *Console) editMemberForm(ec echo.Context, v visit) error {
	return c.editMemberPage(ec, v, http.StatusOK, func(*page.EditMemberView) {})
}

func (c *Console) editMemberPage(ec echo.Context, v visit, status int, change func(*page.EditMemberView)) error {
	id, err := memberID(ec)
	if err != nil {
		return err
	}
	m, err := c.porter.Member(ec.Request().Context(), v.actor, v.Subscription.ID, id)
	if err != nil {
		return err
	}
	view := page.EditMemberView{Settings: v.settings(), ID: m.ID, UserID: m.UserID, Name: m.Name, Email: m.Email, Role: string(m.Role), KeyAccess: m.KeyAccess}
	change(&view)
	return c.render(ec, status, page.EditMember(c.frame(ec, v, "Edit user", v.crumbs(v.usersCrumb())...), view))
}

func memberID(ec echo.Context) (string, error) {
	id := ec.Param("member")
	if !token.IsID(id) {
		return "", keyporter.ErrNotFound
	}
	return id, nil
}

func (c *Console) editMember(ec echo.Context, v visit) error {
	id, err := memberID(ec)
	if err != nil {
		return err
	}
	role, keyAccess := field(ec, "role"), field(ec, "key_access") == "on"
	err = c.porter.ChangeRights(ec.Request().Context(), v.actor, v.Subscription.ID, id, keyporter.Role(role), keyAccess)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.editMemberPage(ec, v, http.StatusUnprocessableEntity, func(view *page.EditMemberView) {
			view.Role, view.KeyAccess, view.Errors = role, keyAccess, part.Errors(invalid)
		})
	}
	if err != nil {
		return err
	}
	return c.seeOther(ec, v.settings()+"/users", noteSaved)
}

func (c *Console) removeMemberForm(ec echo.Context, v visit) error {
	return c.removeMemberPage(ec, v, http.StatusOK, nil)
}

func (c *Console) removeMemberPage(ec echo.Context, v visit, status int, errs part.Errors) error {
	id, err := memberID(ec)
	if err != nil {
		return err
	}
	removal, err := c.porter.MemberRemoval(ec.Request().Context(), v.actor, v.Subscription.ID, id)
	if err != nil {
		return err
	}
	m := removal.Member
	view := page.RemoveMemberView{
		Settings: v.settings(), ID: m.ID, UserID: m.UserID, Name: m.Name, Email: m.Email, Pending: m.UserID == "", You: m.UserID == v.actor.UserID,
		Keys: total(removal.Keys, false), FeedbackKeys: feedbackTotal(removal.FeedbackKeys), Refused: removal.Refused, Errors: errs,
	}
	return c.render(ec, status, page.RemoveMember(c.frame(ec, v, "Remove user", v.crumbs(v.usersCrumb())...), view))
}

// feedbackTotal says how many Feedback API keys there are; "" for none.
func feedbackTotal(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 Feedback API key"
	}
	return count(n) + " Feedback API keys"
}

func (c *Console) removeMember(ec echo.Context, v visit) error {
	id, err := memberID(ec)
	if err != nil {
		return err
	}
	removed, err := c.porter.RemoveMember(ec.Request().Context(), v.actor, v.Subscription.ID, id)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.removeMemberPage(ec, v, http.StatusUnprocessableEntity, part.Errors(invalid))
	}
	if err != nil {
		return err
	}
	if removed.UserID == v.actor.UserID {
		return c.seeOther(ec, "/", noteNone)
	}
	return c.seeOther(ec, v.settings()+"/users", noteRemoved)
}

func (c *Console) renewInvitation(ec echo.Context, v visit) error {
	id, err := memberID(ec)
	if err != nil {
		return err
	}
	invited, err := c.porter.RenewInvitation(ec.Request().Context(), v.actor, v.Subscription.ID, id)
	if err != nil {
		return err
	}
	return c.showLink(ec, v, invited, v.settings()+"/users", v.crumbs(v.usersCrumb())...)
}
