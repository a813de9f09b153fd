package keyporter_test

import (
	"reflect"
	"slices"
	"testing"

	"keyporter/internal/keyporter"
)

// untestedHere are methods that require no right of an actor, or that other tests cover.
var untestedHere = []string{
	"SetUpLink", "CheckSetUpLink", "SetUp", "SetUpFromCommandLine", "SignIn", "FindSession", "NewNonce", "Once",
	"Invitation", "AcceptInvitation",
	"NewPasswordLink", "NewPasswordFor", "SetNewPassword", "SetOperator", "ChangePassword", "Judge",
	"Verify", "VerifyFeedback", "ApplicationsOf", "ExcludeListOf", "ExcludeListFor", "FlushUses", "Run",
	"DeleteExpired", "CheckClock", "ClockSetBack",
	"OperatorContact", "TokenPrefix", "NeedsConfirmation", "CanChangeEnd", "RecentAddresses",
	"Person", "IsInvited", "CheckNotSetUp", "IsSetUp", "SavePublicURL", "PublicURL", "RefoldEmails", "RememberDevice",
}

// TestEveryOperationHasARow fails for a method that has no row in the table.
func TestEveryOperationHasARow(t *testing.T) {
	known := slices.Clone(untestedHere)
	for _, d := range operations {
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
	for _, d := range operations {
		t.Run(d.method, func(t *testing.T) {
			f := newFixture(t)
			for _, who := range []string{otto, vic, nora, tom, olga, ada} { // those who may do most come last
				want, named := d.outcomes[who]
				if !named {
					want = d.outcomes[others]
				}
				s := f.session(who)
				if got := kind(d.do(f, s)); got != want {
					t.Errorf("%s: %s, want %s", who, got, want)
				}
				f.checkRefusal(d, s, want)
			}
		})
	}
}

// checkRefusal checks the events that an operation has left in Acme's log.
func (f *fixture) checkRefusal(d operation, s keyporter.Session, outcome string) {
	f.t.Helper()
	var refused []keyporter.AuditEvent
	for _, l := range f.auditEvents(f.acme) {
		if l.UserID == s.User.ID && l.Refused {
			refused = append(refused, l)
		}
	}
	switch {
	case outcome != forbidden || d.action == "":
		if len(refused) != 0 {
			f.t.Errorf("%s's %s left %v", s.User.Name, d.method, refused)
		}
	case len(refused) != 1 || refused[0].Action != d.action || refused[0].Detail == "" ||
		refused[0].Address != home.Address || refused[0].ActorName != s.User.Name:
		f.t.Errorf("%s's refused %s left %v", s.User.Name, d.method, refused)
	}
}

// TestRefusedOperationsChangeNothing compares the whole database, except the event of the refusal.
func TestRefusedOperationsChangeNothing(t *testing.T) {
	f := newFixture(t)
	key, _ := f.key("a key", true)
	id := key.ID.String()
	spare := f.spare(f.session(ada))
	for _, who := range []string{vic, nora, otto, olga} {
		s := f.session(who)
		a := s.Actor(home)
		before := f.contents("audit_lines")
		for name, err := range map[string]error{
			"RenameSubscription": f.RenameSubscription(f.ctx, a, f.acme, "Mine"),
			"SwitchFeature":      f.SwitchFeature(f.ctx, a, f.acme, false),
			"ChangeRights":       f.ChangeRights(f.ctx, a, f.acme, spare.ID, keyporter.SubscriptionAdmin, false),
			"EditKey": f.EditKey(f.ctx, a, f.acme, id,
				keyporter.KeyChanges{Description: "mine", Lower: true}),
			"DisableKey": f.DisableKey(f.ctx, a, f.acme, id, ""),
			"EnableKey":  f.EnableKey(f.ctx, a, f.acme, id),
			"ChangeEnd":  f.ChangeEnd(f.ctx, a, f.acme, id, keyporter.EndForm{Choice: keyporter.EndIn7}),
			"DeleteKey":  f.DeleteKey(f.ctx, a, f.acme, keyporter.IntegrationKey, id, ""),
			"AddMember": second(f.AddMember(f.ctx, a, f.acme,
				keyporter.Member{Name: "X", Email: "x@example.com", Role: keyporter.Viewer})),
			"RemoveMember":    second(f.RemoveMember(f.ctx, a, f.acme, spare.ID)),
			"RenewInvitation": second(f.RenewInvitation(f.ctx, a, f.acme, spare.ID)),
			"CreateKey": third(f.CreateKey(f.ctx, s.Actor(home), f.acme, keyporter.IntegrationKey,
				keyporter.KeyForm{Description: "x", Once: f.Once(s, f.NewNonce(s))})),
		} {
			if got := kind(err); got != forbidden && got != notFound {
				t.Errorf("%s's %s: %s", who, name, got)
			}
		}
		if after := f.contents("audit_lines"); after != before {
			t.Errorf("what %s may not do has changed the database from\n%s\nto\n%s", who, before, after)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }
