package keyporter

import (
	"time"

	"keyporter/internal/token"
)

// A keyKind is what deeds on one kind of keys differ in. Everything else about making, listing and deleting them is the
// same.
type keyKind struct {
	kind                 token.Kind
	created, deleted     Action
	mayManage, mayCreate func(*Porter, Tx, Member) error
	rows                 func(Tx, Member) keyTable
	detail               func(Key) string // of a new key, for the audit log
}

// A keyTable holds the keys of one kind that a member may manage.
type keyTable interface {
	insert(k Key, searchText, hashName string, hash [32]byte) error
	key(id token.KeyID) (Key, error)
	keys(f KeyFilter, pos Position, n int) ([]Key, error)
	count(f KeyFilter, most int) (int, error)
	remove(k Key, by string, at time.Time) error
}

var integrationKeys = keyKind{
	kind: token.Integration, created: ActionCreatedKey, deleted: ActionDeletedKey,
	mayManage: (*Porter).mustManageKeys, mayCreate: (*Porter).mayCreate,
	rows:   func(tx Tx, m Member) keyTable { return subscriptionKeys{tx, m.SubscriptionID} },
	detail: func(k Key) string { return k.Description + ", " + access(k.Write) },
}

var feedbackKeys = keyKind{
	kind: token.Feedback, created: ActionCreatedFeedbackKey, deleted: ActionDeletedFeedbackKey,
	mayManage: everyMember, mayCreate: everyMember,
	rows:   func(tx Tx, m Member) keyTable { return ownKeys{tx, m.SubscriptionID, m.UserID} },
	detail: func(k Key) string { return k.Description },
}

// everyMember refuses no member, whatever their role and whatever the feature's state.
func everyMember(*Porter, Tx, Member) error { return nil }

// subscriptionKeys are a subscription's integration keys.
type subscriptionKeys struct {
	tx           Tx
	subscription string
}

func (t subscriptionKeys) insert(k Key, searchText, hashName string, hash [32]byte) error {
	return t.tx.InsertKey(k, searchText, hashName, hash)
}

func (t subscriptionKeys) key(id token.KeyID) (Key, error) { return t.tx.Key(t.subscription, id) }

func (t subscriptionKeys) keys(f KeyFilter, pos Position, n int) ([]Key, error) {
	return t.tx.Keys(t.subscription, f, pos, n)
}

func (t subscriptionKeys) count(f KeyFilter, most int) (int, error) {
	return t.tx.CountKeys(t.subscription, f, most)
}

func (t subscriptionKeys) remove(k Key, by string, at time.Time) error {
	return t.tx.DeleteKey(k, by, at)
}

// ownKeys are one user's Feedback API keys in one subscription.
type ownKeys struct {
	tx                   Tx
	subscription, userID string
}

func (t ownKeys) insert(k Key, searchText, hashName string, hash [32]byte) error {
	return t.tx.InsertFeedbackKey(k, searchText, hashName, hash)
}

func (t ownKeys) key(id token.KeyID) (Key, error) {
	return t.tx.FeedbackKey(t.subscription, t.userID, id)
}

func (t ownKeys) keys(f KeyFilter, pos Position, n int) ([]Key, error) {
	return t.tx.FeedbackKeys(t.subscription, t.userID, f, pos, n)
}

func (t ownKeys) count(f KeyFilter, most int) (int, error) {
	return t.tx.CountFeedbackKeys(t.subscription, t.userID, f, most)
}

func (t ownKeys) remove(k Key, _ string, _ time.Time) error { return t.tx.DeleteFeedbackKey(k.ID) }
