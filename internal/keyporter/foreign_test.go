package keyporter_test

import (
	"testing"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

// TestForeignThingsAreMissing checks that what belongs to another subscription does not exist in one's own.
func TestForeignThingsAreMissing(t *testing.T) {
	f := newFixture(t)
	key, _ := f.key("Acme's", true)
	own, _ := f.feedbackKey(ada, "Ada's")
	a, id, ownID, app := f.actor(otto), key.ID.String(), own.ID.String(), f.application("Acme's").ID
	for name, err := range map[string]error{
		"Key":               second(f.Key(f.ctx, a, f.globex, keyporter.IntegrationKey, id)),
		"EditKey":           f.EditKey(f.ctx, a, f.globex, id, keyporter.KeyChanges{Description: "mine", Lower: true}),
		"DeleteKey":         f.DeleteKey(f.ctx, a, f.globex, keyporter.IntegrationKey, id, ""),
		"FeedbackKey":       second(f.Key(f.ctx, a, f.globex, keyporter.FeedbackKey, ownID)),
		"DeleteFeedbackKey": f.DeleteKey(f.ctx, a, f.globex, keyporter.FeedbackKey, ownID, ""),

		"Member":          second(f.Member(f.ctx, a, f.globex, f.members[vic])),
		"ChangeRights":    f.ChangeRights(f.ctx, a, f.globex, f.members[vic], keyporter.Admin, true),
		"RemoveMember":    second(f.RemoveMember(f.ctx, a, f.globex, f.members[vic])),
		"RenewInvitation": second(f.RenewInvitation(f.ctx, a, f.globex, f.members[vic])),

		"Application":            second(f.Application(f.ctx, a, f.globex, app)),
		"RenameApplication":      f.RenameApplication(f.ctx, a, f.globex, app, "mine"),
		"MakeDefaultApplication": f.MakeDefaultApplication(f.ctx, a, f.globex, app),
		"DeleteApplication":      f.DeleteApplication(f.ctx, a, f.globex, app, "Acme's"),
	} {
		if kind(err) != notFound {
			t.Errorf("%s of another subscription's: %s", name, kind(err))
		}
	}
	list, err := f.Keys(f.ctx, a, f.globex, keyporter.IntegrationKey, keyporter.KeyFilter{Text: id},
		keyporter.Position{})
	if err != nil || len(list.Rows) != 0 {
		t.Errorf("a search for another subscription's key ID finds %v, %v", list.Rows, err)
	}
	entry := f.entry("ada@example.com")
	if n, err := f.DeleteExcludeEntries(f.ctx, a, f.globex, []string{entry}); n != 0 {
		t.Errorf("%d entries of another subscription's Exclude List were deleted, %v", n, err)
	}
	if left := f.patterns(exclude.Visitor, ""); len(left) != 1 {
		t.Errorf("the other's Exclude List holds %v", left)
	}
}
