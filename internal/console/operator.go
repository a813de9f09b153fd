package console

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/web/layout"
	"keyporter/web/page"
	"keyporter/web/part"
)

const operatorPath = "/operator/subscriptions"

var operatorCrumb = layout.Link{Text: "Subscriptions", Href: operatorPath}

func (c *Console) subscriptions(ec echo.Context, r requester) error {
	pos, err := position(ec)
	if err != nil {
		return err
	}
	list, err := c.porter.Subscriptions(ec.Request().Context(), r.actor, pos)
	if err != nil {
		return err
	}
	back := c.porter.ClockSetBack()
	view := page.SubscriptionsView{
		ClockSetBack: back.At, ClockSetBackBy: minutes(back.By), Newer: pageHref(ec, list.Newer),
		Older: pageHref(ec, list.Older),
	}
	for _, s := range list.Rows {
		view.Rows = append(view.Rows, page.SubscriptionRow{
			ID: s.ID, Name: s.Name, State: string(s.Feature()), Created: s.Created, Members: strconv.Itoa(s.Members),
			Waiting: s.Members == 0,
		})
	}
	return c.render(ec, http.StatusOK, page.Subscriptions(c.frame(ec, r, "Subscriptions"), view))
}

func (c *Console) newSubscriptionForm(ec echo.Context, r requester) error {
	if err := c.porter.CheckOperates(ec.Request().Context(), r.actor); err != nil {
		return err
	}
	return c.newSubscriptionPage(ec, r, http.StatusOK, page.NewSubscriptionView{})
}

func (c *Console) newSubscriptionPage(ec echo.Context, r requester, status int, view page.NewSubscriptionView) error {
	view.Nonce = c.porter.NewNonce(r.session)
	return c.render(ec, status, page.NewSubscription(c.frame(ec, r, "Create subscription", operatorCrumb), view))
}

func (c *Console) createSubscription(ec echo.Context, r requester) error {
	view := page.NewSubscriptionView{
		Subscription: field(ec, "subscription"), Name: field(ec, "name"), Email: field(ec, "email"),
	}
	invited, err := c.porter.CreateSubscription(ec.Request().Context(), r.actor, keyporter.SubscriptionForm{
		Subscription: view.Subscription, Name: view.Name, Email: view.Email,
		Once: c.porter.Once(r.session, field(ec, "nonce")),
	})
	if errs := fieldErrors(err); errs != nil {
		view.Errors = errs
		return c.newSubscriptionPage(ec, r, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.showLink(ec, r, invited, operatorPath, operatorCrumb)
}

func (c *Console) renewFirstInvitation(ec echo.Context, r requester) error {
	id, err := idParam(ec, "subscription")
	if err != nil {
		return err
	}
	invited, err := c.porter.RenewFirstInvitation(ec.Request().Context(), r.actor, id)
	if err != nil {
		return err
	}
	return c.showLink(ec, r, invited, operatorPath, operatorCrumb)
}

func (c *Console) makeAvailable(ec echo.Context, r requester) error {
	id, err := idParam(ec, "subscription")
	if err != nil {
		return err
	}
	if err := c.porter.SetFeatureAvailable(ec.Request().Context(), r.actor, id, true); err != nil {
		return err
	}
	return c.redirectWithFlash(ec, operatorPath, flashMadeAvailable)
}

func (c *Console) withdrawForm(ec echo.Context, r requester) error {
	return c.withdrawPage(ec, r, http.StatusOK, "", nil)
}

func (c *Console) withdrawPage(ec echo.Context, r requester, status int, typed string, errs part.Errors) error {
	id, err := idParam(ec, "subscription")
	if err != nil {
		return err
	}
	s, err := c.porter.OperatedSubscription(ec.Request().Context(), r.actor, id)
	if err != nil {
		return err
	}
	view := page.WithdrawView{ID: s.ID, Name: s.Name, Typed: typed, Errors: errs}
	return c.render(ec, status, page.Withdraw(c.frame(ec, r, "Withdraw Integration Keys", operatorCrumb), view))
}

func (c *Console) withdraw(ec echo.Context, r requester) error {
	id, err := idParam(ec, "subscription")
	if err != nil {
		return err
	}
	typed := field(ec, "confirm")
	err = c.porter.WithdrawFeature(ec.Request().Context(), r.actor, id, typed)
	if errs := fieldErrors(err); errs != nil {
		return c.withdrawPage(ec, r, http.StatusUnprocessableEntity, typed, errs)
	}
	if err != nil {
		return err
	}
	return c.redirectWithFlash(ec, operatorPath, flashWithdrawn)
}
