package keyporter

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"keyporter/internal/token"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sameShard returns n key IDs of one shard.
func sameShard(u uses, n int) []token.KeyID {
	var all []token.KeyID
	shard := u.shard(token.KeyID{})
	for i := 0; len(all) < n; i++ {
		id := token.KeyID([]byte(fmt.Sprintf("%012d", i)))
		if u.shard(id) == shard {
			all = append(all, id)
		}
	}
	return all
}

// TestRecordedUsesAreBounded checks that entries are added up to a limit, that keys which have one are still counted,
// and what was taken out makes room again.
func TestRecordedUsesAreBounded(t *testing.T) {
	u := newUses()
	const most = maxUses / useShards
	ids := sameShard(u, most+100)
	shard := u.shard(ids[0])
	for range 2 {
		for _, id := range ids {
			u.record(id, &Grant{SubscriptionID: "acme"}, true, &Call{Address: "198.51.100.1"}, noon)
		}
	}
	if shard.tallies.count != most || len(shard.texts) != 3 {
		t.Errorf("one shard holds %d entries and %d texts", shard.tallies.count, len(shard.texts))
	}
	if n := u.dropped.Load(); n != 2*100 {
		t.Errorf("%d requests are known to be not counted", n)
	}
	if got := u.ofKey(ids[0], false); len(got) != 1 || got[0].Admitted != 2 {
		t.Errorf("the first key is counted as %+v", got)
	}
	next, taken := 0, []Use{}
	for next < useShards {
		taken = append(taken, u.take(1000, &next)...)
	}
	if len(taken) != most || shard.tallies.count != 0 {
		t.Errorf("%d entries were taken, %d are left", len(taken), shard.tallies.count)
	}
	for _, id := range ids {
		u.record(id, &Grant{SubscriptionID: "acme"}, true, &Call{}, noon)
	}
	u.putBack(taken) // after a write that failed, into a full shard
	if shard.tallies.count != most {
		t.Errorf("with what was put back there are %d entries", shard.tallies.count)
	}
	if got := u.ofKey(ids[0], false); len(got) != 1 || got[0].Admitted != 3 {
		t.Errorf("the first key is then counted as %+v", got)
	}
}

// TestRecordedTextsAreBounded checks that the number of addresses and User-Agents in memory is limited. The requests
// are counted, and whose they are is known, or the uses could not be written.
func TestRecordedTextsAreBounded(t *testing.T) {
	u := newUses()
	ids := sameShard(u, 3)
	shard := u.shard(ids[0])
	for i := range 2 * maxTexts {
		u.record(ids[0], &Grant{SubscriptionID: "acme"}, true,
			&Call{Address: fmt.Sprint("address ", i), Agent: fmt.Sprint("agent ", i)}, noon)
	}
	u.record(ids[1], &Grant{SubscriptionID: "globex"}, false, &Call{Address: "198.51.100.1"}, noon)
	if len(shard.texts) > maxTexts+1 || len(shard.index) != len(shard.texts) {
		t.Errorf("one shard remembers %d texts in %d places", len(shard.texts), len(shard.index))
	}
	if got := u.ofKey(ids[0], false); len(got) != 1 || got[0].Admitted != 2*maxTexts ||
		got[0].SubscriptionID != "acme" {
		t.Errorf("the noisy key is counted as %+v", got)
	}
	u.putBack([]Use{{KeyID: ids[2], SubscriptionID: "initech", Hour: noon, Admitted: 1,
		Last: Seen{At: noon, Address: "198.51.100.2"}}})
	for id, want := range map[token.KeyID]string{ids[1]: "globex", ids[2]: "initech"} {
		if got := u.ofKey(id, false); len(got) != 1 || got[0].SubscriptionID != want {
			t.Errorf("a key of %s is counted as %+v", want, got)
		}
	}
}

// TestUsesByHour checks that the hours of one key, and its time after the deletion, are counted separately; each is
// counted on while another one is newer, taken out once, and put back where it was.
func TestUsesByHour(t *testing.T) {
	u := newUses()
	id := token.KeyID([]byte("4fT9aQ0bZ7Lm"))
	alive, deleted := &Grant{SubscriptionID: "acme"}, &Grant{SubscriptionID: "acme", Deleted: true}
	later := noon.Add(time.Hour)
	u.record(id, alive, true, &Call{}, noon)
	u.record(id, alive, true, &Call{}, later)
	u.record(id, deleted, false, &Call{}, later)
	u.record(id, alive, true, &Call{}, noon) // by who read the clock earlier
	counts := func(all []Use) map[string]int64 {
		found := map[string]int64{}
		for _, use := range all {
			found[fmt.Sprint(use.Hour.Hour(), use.Deleted)] += use.Admitted + use.Refused
		}
		return found
	}
	want := map[string]int64{"12 false": 2, "13 false": 1, "13 true": 1}
	if got := counts(u.ofKey(id, false)); !maps.Equal(got, want) {
		t.Errorf("the recorded uses are %v", got)
	}
	next, taken := 0, []Use{}
	for range want { // one at a time
		taken = append(taken, u.take(1, &next)...)
		if left := len(u.ofKey(id, false)); len(taken)+left != len(want) {
			t.Errorf("of %d entries %d were taken and %d are left", len(want), len(taken), left)
		}
	}
	if got := counts(taken); !maps.Equal(got, want) {
		t.Errorf("taken is %v", got)
	}
	u.record(id, alive, true, &Call{}, later)
	u.putBack(taken)
	want["13 false"]++
	if got := counts(u.ofKey(id, false)); !maps.Equal(got, want) {
		t.Errorf("with what was put back it is %v", got)
	}
}

// TestUseIsSeenWhileItIsWritten checks that at no moment is a use neither in memory nor in the database.
func TestUseIsSeenWhileItIsWritten(t *testing.T) {
	u := newUses()
	id := token.KeyID([]byte("4fT9aQ0bZ7Lm"))
	u.record(id, &Grant{SubscriptionID: "acme"}, true, &Call{Address: "192.0.2.1"}, time.Unix(1_700_000_000, 0))
	next := 0
	all := u.begin(func() []Use { return u.take(10, &next) })
	if len(all) != 1 || len(u.ofKey(id, false)) != 1 {
		t.Fatalf("while it is written, of %v nothing is seen", all)
	}
	u.end(all, nil)
	if len(u.ofKey(id, true)) != 1 || len(u.ofKey(id, false)) != 0 {
		t.Error("a reader with an older snapshot does not see what was written last, or a count sees it twice")
	}
}
