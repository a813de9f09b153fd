package demo

import (
	"time"

	"keyporter/internal/keyporter"
)

func (f *filler) setUp() (err error) {
	f.subscription, err = f.porter.SetUpFromCommandLine(f.ctx, keyporter.SetUpForm{
		Subscription: "Acme Analytics", Name: "Ada Lindqvist", Email: Ada, Password: f.password,
	})
	if err != nil {
		return err
	}
	ada, err := f.signIn(Ada)
	if err != nil {
		return err
	}
	phone := keyporter.ApplicationForm{Name: "Phone app", Platform: keyporter.IOS, Once: f.once(ada)}
	if _, err := f.porter.CreateApplication(f.ctx, ada.Actor(client), f.subscription, phone); err != nil {
		return err
	}
	return f.porter.SwitchFeature(f.ctx, ada.Actor(client), f.subscription, true)
}

func (f *filler) addMembers() error {
	ada, err := f.actor(Ada)
	if err != nil {
		return err
	}
	for _, m := range []keyporter.Member{
		{Name: "Tomás Oliveira", Email: Tomas, Role: keyporter.Admin, KeyAccess: true},
		{Name: "Jun Nakamura", Email: jun, Role: keyporter.Admin, KeyAccess: true},
		{Name: "Noor Haddad", Email: Noor, Role: keyporter.Admin},
		{Name: "Mei Tanaka", Email: Mei, Role: keyporter.Viewer},
	} {
		f.now = f.now.Add(7 * time.Minute)
		invited, err := f.porter.AddMember(f.ctx, ada, f.subscription, m)
		if err != nil {
			return err
		}
		_, _, err = f.porter.AcceptInvitation(f.ctx, invited.Value.Reveal(), m.Name, f.password, client)
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) removeJun() error {
	ada, err := f.actor(Ada)
	if err != nil {
		return err
	}
	members, err := f.porter.Members(f.ctx, ada, f.subscription)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.Email == jun {
			_, err = f.porter.RemoveMember(f.ctx, ada, f.subscription, m.ID)
		}
	}
	return err
}

// addSubscriptions adds two more subscriptions: Ada is a member of one of them, and has not joined the other yet.
func (f *filler) addSubscriptions() error {
	f.now = f.end.Add(-3 * time.Hour)
	ada, err := f.actor(Ada)
	if err != nil {
		return err
	}
	for _, name := range []string{"Globex Retail", "Initech"} {
		form := keyporter.SubscriptionForm{Subscription: name, Name: "Ada Lindqvist", Email: Ada}
		invited, err := f.porter.CreateSubscription(f.ctx, ada, form)
		if err != nil {
			return err
		}
		if name == "Initech" {
			continue
		}
		if err := f.porter.SetFeatureAvailable(f.ctx, ada, invited.Member.SubscriptionID, true); err != nil {
			return err
		}
		if _, err := f.porter.JoinSubscription(f.ctx, ada, invited.Value.Reveal()); err != nil {
			return err
		}
	}
	if err := f.porter.RememberSubscription(f.ctx, ada, f.subscription); err != nil {
		return err
	}
	f.now = f.end
	return f.porter.DeleteExpired(f.ctx)
}
