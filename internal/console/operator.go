package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"keyporter/internal/keyporter"
	"keyporter/internal/token"
	"keyporter/web/layout"
	"keyporter/web/page"
	"keyporter/web/part"
)

const operatorPath = "/operator/subscriptions"

var operatorCrumb = layout.Link{Text: "Subscriptions", Href: operatorPath}

func (c *Console) subscriptions(ec echo.Context, v visit) error {
	pos, err := position(ec)
	if err != nil {
		return err
	}
	list, err := c.porter.Subscriptions(ec.Request().Context(), v.actor, pos)
	if err != nil {
		return err
	}
	view := page.SubscriptionsView{Newer: pageHref(ec, list.Newer), Older: pageHref(ec, list.Older)}
	for _, s := range list.Rows {
		view.Rows = append(view.Rows, page.SubscriptionRow{
			ID: s.ID, Name: s.Name, State: string(s.Feature()), Created: s.Created, Members: decimal(s.Members), Waiting: s.Members == 0,
		})
	}
	return c.render(ec, http.StatusOK, page.Subscriptions(c.frame(ec, v, "Subscriptions"), view))
}

func (c *Console) newSubscriptionForm(ec echo.Context, v visit) error {
	if err := c.porter.CheckOperates(ec.Request().Context(), v.actor); err != nil {
		return err
	}
	return c.newSubscriptionPage(ec, v, http.StatusOK, page.NewSubscriptionView{})
}

func (c *Console) newSubscriptionPage(ec echo.Context, v visit, status int, view page.NewSubscriptionView) error {
	view.Nonce = c.porter.NewNonce(v.session)
	return c.render(ec, status, page.NewSubscription(c.frame(ec, v, "Create subscription", operatorCrumb), view))
}

func (c *Console) createSubscription(ec echo.Context, v visit) error {
	view := page.NewSubscriptionView{Subscription: field(ec, "subscription"), Name: field(ec, "name"), Email: field(ec, "email")}
	invited, err := c.porter.CreateSubscription(ec.Request().Context(), v.actor, keyporter.SubscriptionForm{
		Subscription: view.Subscription, Name: view.Name, Email: view.Email, Once: c.porter.Once(v.session, field(ec, "nonce")),
	})
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		view.Errors = formErrors(invalid, "nonce")
		return c.newSubscriptionPage(ec, v, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return c.showLink(ec, v, invited, operatorPath, operatorCrumb)
}

func (c *Console) renewFirstInvitation(ec echo.Context, v visit) error {
	id := ec.Param("subscription")
	if !token.IsID(id) {
		return keyporter.ErrNotFound
	}
	invited, err := c.porter.RenewFirstInvitation(ec.Request().Context(), v.actor, id)
	if err != nil {
		return err
	}
	return c.showLink(ec, v, invited, operatorPath, operatorCrumb)
}

func (c *Console) makeAvailable(ec echo.Context, v visit) error {
	id := ec.Param("subscription")
	if !token.IsID(id) {
		return keyporter.ErrNotFound
	}
	if err := c.porter.GrantFeature(ec.Request().Context(), v.actor, id, true); err != nil {
		return err
	}
	return c.seeOther(ec, operatorPath, noteMadeAvailable)
}

func (c *Console) withdrawForm(ec echo.Context, v visit) error {
	return c.withdrawPage(ec, v, http.StatusOK, "", nil)
}

func (c *Console) withdrawPage(ec echo.Context, v visit, status int, typed string, errs part.Errors) error {
	id := ec.Param("subscription")
	if !token.IsID(id) {
		return keyporter.ErrNotFound
	}
	s, err := c.porter.OperatedSubscription(ec.Request().Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := page.WithdrawView{ID: s.ID, Name: s.Name, Typed: typed, Errors: errs}
	return c.render(ec, status, page.Withdraw(c.frame(ec, v, "Withdraw Integration Keys", operatorCrumb), view))
}

func (c *Console) withdraw(ec echo.Context, v visit) error {
	id, typed := ec.Param("subscription"), field(ec, "confirm")
	if !token.IsID(id) {
		return keyporter.ErrNotFound
	}
	err := c.porter.WithdrawFeature(ec.Request().Context(), v.actor, id, typed)
	var invalid keyporter.Invalid
	if errors.As(err, &invalid) {
		return c.withdrawPage(ec, v, http.StatusUnprocessableEntity, typed, part.Errors(invalid))
	}
	if err != nil {
		return err
	}
	return c.seeOther(ec, operatorPath, noteWithdrawn)
}
