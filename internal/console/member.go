package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/page"
	"keyporter/web/part"
)

func (c *Console) members(ec echo.Context, r requester) error {
	members, err := c.porter.Members(r.operationArgs(ec))
	if err != nil {
		return err
	}
	view := page.MembersView{Settings: r.settings(), CanManage: r.Member.Administers()}
	last := keyporter.LastAdmin(members)
	hasDuplicate := duplicates(members, func(m keyporter.Member) string { return m.Name })
	for i, m := range members {
		view.Rows = append(view.Rows, page.MemberRow{
			ID: m.ID, UserID: m.UserID, Name: m.Name, Email: m.Email, Role: m.Role.String(),
			KeyAccess: m.MayManageKeys(), Pending: m.UserID == "", You: m.UserID == r.actor.UserID,
			Joined: m.Joined, LinkExpires: m.LinkExpires, LastAdmin: m.ID == last, Duplicate: hasDuplicate[i],
		})
	}
	return c.render(ec, http.StatusOK, page.Members(c.frame(ec, r, "Users", r.crumbs()...), view))
}

func (c *Console) newMemberForm(ec echo.Context, r requester) error {
	ctx, actor, subscription := r.operationArgs(ec)
	if err := c.porter.CheckAdministers(ctx, actor, subscription, "add users"); err != nil {
		return err
	}
	return c.newMemberPage(ec, r, http.StatusOK, page.NewMemberView{Role: string(keyporter.Admin)})
}

func (c *Console) newMemberPage(ec echo.Context, r requester, status int, view page.NewMemberView) error {
	view.Settings = r.settings()
	return c.render(ec, status, page.NewMember(c.frame(ec, r, "Add user", r.crumbs(r.usersCrumb())...), view))
}

func (c *Console) addMember(ec echo.Context, r requester) error {
	view := page.NewMemberView{
		Name: field(ec, "name"), Email: field(ec, "email"), Role: field(ec, "role"),
		KeyAccess: field(ec, "key_access") == "on",
	}
	member := keyporter.Member{
		Name: view.Name, Email: view.Email, Role: keyporter.Role(view.Role), KeyAccess: view.KeyAccess,
	}
	ctx, actor, subscription := r.operationArgs(ec)
	invited, err := c.porter.AddMember(ctx, actor, subscription, member)
	if errs := fieldErrors(err); errs != nil {
		view.Errors = errs
		return c.newMemberPage(ec, r, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.showLink(ec, r, invited, r.settings()+"/users", r.crumbs(r.usersCrumb())...)
}

func (c *Console) editMemberForm(ec echo.Context, r requester) error {
	return c.editMemberPage(ec, r, http.StatusOK, func(*page.EditMemberView) {})
}

func (c *Console) editMemberPage(ec echo.Context, r requester, status int, change func(*page.EditMemberView)) error {
	id, err := memberID(ec)
	if err != nil {
		return err
	}
	ctx, actor, subscription := r.operationArgs(ec)
	m, err := c.porter.Member(ctx, actor, subscription, id)
	if err != nil {
		return err
	}
	view := page.EditMemberView{
		Settings: r.settings(), ID: m.ID, UserID: m.UserID, Name: m.Name, Email: m.Email, Role: string(m.Role),
		KeyAccess: m.KeyAccess,
	}
	change(&view)
	return c.render(ec, status, page.EditMember(c.frame(ec, r, "Edit user", r.crumbs(r.usersCrumb())...), view))
}

func memberID(ec echo.Context) (string, error) {
	id := ec.Param("member")
	if !token.IsID(id) {
		return "", keyporter.ErrNotFound
	}
	return id, nil
}

func (c *Console) editMember(ec echo.Context, r requester) error {
	id, err := memberID(ec)
	if err != nil {
		return err
	}
	role, keyAccess := field(ec, "role"), field(ec, "key_access") == "on"
	ctx, actor, subscription := r.operationArgs(ec)
	err = c.porter.ChangeRights(ctx, actor, subscription, id, keyporter.Role(role), keyAccess)
	if errs := fieldErrors(err); errs != nil {
		return c.editMemberPage(ec, r, http.StatusUnprocessableEntity, func(view *page.EditMemberView) {
			view.Role, view.KeyAccess, view.Errors = role, keyAccess, errs
		})
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, r.settings()+"/users", flashSaved)
}

func (c *Console) removeMemberForm(ec echo.Context, r requester) error {
	return c.removeMemberPage(ec, r, http.StatusOK, nil)
}

func (c *Console) removeMemberPage(ec echo.Context, r requester, status int, errs part.Errors) error {
	id, err := memberID(ec)
	if err != nil {
		return err
	}
	ctx, actor, subscription := r.operationArgs(ec)
	removal, err := c.porter.MemberRemoval(ctx, actor, subscription, id)
	if err != nil {
		return err
	}
	m := removal.Member
	view := page.RemoveMemberView{
		Settings: r.settings(), ID: m.ID, UserID: m.UserID, Name: m.Name, Email: m.Email, Pending: m.UserID == "",
		You:  m.UserID == r.actor.UserID,
		Keys: keyCount(removal.Keys, false), FeedbackKeys: feedbackKeyCount(removal.FeedbackKeys),
		Refused: removal.Refused, Errors: errs,
	}
	return c.render(ec, status, page.RemoveMember(c.frame(ec, r, "Remove user", r.crumbs(r.usersCrumb())...), view))
}

func (c *Console) removeMember(ec echo.Context, r requester) error {
	id, err := memberID(ec)
	if err != nil {
		return err
	}
	ctx, actor, subscription := r.operationArgs(ec)
	removed, err := c.porter.RemoveMember(ctx, actor, subscription, id)
	if errs := fieldErrors(err); errs != nil {
		return c.removeMemberPage(ec, r, http.StatusUnprocessableEntity, errs)
	}
	if err != nil {
		return err
	}
	if removed.UserID == r.actor.UserID {
		return c.redirectWithFlash(ec, "/", flashNone)
	}
	return c.redirectWithFlash(ec, r.settings()+"/users", flashRemoved)
}

func (c *Console) renewInvitation(ec echo.Context, r requester) error {
	id, err := memberID(ec)
	if err != nil {
		return err
	}
	ctx, actor, subscription := r.operationArgs(ec)
	invited, err := c.porter.RenewInvitation(ctx, actor, subscription, id)
	if err != nil {
		return err
	}
	return c.showLink(ec, r, invited, r.settings()+"/users", r.crumbs(r.usersCrumb())...)
}
