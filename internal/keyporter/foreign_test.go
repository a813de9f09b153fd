package keyporter_test

import (
	"testing"

	"keyporter/internal/keyporter"
)

// TestForeignThingsAreMissing: what belongs to another subscription does not exist in one's own.
func TestForeignThingsAreMissing(t *testing.T) {
	h := newHouse(t)
	key, _ := h.key("Acme's", true)
	own, _ := h.feedbackKey(ada, "Ada's")
	a, id, ownID, app := h.actor(otto), key.ID.String(), own.ID.String(), h.application("Acme's").ID
	for name, err := range map[string]error{
		"Key":               second(h.Key(h.ctx, a, h.globex, id)),
		"EditKey":           h.EditKey(h.ctx, a, h.globex, id, "mine", true),
		"DeleteKey":         h.DeleteKey(h.ctx, a, h.globex, id, ""),
		"FeedbackKey":       second(h.FeedbackKey(h.ctx, a, h.globex, ownID)),
		"DeleteFeedbackKey": h.DeleteFeedbackKey(h.ctx, a, h.globex, ownID, ""),

		"Member":          second(h.Member(h.ctx, a, h.globex, h.members[vic])),
		"ChangeRights":    h.ChangeRights(h.ctx, a, h.globex, h.members[vic], keyporter.Admin, true),
		"RemoveMember":    second(h.RemoveMember(h.ctx, a, h.globex, h.members[vic])),
		"RenewInvitation": second(h.RenewInvitation(h.ctx, a, h.globex, h.members[vic])),

		"Application":            second(h.Application(h.ctx, a, h.globex, app)),
		"RenameApplication":      h.RenameApplication(h.ctx, a, h.globex, app, "mine"),
		"MakeDefaultApplication": h.MakeDefaultApplication(h.ctx, a, h.globex, app),
		"DeleteApplication":      h.DeleteApplication(h.ctx, a, h.globex, app, "Acme's"),
	} {
		if kind(err) != notFound {
			t.Errorf("%s of another subscription's: %s", name, kind(err))
		}
	}
	list, err := h.Keys(h.ctx, a, h.globex, keyporter.KeyFilter{Text: id}, keyporter.Position{})
	if err != nil || len(list.Rows) != 0 {
		t.Errorf("a search for another subscription's key ID finds %v, %v", list.Rows, err)
	}
	entry := h.entry("ada@example.com")
	if n, err := h.DeleteExcludeEntries(h.ctx, a, h.globex, []string{entry}); n != 0 {
		t.Errorf("%d entries of another subscription's Exclude List were deleted, %v", n, err)
	}
	if left := h.patterns(keyporter.ExcludeVisitor, ""); len(left) != 1 {
		t.Errorf("the other's Exclude List holds %v", left)
	}
}
