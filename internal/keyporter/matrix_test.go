package keyporter_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

// A deed is one exported method of a Porter, done by somebody. It prepares what it is done to as somebody else who may.
type deed struct {
	method string
	do     func(h *house, s keyporter.Session) error
	// The outcome for each person; a person who is not named gets what stands under "others".
	outcomes map[string]string
	// The line that a refusal leaves in Acme's log; "" for what only reads.
	action keyporter.Action
}

const (
	done, forbidden, notFound = "done", "forbidden", "not found"
	others                    = "others"
)

var (
	members = map[string]string{ada: done, tom: done, nora: done, vic: done, others: notFound}
	admins  = map[string]string{ada: done, tom: forbidden, nora: forbidden, vic: forbidden, others: notFound}
	listers = map[string]string{ada: done, tom: done, nora: done, vic: forbidden, others: notFound}
	keepers = map[string]string{ada: done, tom: done, nora: forbidden, vic: forbidden, others: notFound}
	operate = map[string]string{olga: done, others: notFound}
	anybody = map[string]string{others: done}
	makers  = map[string]string{ada: done, tom: done, nora: done, vic: forbidden, others: notFound}
)

func (h *house) spare(s keyporter.Session) keyporter.Member {
	invited, err := h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "Spare", Email: "spare" + h.NewNonce(s) + "@example.com", Role: keyporter.Viewer})
	h.ok(err)
	return invited.Member
}

// ownKey makes a Feedback API key for a member of Acme, and for who is none one that is Ada's.
func (h *house) ownKey(s keyporter.Session) string {
	who, _, _ := strings.Cut(s.User.Email, "@")
	if members[who] == "" {
		who = ada
	}
	key, _ := h.feedbackKey(who, "a key")
	return key.ID.String()
}

var deeds = []deed{
	{"Visit", func(h *house, s keyporter.Session) error {
		_, err := h.Visit(h.ctx, s.Actor(home), h.acme)
		return err
	}, members, ""},
	{"CheckManagesKeys", func(h *house, s keyporter.Session) error {
		return h.CheckManagesKeys(h.ctx, s.Actor(home), h.acme)
	}, keepers, ""},
	{"IdentifyKey", func(h *house, s keyporter.Session) error {
		_, err := h.IdentifyKey(h.ctx, s.Actor(home), h.acme, "4fT9aQ0bZ7Lm")
		return err
	}, keepers, ""},
	{"Members", func(h *house, s keyporter.Session) error {
		_, err := h.Members(h.ctx, s.Actor(home), h.acme)
		return err
	}, members, ""},
	{"SubscriptionAdmins", func(h *house, s keyporter.Session) error {
		_, err := h.SubscriptionAdmins(h.ctx, s.Actor(home), h.acme)
		return err
	}, members, ""},
	{"CheckAdministers", func(h *house, s keyporter.Session) error {
		return h.CheckAdministers(h.ctx, s.Actor(home), h.acme, "do this")
	}, admins, ""},
	{"Member", func(h *house, s keyporter.Session) error {
		_, err := h.Member(h.ctx, s.Actor(home), h.acme, h.members[vic])
		return err
	}, admins, ""},
	{"AuditLog", func(h *house, s keyporter.Session) error {
		_, err := h.AuditLog(h.ctx, s.Actor(home), h.acme, keyporter.Position{})
		return err
	}, admins, ""},
	{"SwitchOffConsequence", func(h *house, s keyporter.Session) error {
		_, err := h.SwitchOffConsequence(h.ctx, s.Actor(home), h.acme)
		return err
	}, admins, ""},
	{"RenameSubscription", func(h *house, s keyporter.Session) error {
		return h.RenameSubscription(h.ctx, s.Actor(home), h.acme, "Acme "+s.User.Name)
	}, admins, keyporter.ActionRenamedSubscription},
	{"SwitchFeature", func(h *house, s keyporter.Session) error {
		return h.SwitchFeature(h.ctx, s.Actor(home), h.acme, false)
	}, admins, keyporter.ActionSwitchedOff},
	{"AddMember", func(h *house, s keyporter.Session) error {
		_, err := h.AddMember(h.ctx, s.Actor(home), h.acme, keyporter.Member{Name: "New", Email: "new@example.com", Role: keyporter.SubscriptionAdmin})
		return err
	}, admins, keyporter.ActionInvited},
	{"RenewInvitation", func(h *house, s keyporter.Session) error {
		_, err := h.RenewInvitation(h.ctx, s.Actor(home), h.acme, h.spare(s).ID)
		return err
	}, admins, keyporter.ActionNewLink},
	{"ChangeRights", func(h *house, s keyporter.Session) error {
		return h.ChangeRights(h.ctx, s.Actor(home), h.acme, h.spare(s).ID, keyporter.SubscriptionAdmin, false)
	}, admins, keyporter.ActionChangedRights},
	{"MemberRemoval", func(h *house, s keyporter.Session) error {
		_, err := h.MemberRemoval(h.ctx, s.Actor(home), h.acme, h.members[vic])
		return err
	}, admins, ""},
	{"RemoveMember", func(h *house, s keyporter.Session) error {
		_, err := h.RemoveMember(h.ctx, s.Actor(home), h.acme, h.spare(s).ID)
		return err
	}, admins, keyporter.ActionRemoved},
	{"Applications", func(h *house, s keyporter.Session) error {
		_, err := h.Applications(h.ctx, s.Actor(home), h.acme)
		return err
	}, members, ""},
	{"Application", func(h *house, s keyporter.Session) error {
		_, err := h.Application(h.ctx, s.Actor(home), h.acme, h.application("an app").ID)
		return err
	}, members, ""},
	{"CheckManagesApplications", func(h *house, s keyporter.Session) error {
		return h.CheckManagesApplications(h.ctx, s.Actor(home), h.acme)
	}, makers, ""},
	{"CreateApplication", func(h *house, s keyporter.Session) error {
		_, err := h.CreateApplication(h.ctx, s.Actor(home), h.acme, keyporter.ApplicationForm{Name: "an app", Platform: keyporter.Web, Once: h.Once(s, h.NewNonce(s))})
		return err
	}, makers, keyporter.ActionCreatedApplication},
	{"RenameApplication", func(h *house, s keyporter.Session) error {
		return h.RenameApplication(h.ctx, s.Actor(home), h.acme, h.application("an app").ID, "another name")
	}, makers, keyporter.ActionRenamedApplication},
	{"MakeDefaultApplication", func(h *house, s keyporter.Session) error {
		return h.MakeDefaultApplication(h.ctx, s.Actor(home), h.acme, h.application("an app").ID)
	}, makers, keyporter.ActionMadeDefault},
	{"DeleteApplication", func(h *house, s keyporter.Session) error {
		return h.DeleteApplication(h.ctx, s.Actor(home), h.acme, h.application("an app").ID, "an app")
	}, makers, keyporter.ActionDeletedApplication},
	{"CheckMayCreate", func(h *house, s keyporter.Session) error {
		return h.CheckMayCreate(h.ctx, s.Actor(home), h.acme)
	}, keepers, ""},
	{"Keys", func(h *house, s keyporter.Session) error {
		_, err := h.Keys(h.ctx, s.Actor(home), h.acme, keyporter.KeyFilter{}, keyporter.Position{})
		return err
	}, keepers, ""},
	{"KeyUsage", func(h *house, s keyporter.Session) error {
		key, _ := h.key("a key", true)
		_, _, err := h.KeyUsage(h.ctx, s.Actor(home), h.acme, key.ID.String())
		return err
	}, keepers, ""},
	{"DeletedKeys", func(h *house, s keyporter.Session) error {
		_, err := h.DeletedKeys(h.ctx, s.Actor(home), h.acme, keyporter.Position{})
		return err
	}, keepers, ""},
	{"Key", func(h *house, s keyporter.Session) error {
		key, _ := h.key("a key", true)
		_, err := h.Key(h.ctx, s.Actor(home), h.acme, key.ID.String())
		return err
	}, keepers, ""},
	{"CreateKey", func(h *house, s keyporter.Session) error {
		key, token, err := h.CreateKey(h.ctx, s, home, h.acme, keyporter.KeyForm{Description: "a key", Nonce: h.NewNonce(s)})
		if err != nil && (token.Reveal() != "" || key.ID != keyporter.KeyID{}) {
			h.t.Error("who is refused is given a token")
		}
		return err
	}, keepers, keyporter.ActionCreatedKey},
	{"EditKey", func(h *house, s keyporter.Session) error {
		key, _ := h.key("a key", true)
		return h.EditKey(h.ctx, s.Actor(home), h.acme, key.ID.String(), "another text", true)
	}, keepers, keyporter.ActionEditedKey},
	{"DeleteKey", func(h *house, s keyporter.Session) error {
		key, _ := h.key("a key", true)
		return h.DeleteKey(h.ctx, s.Actor(home), h.acme, key.ID.String(), "")
	}, keepers, keyporter.ActionDeletedKey},
	{"CreateFeedbackKey", func(h *house, s keyporter.Session) error {
		key, token, err := h.CreateFeedbackKey(h.ctx, s, home, h.acme, keyporter.KeyForm{Description: "a key", Nonce: h.NewNonce(s)})
		if err != nil && (token.Reveal() != "" || key.ID != keyporter.KeyID{}) {
			h.t.Error("who is refused is given a token")
		}
		return err
	}, members, ""},
	{"FeedbackKeys", func(h *house, s keyporter.Session) error {
		_, err := h.FeedbackKeys(h.ctx, s.Actor(home), h.acme, keyporter.KeyFilter{}, keyporter.Position{})
		return err
	}, members, ""},
	{"FeedbackKey", func(h *house, s keyporter.Session) error {
		_, err := h.FeedbackKey(h.ctx, s.Actor(home), h.acme, h.ownKey(s))
		return err
	}, members, ""},
	{"DeleteFeedbackKey", func(h *house, s keyporter.Session) error {
		return h.DeleteFeedbackKey(h.ctx, s.Actor(home), h.acme, h.ownKey(s), "")
	}, members, ""},
	{"ExcludeEntries", func(h *house, s keyporter.Session) error {
		_, err := h.ExcludeEntries(h.ctx, s.Actor(home), h.acme, keyporter.ExcludeServer, "", keyporter.Position{})
		return err
	}, listers, ""},
	{"CheckKeepsExcludeList", func(h *house, s keyporter.Session) error {
		return h.CheckKeepsExcludeList(h.ctx, s.Actor(home), h.acme)
	}, listers, ""},
	{"TryExcludeList", func(h *house, s keyporter.Session) error {
		_, err := h.TryExcludeList(h.ctx, s.Actor(home), h.acme, keyporter.ExcludeServer, "dev")
		return err
	}, listers, ""},
	{"AddExcludeEntries", func(h *house, s keyporter.Session) error {
		_, err := h.AddExcludeEntries(h.ctx, s.Actor(home), h.acme, keyporter.ExcludeVisitor, s.User.Name)
		return err
	}, listers, keyporter.ActionAddedExclusions},
	{"SelectedExcludeEntries", func(h *house, s keyporter.Session) error {
		_, err := h.SelectedExcludeEntries(h.ctx, s.Actor(home), h.acme, []string{h.entry("of " + s.User.Name)})
		return err
	}, listers, ""},
	{"DeleteExcludeEntries", func(h *house, s keyporter.Session) error {
		_, err := h.DeleteExcludeEntries(h.ctx, s.Actor(home), h.acme, []string{h.entry("of " + s.User.Name)})
		return err
	}, listers, keyporter.ActionDeletedExclusions},
	{"Subscriptions", func(h *house, s keyporter.Session) error {
		_, err := h.Subscriptions(h.ctx, s.Actor(home), keyporter.Position{})
		return err
	}, operate, ""},
	{"CreateSubscription", func(h *house, s keyporter.Session) error {
		_, err := h.CreateSubscription(h.ctx, s.Actor(home), keyporter.SubscriptionForm{Subscription: "New", Name: "New", Email: "new@example.com"})
		return err
	}, operate, ""},
	{"CheckOperates", func(h *house, s keyporter.Session) error {
		return h.CheckOperates(h.ctx, s.Actor(home))
	}, operate, ""},
	{"RenewFirstInvitation", func(h *house, s keyporter.Session) error {
		invited, err := h.CreateSubscription(h.ctx, h.actor(olga), keyporter.SubscriptionForm{Subscription: "New", Name: "New", Email: "new@example.com"})
		h.ok(err)
		_, err = h.RenewFirstInvitation(h.ctx, s.Actor(home), invited.Member.SubscriptionID)
		return err
	}, operate, ""},
	{"OperatedSubscription", func(h *house, s keyporter.Session) error {
		_, err := h.OperatedSubscription(h.ctx, s.Actor(home), h.acme)
		return err
	}, operate, ""},
	{"WithdrawFeature", func(h *house, s keyporter.Session) error {
		return h.WithdrawFeature(h.ctx, s.Actor(home), h.acme, "Acme")
	}, operate, ""},
	{"GrantFeature", func(h *house, s keyporter.Session) error {
		return h.GrantFeature(h.ctx, s.Actor(home), h.acme, false)
	}, operate, ""},
	{"Home", func(h *house, s keyporter.Session) error {
		at, err := h.Home(h.ctx, s.Actor(home))
		if isMember := members[s.User.Email[:strings.Index(s.User.Email, "@")]] != ""; (at == h.acme) != isMember {
			h.t.Errorf("%s begins at %s", s.User.Name, at)
		}
		return err
	}, anybody, ""},
	{"RememberSubscription", func(h *house, s keyporter.Session) error { // a wish of one's own, which opens nothing
		return h.RememberSubscription(h.ctx, s.Actor(home), h.acme)
	}, anybody, ""},
	{"Account", func(h *house, s keyporter.Session) error {
		account, err := h.Account(h.ctx, s.Actor(home))
		if account.User.ID != s.User.ID || len(account.Sessions) != 1 || account.Sessions[0].ID != s.ID {
			h.t.Errorf("%s sees %v", s.User.Name, account)
		}
		return err
	}, anybody, ""},
	{"RenameUser", func(h *house, s keyporter.Session) error {
		return h.RenameUser(h.ctx, s.Actor(home), "Another name")
	}, anybody, ""},
	{"EndSession", func(h *house, s keyporter.Session) error {
		return h.EndSession(h.ctx, s.Actor(home), s.ID)
	}, anybody, ""},
	{"JoinSubscription", func(h *house, s keyporter.Session) error {
		invited, err := h.AddMember(h.ctx, h.actor(otto), h.globex, keyporter.Member{Name: "Ada", Email: email(ada), Role: keyporter.Admin})
		h.ok(err)
		_, err = h.JoinSubscription(h.ctx, s.Actor(home), invited.Value.Reveal())
		_, removed := h.RemoveMember(h.ctx, h.actor(otto), h.globex, invited.Member.ID) // for the next one who tries
		h.ok(removed)
		return err
	}, map[string]string{ada: done, others: forbidden}, ""},
}

// elsewhere are methods that ask for no right: their own tests say what they ask for.
var elsewhere = []string{
	"SetUpLink", "CheckSetUpLink", "SetUp", "SetUpHere", "SignIn", "FindSession", "NewNonce", "Once", "Invitation", "AcceptInvitation",
	"NewPasswordLink", "NewPasswordFor", "SetNewPassword", "SetOperator", "ChangePassword", "Judge", "Verify", "VerifyFeedback", "ApplicationsOf", "ExcludeListOf", "FlushUses", "Run", "Sweep", "OperatorContact", "TokenPrefix", "NeedsConfirmation",
	"Person", "IsInvited", "CheckNotSetUp", "IsSetUp", "SavePublicURL", "PublicURL", "RefoldEmails", "RememberDevice",
}

// TestEveryDeedHasARow fails for a method of the product that nobody has decided about.
func TestEveryDeedHasARow(t *testing.T) {
	known := slices.Clone(elsewhere)
	for _, d := range deeds {
		known = append(known, d.method)
	}
	porter := reflect.TypeFor[*keyporter.Porter]()
	for i := range porter.NumMethod() {
		if name := porter.Method(i).Name; !slices.Contains(known, name) {
			t.Errorf("%s is in no table: who may do it?", name)
		}
	}
}

func TestRights(t *testing.T) {
	for _, d := range deeds {
		t.Run(d.method, func(t *testing.T) {
			h := newHouse(t)
			for _, who := range []string{otto, vic, nora, tom, olga, ada} { // who may do the most comes last
				want, named := d.outcomes[who]
				if !named {
					want = d.outcomes[others]
				}
				s := h.session(who)
				if got := kind(d.do(h, s)); got != want {
					t.Errorf("%s: %s, want %s", who, got, want)
				}
				h.checkRefusal(d, s, want)
			}
		})
	}
}

// checkRefusal looks at the lines that a deed has left in Acme's log.
func (h *house) checkRefusal(d deed, s keyporter.Session, outcome string) {
	h.t.Helper()
	var refused []keyporter.AuditLine
	for _, l := range h.lines(h.acme) {
		if l.UserID == s.User.ID && l.Refused {
			refused = append(refused, l)
		}
	}
	switch {
	case outcome != forbidden || d.action == "":
		if len(refused) != 0 {
			h.t.Errorf("%s's %s left %v", s.User.Name, d.method, refused)
		}
	case len(refused) != 1 || refused[0].Action != d.action || refused[0].Detail == "" || refused[0].Address != home.Address || refused[0].Who != s.User.Name:
		h.t.Errorf("%s's refused %s left %v", s.User.Name, d.method, refused)
	}
}

// TestRefusedDeedsChangeNothing compares the whole database, but for the line about it.
func TestRefusedDeedsChangeNothing(t *testing.T) {
	h := newHouse(t)
	key, _ := h.key("a key", true)
	id := key.ID.String()
	spare := h.spare(h.session(ada))
	for _, who := range []string{vic, nora, otto, olga} {
		s := h.session(who)
		a := s.Actor(home)
		before := h.contents("audit_lines")
		for name, err := range map[string]error{
			"RenameSubscription": h.RenameSubscription(h.ctx, a, h.acme, "Mine"),
			"SwitchFeature":      h.SwitchFeature(h.ctx, a, h.acme, false),
			"ChangeRights":       h.ChangeRights(h.ctx, a, h.acme, spare.ID, keyporter.SubscriptionAdmin, false),
			"EditKey":            h.EditKey(h.ctx, a, h.acme, id, "mine", true),
			"DeleteKey":          h.DeleteKey(h.ctx, a, h.acme, id, ""),
			"AddMember":          second(h.AddMember(h.ctx, a, h.acme, keyporter.Member{Name: "X", Email: "x@example.com", Role: keyporter.Viewer})),
			"RemoveMember":       second(h.RemoveMember(h.ctx, a, h.acme, spare.ID)),
			"RenewInvitation":    second(h.RenewInvitation(h.ctx, a, h.acme, spare.ID)),
			"CreateKey":          third(h.CreateKey(h.ctx, s, home, h.acme, keyporter.KeyForm{Description: "x", Nonce: h.NewNonce(s)})),
		} {
			if got := kind(err); got != forbidden && got != notFound {
				t.Errorf("%s's %s: %s", who, name, got)
			}
		}
		if after := h.contents("audit_lines"); after != before {
			t.Errorf("what %s may not do has changed the database from\n%s\nto\n%s", who, before, after)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }
