package page_test

import (
	"time"

	"keyporter/web/layout"
	"keyporter/web/page"
	"keyporter/web/part"
)

func integrationStories() []story {
	view := func(state string, canSwitch, canManage bool) page.IntegrationsView {
		return page.IntegrationsView{
			Settings: home, State: state, CanSwitch: canSwitch, CanManage: canManage,
			OperatorContact: "keys@vendor.example",
			Admins:          []string{"Ada Lindqvist", "نور حداد", "Tomás Oliveira"},
		}
	}
	frame := member("Integrations", layout.Link{Text: "Integrations"})
	policyFrame := member("Key policy", layout.Link{Text: "Integrations"}, layout.Link{Text: "Key policy"})
	nobody := view("unavailable", false, false)
	nobody.OperatorContact, nobody.Admins = "", nil
	return []story{
		{"integrations-on", page.Integrations(frame, view("on", true, true))},
		{"integrations-off", page.Integrations(
			flashed(frame, "Integration Keys is switched off."), view("off", true, true),
		)},
		{"integrations-unavailable", page.Integrations(frame, view("unavailable", true, true))},
		{"integrations-on-viewer", page.Integrations(frame, view("on", false, false))},
		{"integrations-off-viewer", page.Integrations(frame, view("off", false, true))},
		{"integrations-unavailable-viewer", page.Integrations(frame, nobody)},
		{"key-policy", page.KeyPolicy(policyFrame, page.KeyPolicyView{
			Settings: home, LongestLife: "90", Version: "90 true", WriteNeedsAddresses: true,
		})},
		{"key-policy-error", page.KeyPolicy(policyFrame, page.KeyPolicyView{
			Settings: home, LongestLife: "0", Version: "90",
			Errors: part.Errors{"longest_life": "Choose one of the offered lives."},
		})},
		{"switch-off", page.SwitchOff(frame, page.SwitchOffView{
			Settings: home, Keys: "more than 1,000", UsedLastDay: "312",
		})},
	}
}

func auditStories() []story {
	rows := []page.AuditRow{
		{
			At: ago(3 * time.Minute), Actor: "Ada Lindqvist", Email: "ada@acme.example", UserID: "Hq7Vd2Lk9TfA",
			What: "Created an integration key", Detail: "Nightly warehouse export, Read", Key: "4fT9aQ0bZ7Lm",
			Address: "10.0.4.17",
		},
		{
			At: ago(2 * time.Hour), Actor: "Tomás Oliveira", Email: "tomas@acme.example", UserID: "b3Xw8Rn1Zc5E",
			What: "Tried to delete an integration key", Key: "Wk2vC8sXr5Ye", Address: "2001:db8:85a3::8a2e:370:7334",
			Refused: true, Attempts: "12,408 times", Last: ago(90 * time.Minute), LastAddress: "203.0.113.9",
		},
		{
			At: ago(26 * time.Hour), Actor: "نور حداد", Email: "nour@acme.example", UserID: "K0sP6mYt4JgU",
			What: "Switched Integration Keys on", Address: "203.0.113.9",
		},
		{
			At: ago(400 * 24 * time.Hour), Actor: joined, Email: joined + "@example.com", UserID: "K0sP6mYt4JgU",
			What: "Renamed the subscription", Detail: joined, Address: "10.0.4.17",
		},
	}
	frame := member("Audit log", layout.Link{Text: "Audit log"})
	return []story{
		{"audit", page.AuditLog(frame, page.AuditView{Rows: rows, Older: "?after=x"})},
		{"audit-empty", page.AuditLog(frame, page.AuditView{})},
	}
}

func operatorStories() []story {
	rows := []page.SubscriptionRow{
		{ID: "acme1", Name: "Acme Analytics", State: "on", Created: ago(400 * 24 * time.Hour), Members: "5"},
		{ID: "other", Name: "شركة المثال", State: "off", Created: ago(20 * 24 * time.Hour), Members: "1"},
		{ID: "third", Name: joined, State: "unavailable", Created: ago(2 * 24 * time.Hour), Members: "more than 1,000"},
	}
	inside := layout.Link{Text: "Subscriptions", Href: "/operator/subscriptions"}
	return []story{
		{"withdraw", page.Withdraw(operator("Withdraw Integration Keys", inside), page.WithdrawView{
			ID: "acme1", Name: "Acme Analytics",
		})},
		{"withdraw-error", page.Withdraw(operator("Withdraw Integration Keys", inside), page.WithdrawView{
			ID: "other", Name: joined, Typed: "Acme",
			Errors: part.Errors{"confirm": "This is not the subscription's name."},
		})},
		{"subscriptions", page.Subscriptions(
			flashed(operator("Subscriptions"), "Integration Keys is available to Acme Analytics."),
			page.SubscriptionsView{Rows: rows, Newer: "?before=x", Older: "?after=y"},
		)},
		{"subscriptions-clock", page.Subscriptions(operator("Subscriptions"), page.SubscriptionsView{
			Rows: rows[:1], ClockSetBack: ago(time.Hour), ClockSetBackBy: "12 minutes",
		})},
		{"subscriptions-empty", page.Subscriptions(operator("Subscriptions"), page.SubscriptionsView{})},
		{"subscription-new", page.NewSubscription(
			operator("Create subscription", inside, layout.Link{Text: "Create"}), page.NewSubscriptionView{},
		)},
		{"subscription-new-error", page.NewSubscription(
			operator("Create subscription", inside, layout.Link{Text: "Create"}),
			page.NewSubscriptionView{
				Name: "نور",
				Errors: part.Errors{
					"subscription": "Enter a name for the subscription.", "email": "Enter an email address.",
				},
			},
		)},
		{"subscription-link", page.OneTimeLink(
			operator("Link", inside, layout.Link{Text: "Link"}),
			page.OneTimeLinkView{
				Name: "Noor Haddad", Email: "noor@other.example", Subscription: "شركة المثال",
				URL: "https://keys.example.com/invitation?token=8d7f6a5c4b3e2d1f", Back: "/operator/subscriptions",
				Expires: now.Add(72 * time.Hour),
			},
		)},
	}
}

func problemStories() []story {
	lost := visitor("No subscription")
	lost.Person = "Jun Nakamura"
	return []story{
		{"home", page.Home(lost, page.HomeView{Email: "jun@acme.example"})},
		{"problem-403", page.Problem(member("Not allowed"), page.ProblemView{
			Status: 403, Heading: "You may not manage integration keys",
			Text: "That takes integration key access, which a Subscription admin can give you.",
			Ask:  []string{"Ada Lindqvist", "نور حداد"}, BackHref: home, BackText: "Back to Settings",
		})},
		{"problem-403-unavailable", page.Problem(member("Not available"), page.ProblemView{
			Status: 403, Heading: "Integration Keys is not available",
			Text:    "The feature is not available to this subscription, so no key was created.",
			Contact: "keys@vendor.example", BackHref: home, BackText: "Back to Settings",
		})},
		{"problem-404", page.Problem(visitor("Not found"), page.ProblemView{
			Status: 404, Heading: "There is no such page", Text: "It may have been deleted, or you may not see it.",
			BackHref: "/", BackText: "To the start",
		})},
		{"problem-409", page.Problem(member("Already created"), page.ProblemView{
			Status: 409, Heading: "This key was already created",
			Text:     "Its value was shown once. If it is lost, delete the key and add another.",
			BackHref: home + "/integrations/integration-keys", BackText: "Show all keys",
		})},
		{"problem-500", page.Problem(member("Fault"), page.ProblemView{
			Status: 500, Heading: "That is our fault", Text: "Something went wrong, and nothing was changed.",
			RequestID: "01KB2Z9X3M8QF7", BackHref: home, BackText: "Back to Settings",
		})},
	}
}
