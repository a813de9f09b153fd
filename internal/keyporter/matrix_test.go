package keyporter_test

import (
	"strings"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// An operation is one exported method of a Porter, called by one person. What it works on is created before by a person
// who may.
type operation struct {
	method string
	do     func(f *fixture, s keyporter.Session) error
	// The outcome for each person; for a person who is not named, that of "others".
	outcomes map[string]string
	// The action of the event that a refusal leaves in Acme's log; "" for an operation that only reads.
	action keyporter.Action
}

const (
	done, forbidden, notFound = "done", "forbidden", "not found"
	others                    = "others"
)

// The outcomes for those who may do something, and for all others.
var (
	members   = map[string]string{ada: done, tom: done, nora: done, vic: done, others: notFound}
	admins    = map[string]string{ada: done, tom: forbidden, nora: forbidden, vic: forbidden, others: notFound}
	operators = map[string]string{olga: done, others: notFound}
	anybody   = map[string]string{others: done}

	mayManageKeys         = map[string]string{ada: done, tom: done, nora: forbidden, vic: forbidden, others: notFound}
	mayManageApplications = map[string]string{ada: done, tom: done, nora: done, vic: forbidden, others: notFound}
	mayManageExcludeList  = mayManageApplications
)

func (f *fixture) spare(s keyporter.Session) keyporter.Member {
	invited, err := f.AddMember(f.ctx, f.actor(ada), f.acme,
		keyporter.Member{Name: "Spare", Email: "spare" + f.NewNonce(s) + "@example.com", Role: keyporter.Viewer})
	f.ok(err)
	return invited.Member
}

// ownKey creates a Feedback API key of the member of Acme; of Ada if the person is no member.
func (f *fixture) ownKey(s keyporter.Session) string {
	who, _, _ := strings.Cut(s.User.Email, "@")
	if members[who] == "" {
		who = ada
	}
	key, _ := f.feedbackKey(who, "a key")
	return key.ID.String()
}

var operations = []operation{
	{"MemberView", func(f *fixture, s keyporter.Session) error {
		_, err := f.MemberView(f.ctx, s.Actor(home), f.acme)
		return err
	}, members, ""},
	{"CheckManagesKeys", func(f *fixture, s keyporter.Session) error {
		return f.CheckManagesKeys(f.ctx, s.Actor(home), f.acme)
	}, mayManageKeys, ""},
	{"IdentifyKey", func(f *fixture, s keyporter.Session) error {
		_, err := f.IdentifyKey(f.ctx, s.Actor(home), f.acme, "4fT9aQ0bZ7Lm")
		return err
	}, mayManageKeys, ""},
	{"Members", func(f *fixture, s keyporter.Session) error {
		_, err := f.Members(f.ctx, s.Actor(home), f.acme)
		return err
	}, members, ""},
	{"SubscriptionAdmins", func(f *fixture, s keyporter.Session) error {
		_, err := f.SubscriptionAdmins(f.ctx, s.Actor(home), f.acme)
		return err
	}, members, ""},
	{"CheckAdministers", func(f *fixture, s keyporter.Session) error {
		return f.CheckAdministers(f.ctx, s.Actor(home), f.acme, "do this")
	}, admins, ""},
	{"Member", func(f *fixture, s keyporter.Session) error {
		_, err := f.Member(f.ctx, s.Actor(home), f.acme, f.members[vic])
		return err
	}, admins, ""},
	{"AuditLog", func(f *fixture, s keyporter.Session) error {
		_, err := f.AuditLog(f.ctx, s.Actor(home), f.acme, keyporter.Position{})
		return err
	}, admins, ""},
	{"SwitchOffConsequence", func(f *fixture, s keyporter.Session) error {
		_, err := f.SwitchOffConsequence(f.ctx, s.Actor(home), f.acme)
		return err
	}, admins, ""},
	{"RenameSubscription", func(f *fixture, s keyporter.Session) error {
		return f.RenameSubscription(f.ctx, s.Actor(home), f.acme, "Acme "+s.User.Name)
	}, admins, keyporter.ActionRenamedSubscription},
	{"SwitchFeature", func(f *fixture, s keyporter.Session) error {
		return f.SwitchFeature(f.ctx, s.Actor(home), f.acme, false)
	}, admins, keyporter.ActionSwitchedOff},
	{"AddMember", func(f *fixture, s keyporter.Session) error {
		_, err := f.AddMember(f.ctx, s.Actor(home), f.acme, keyporter.Member{Name: "New", Email: "new@example.com",
			Role: keyporter.SubscriptionAdmin})
		return err
	}, admins, keyporter.ActionInvited},
	{"RenewInvitation", func(f *fixture, s keyporter.Session) error {
		_, err := f.RenewInvitation(f.ctx, s.Actor(home), f.acme, f.spare(s).ID)
		return err
	}, admins, keyporter.ActionNewLink},
	{"ChangeRights", func(f *fixture, s keyporter.Session) error {
		return f.ChangeRights(f.ctx, s.Actor(home), f.acme, f.spare(s).ID, keyporter.SubscriptionAdmin, false)
	}, admins, keyporter.ActionChangedRights},
	{"MemberRemoval", func(f *fixture, s keyporter.Session) error {
		_, err := f.MemberRemoval(f.ctx, s.Actor(home), f.acme, f.members[vic])
		return err
	}, admins, ""},
	{"RemoveMember", func(f *fixture, s keyporter.Session) error {
		_, err := f.RemoveMember(f.ctx, s.Actor(home), f.acme, f.spare(s).ID)
		return err
	}, admins, keyporter.ActionRemoved},
	{"Applications", func(f *fixture, s keyporter.Session) error {
		_, err := f.Applications(f.ctx, s.Actor(home), f.acme)
		return err
	}, members, ""},
	{"Application", func(f *fixture, s keyporter.Session) error {
		_, err := f.Application(f.ctx, s.Actor(home), f.acme, f.application("an app").ID)
		return err
	}, members, ""},
	{"CheckManagesApplications", func(f *fixture, s keyporter.Session) error {
		return f.CheckManagesApplications(f.ctx, s.Actor(home), f.acme)
	}, mayManageApplications, ""},
	{"CreateApplication", func(f *fixture, s keyporter.Session) error {
		_, err := f.CreateApplication(f.ctx, s.Actor(home), f.acme,
			keyporter.ApplicationForm{Name: "an app", Platform: keyporter.Web, Once: f.Once(s, f.NewNonce(s))})
		return err
	}, mayManageApplications, keyporter.ActionCreatedApplication},
	{"RenameApplication", func(f *fixture, s keyporter.Session) error {
		return f.RenameApplication(f.ctx, s.Actor(home), f.acme, f.application("an app").ID, "another name")
	}, mayManageApplications, keyporter.ActionRenamedApplication},
	{"MakeDefaultApplication", func(f *fixture, s keyporter.Session) error {
		return f.MakeDefaultApplication(f.ctx, s.Actor(home), f.acme, f.application("an app").ID)
	}, mayManageApplications, keyporter.ActionMadeDefault},
	{"DeleteApplication", func(f *fixture, s keyporter.Session) error {
		return f.DeleteApplication(f.ctx, s.Actor(home), f.acme, f.application("an app").ID, "an app")
	}, mayManageApplications, keyporter.ActionDeletedApplication},
	{"CheckMayCreate", func(f *fixture, s keyporter.Session) error {
		return f.CheckMayCreate(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey)
	}, mayManageKeys, ""},
	{"Keys", func(f *fixture, s keyporter.Session) error {
		_, err := f.Keys(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey, keyporter.KeyFilter{},
			keyporter.Position{})
		return err
	}, mayManageKeys, ""},
	{"KeyUsage", func(f *fixture, s keyporter.Session) error {
		key, _ := f.key("a key", true)
		_, _, err := f.KeyUsage(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey, key.ID.String())
		return err
	}, mayManageKeys, ""},
	{"KeyClients", func(f *fixture, s keyporter.Session) error {
		key, token := f.key("a key", true)
		f.judge(token)
		found, err := f.KeyClients(f.ctx, s.Actor(home), f.acme, key.ID.String())
		if n := len(found.Admitted); (n == 1) != (err == nil) {
			f.t.Errorf("%d clients, %v", n, err)
		}
		return err
	}, mayManageKeys, ""},
	{"DeletedKeys", func(f *fixture, s keyporter.Session) error {
		_, err := f.DeletedKeys(f.ctx, s.Actor(home), f.acme, keyporter.Position{})
		return err
	}, mayManageKeys, ""},
	{"Key", func(f *fixture, s keyporter.Session) error {
		key, _ := f.key("a key", true)
		_, err := f.Key(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey, key.ID.String())
		return err
	}, mayManageKeys, ""},
	{"CreateKey", func(f *fixture, s keyporter.Session) error {
		key, value, err := f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey,
			keyporter.KeyForm{Description: "a key", Once: f.Once(s, f.NewNonce(s))})
		if err != nil && (value.Reveal() != "" || key.ID != token.KeyID{}) {
			f.t.Error("who is refused is given a token")
		}
		return err
	}, mayManageKeys, keyporter.ActionCreatedKey},
	{"EditKey", func(f *fixture, s keyporter.Session) error {
		key, _ := f.key("a key", true)
		return f.EditKey(f.ctx, s.Actor(home), f.acme, key.ID.String(),
			keyporter.KeyChanges{Description: "another text", Lower: true})
	}, mayManageKeys, keyporter.ActionEditedKey},
	{"DisableKey", func(f *fixture, s keyporter.Session) error {
		key, _ := f.key("a key", true)
		return f.DisableKey(f.ctx, s.Actor(home), f.acme, key.ID.String(), "")
	}, mayManageKeys, keyporter.ActionDisabledKey},
	{"EnableKey", func(f *fixture, s keyporter.Session) error {
		key, _ := f.key("a key", true)
		f.ok(f.DisableKey(f.ctx, f.actor(ada), f.acme, key.ID.String(), ""))
		return f.EnableKey(f.ctx, s.Actor(home), f.acme, key.ID.String())
	}, mayManageKeys, keyporter.ActionEnabledKey},
	{"ChangeEnd", func(f *fixture, s keyporter.Session) error {
		key, _ := f.key("a key", true)
		return f.ChangeEnd(f.ctx, s.Actor(home), f.acme, key.ID.String(), keyporter.EndForm{Choice: keyporter.EndIn7})
	}, mayManageKeys, keyporter.ActionChangedEnd},
	{"ChangeAddresses", func(f *fixture, s keyporter.Session) error {
		key, _ := f.key("a key", true)
		return f.ChangeAddresses(f.ctx, s.Actor(home), f.acme, key.ID.String(),
			keyporter.AddressForm{Text: "192.0.2.7"})
	}, mayManageKeys, keyporter.ActionChangedAddresses},
	{"AllowAddress", func(f *fixture, s keyporter.Session) error {
		key, _ := f.key("a key", true)
		f.limitTo(f.actor(ada), key, "192.0.2.7")
		return f.AllowAddress(f.ctx, s.Actor(home), f.acme, key.ID.String(), "192.0.2.8", "")
	}, mayManageKeys, keyporter.ActionChangedAddresses},
	{"SetKeyPolicy", func(f *fixture, s keyporter.Session) error {
		return f.SetKeyPolicy(f.ctx, s.Actor(home), f.acme,
			keyporter.KeyPolicyForm{KeyPolicy: keyporter.KeyPolicy{LongestLife: 90}})
	}, admins, keyporter.ActionChangedKeyPolicy},
	{"DeleteKey", func(f *fixture, s keyporter.Session) error {
		key, _ := f.key("a key", true)
		return f.DeleteKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey, key.ID.String(), "")
	}, mayManageKeys, keyporter.ActionDeletedKey},
	{"CreateFeedbackKey", func(f *fixture, s keyporter.Session) error {
		key, value, err := f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.FeedbackKey,
			keyporter.KeyForm{Description: "a key", Once: f.Once(s, f.NewNonce(s))})
		if err != nil && (value.Reveal() != "" || key.ID != token.KeyID{}) {
			f.t.Error("who is refused is given a token")
		}
		return err
	}, members, ""},
	{"FeedbackKeys", func(f *fixture, s keyporter.Session) error {
		_, err := f.Keys(f.ctx, s.Actor(home), f.acme, keyporter.FeedbackKey, keyporter.KeyFilter{},
			keyporter.Position{})
		return err
	}, members, ""},
	{"FeedbackKey", func(f *fixture, s keyporter.Session) error {
		_, err := f.Key(f.ctx, s.Actor(home), f.acme, keyporter.FeedbackKey, f.ownKey(s))
		return err
	}, members, ""},
	{"DeleteFeedbackKey", func(f *fixture, s keyporter.Session) error {
		return f.DeleteKey(f.ctx, s.Actor(home), f.acme, keyporter.FeedbackKey, f.ownKey(s), "")
	}, members, ""},
	{"ExcludeEntries", func(f *fixture, s keyporter.Session) error {
		_, err := f.ExcludeEntries(f.ctx, s.Actor(home), f.acme, exclude.Server, "", keyporter.Position{})
		return err
	}, mayManageExcludeList, ""},
	{"CheckManagesExcludeList", func(f *fixture, s keyporter.Session) error {
		return f.CheckManagesExcludeList(f.ctx, s.Actor(home), f.acme)
	}, mayManageExcludeList, ""},
	{"TryExcludeList", func(f *fixture, s keyporter.Session) error {
		_, err := f.TryExcludeList(f.ctx, s.Actor(home), f.acme, exclude.Server, "dev")
		return err
	}, mayManageExcludeList, ""},
	{"AddExcludeEntries", func(f *fixture, s keyporter.Session) error {
		_, err := f.AddExcludeEntries(f.ctx, s.Actor(home), f.acme, exclude.Visitor, s.User.Name)
		return err
	}, mayManageExcludeList, keyporter.ActionAddedExclusions},
	{"SelectedExcludeEntries", func(f *fixture, s keyporter.Session) error {
		_, err := f.SelectedExcludeEntries(f.ctx, s.Actor(home), f.acme, []string{f.entry("of " + s.User.Name)})
		return err
	}, mayManageExcludeList, ""},
	{"DeleteExcludeEntries", func(f *fixture, s keyporter.Session) error {
		_, err := f.DeleteExcludeEntries(f.ctx, s.Actor(home), f.acme, []string{f.entry("of " + s.User.Name)})
		return err
	}, mayManageExcludeList, keyporter.ActionDeletedExclusions},
	{"Subscriptions", func(f *fixture, s keyporter.Session) error {
		_, err := f.Subscriptions(f.ctx, s.Actor(home), keyporter.Position{})
		return err
	}, operators, ""},
	{"CreateSubscription", func(f *fixture, s keyporter.Session) error {
		_, err := f.CreateSubscription(f.ctx, s.Actor(home),
			keyporter.SubscriptionForm{Subscription: "New", Name: "New", Email: "new@example.com"})
		return err
	}, operators, ""},
	{"CheckOperates", func(f *fixture, s keyporter.Session) error {
		return f.CheckOperates(f.ctx, s.Actor(home))
	}, operators, ""},
	{"RenewFirstInvitation", func(f *fixture, s keyporter.Session) error {
		invited, err := f.CreateSubscription(f.ctx, f.actor(olga),
			keyporter.SubscriptionForm{Subscription: "New", Name: "New", Email: "new@example.com"})
		f.ok(err)
		_, err = f.RenewFirstInvitation(f.ctx, s.Actor(home), invited.Member.SubscriptionID)
		return err
	}, operators, ""},
	{"OperatedSubscription", func(f *fixture, s keyporter.Session) error {
		_, err := f.OperatedSubscription(f.ctx, s.Actor(home), f.acme)
		return err
	}, operators, ""},
	{"WithdrawFeature", func(f *fixture, s keyporter.Session) error {
		return f.WithdrawFeature(f.ctx, s.Actor(home), f.acme, "Acme")
	}, operators, ""},
	{"SetFeatureAvailable", func(f *fixture, s keyporter.Session) error {
		return f.SetFeatureAvailable(f.ctx, s.Actor(home), f.acme, false)
	}, operators, ""},
	{"FirstSubscription", func(f *fixture, s keyporter.Session) error {
		at, err := f.FirstSubscription(f.ctx, s.Actor(home))
		if isMember := members[s.User.Email[:strings.Index(s.User.Email, "@")]] != ""; (at == f.acme) != isMember {
			f.t.Errorf("%s begins at %s", s.User.Name, at)
		}
		return err
	}, anybody, ""},
	{"RememberSubscription", func(f *fixture, s keyporter.Session) error { // only the actor's own setting
		return f.RememberSubscription(f.ctx, s.Actor(home), f.acme)
	}, anybody, ""},
	{"Account", func(f *fixture, s keyporter.Session) error {
		account, err := f.Account(f.ctx, s.Actor(home))
		if account.User.ID != s.User.ID || len(account.Sessions) != 1 || account.Sessions[0].ID != s.ID {
			f.t.Errorf("%s sees %v", s.User.Name, account)
		}
		return err
	}, anybody, ""},
	{"RenameUser", func(f *fixture, s keyporter.Session) error {
		return f.RenameUser(f.ctx, s.Actor(home), "Another name")
	}, anybody, ""},
	{"EndSession", func(f *fixture, s keyporter.Session) error {
		return f.EndSession(f.ctx, s.Actor(home), s.ID)
	}, anybody, ""},
	{"JoinSubscription", func(f *fixture, s keyporter.Session) error {
		invited, err := f.AddMember(f.ctx, f.actor(otto), f.globex,
			keyporter.Member{Name: "Ada", Email: email(ada), Role: keyporter.Admin})
		f.ok(err)
		_, err = f.JoinSubscription(f.ctx, s.Actor(home), invited.Value.Reveal())
		_, removed := f.RemoveMember(f.ctx, f.actor(otto), f.globex, invited.Member.ID) // for the next one who tries
		f.ok(removed)
		return err
	}, map[string]string{ada: done, others: forbidden}, ""},
}
