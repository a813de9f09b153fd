package keyporter_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"keyporter/internal/keyporter"
	"keyporter/internal/store"
)

// refusals returns the events about refused attempts in a subscription's log, newest first.
func (f *fixture) refusals(subscription string) []keyporter.AuditEvent {
	f.t.Helper()
	return slices.DeleteFunc(f.auditEvents(subscription), func(l keyporter.AuditEvent) bool { return !l.Refused })
}

// TestRefusedAttemptsAreOneEvent checks that equal attempts within an hour are counted in the first one's event; others
// are not.
func TestRefusedAttemptsAreOneEvent(t *testing.T) {
	f := newFixture(t)
	key, _ := f.key("a key", false)
	other, _ := f.key("another key", false)
	try := func(who, id string) {
		f.want(forbidden, f.DeleteKey(f.ctx, f.actor(who), f.acme, keyporter.IntegrationKey, id, ""))
	}
	for range 20 {
		f.clock.pass(time.Minute)
		try(vic, key.ID.String())
	}
	f.want(forbidden, f.DeleteKey(f.ctx, f.session(vic).Actor(from("203.0.113.5")), f.acme, keyporter.IntegrationKey,
		key.ID.String(), ""))
	f.clock.pass(time.Minute)
	try(vic, other.ID.String())
	try(nora, key.ID.String())
	f.want(forbidden, f.EditKey(f.ctx, f.actor(vic), f.acme, key.ID.String(),
		keyporter.KeyChanges{Description: "mine"}))
	got := f.refusals(f.acme)
	if len(got) != 4 {
		t.Fatalf("24 attempts of four sorts left %d events: %+v", len(got), got)
	}
	first := got[3]
	if first.Attempts != 21 || !first.At.Equal(start.Add(time.Minute)) || !first.Last.Equal(start.Add(20*time.Minute)) {
		t.Errorf("21 attempts in 20 minutes are %d, the first at %s, the last at %s", first.Attempts, first.At,
			first.Last)
	}
	if first.Address != home.Address || first.LastAddress != "203.0.113.5" {
		t.Errorf("they came from %s and at last from %s", first.Address, first.LastAddress)
	}
	for _, l := range got[:3] {
		if l.Attempts != 1 || !l.Last.IsZero() {
			t.Errorf("one attempt is %+v", l)
		}
	}
	f.clock.pass(40 * time.Minute) // an hour after the first
	try(vic, key.ID.String())
	if n := len(f.refusals(f.acme)); n != 5 {
		t.Errorf("the next hour's attempt left %d events in all", n)
	}
}

// TestRefusalsOnDifferentUsersAreDifferentEvents checks that attempts on different users, or on different applications,
// are not counted as one.
func TestRefusalsOnDifferentUsersAreDifferentEvents(t *testing.T) {
	f := newFixture(t)
	for _, who := range []string{ada, tom, nora, tom} {
		f.want(forbidden, second(f.RemoveMember(f.ctx, f.actor(vic), f.acme, f.members[who])))
	}
	for _, name := range []string{"one app", "another app"} {
		f.want(forbidden, f.DeleteApplication(f.ctx, f.actor(vic), f.acme, f.application(name).ID, name))
	}
	if got := f.refusals(f.acme); len(got) != 5 {
		t.Errorf("attempts at three users and two applications left %d events", len(got))
	}
}

// TestRefusedEventsAreBounded checks that however many different operations a member tries, the log stays readable and
// counts them all.
func TestRefusedEventsAreBounded(t *testing.T) {
	f := newFixture(t)
	try := func(n int) {
		for i := range n {
			id := fmt.Sprintf("%012d", i)
			f.want(forbidden, f.DeleteKey(f.ctx, f.actor(vic), f.acme, keyporter.IntegrationKey, id, ""))
		}
	}
	try(150)
	got, sum := f.refusals(f.acme), 0
	for _, l := range got {
		sum += l.Attempts
	}
	if len(got) != 61 || sum != 150 {
		t.Fatalf("150 attempts are %d events that count %d", len(got), sum)
	}
	if l := got[0]; l.Action != keyporter.ActionMoreAttempts || l.Attempts != 90 || l.KeyID != "" {
		t.Errorf("what is over the bound is %+v", l)
	}
	f.want(forbidden, f.RenameSubscription(f.ctx, f.actor(nora), f.acme, "Mine"))
	if l := f.refusals(f.acme)[0]; l.Email != email(nora) || l.Action != keyporter.ActionRenamedSubscription {
		t.Errorf("another user's attempt is %+v", l)
	}
	f.clock.pass(time.Hour)
	try(1)
	if n := len(f.refusals(f.acme)); n != 63 {
		t.Errorf("after an hour there are %d events", n)
	}
}

// TestRefusedByTwoNodesAtOnce checks that concurrent attempts are counted one after the other.
func TestRefusedByTwoNodesAtOnce(t *testing.T) {
	f := newFixture(t)
	nodes := []*keyporter.Porter{f.Porter, f.Porter}
	if engine.String() != "sqlite" {
		s, err := store.Open(f.ctx, f.path)
		f.ok(err)
		defer s.Close()
		nodes[1] = keyporter.New(s, keyporter.Options{Now: f.clock.Now})
	}
	const workers, each = 8, 10
	a := f.actor(vic)
	var work sync.WaitGroup
	for i := range workers {
		work.Go(func() {
			for range each {
				f.want(forbidden, nodes[i%2].RenameSubscription(f.ctx, a, f.acme, "Mine"))
			}
		})
	}
	work.Wait()
	got := f.refusals(f.acme)
	if len(got) != 1 || got[0].Attempts != workers*each {
		t.Errorf("%d attempts at once are %d events: %+v", workers*each, len(got), got)
	}
}

// TestRefusedEventFromTheFuture checks that an event written while the clock was ahead does not take up what is tried
// later.
func TestRefusedEventFromTheFuture(t *testing.T) {
	f := newFixture(t)
	a := f.actor(vic)
	f.clock.pass(365 * 24 * time.Hour)
	f.want(forbidden, f.RenameSubscription(f.ctx, a, f.acme, "Mine"))
	f.clock.pass(-365 * 24 * time.Hour)
	f.want(forbidden, f.RenameSubscription(f.ctx, a, f.acme, "Mine"))
	if n := len(f.refusals(f.acme)); n != 2 {
		t.Errorf("there are %d events", n)
	}
}

// TestRefusedJoiningIsOneEvent checks that the log of an account counts equal attempts in one event, too.
func TestRefusedJoiningIsOneEvent(t *testing.T) {
	f := newFixture(t)
	invited := must(f.AddMember(f.ctx, f.actor(ada), f.acme,
		keyporter.Member{Name: "New", Email: "new@example.com", Role: keyporter.Viewer}))
	for range 30 {
		f.want(forbidden, second(f.JoinSubscription(f.ctx, f.actor(otto), invited.Value.Reveal())))
	}
	account, err := f.Account(f.ctx, f.actor(otto))
	f.ok(err)
	got := slices.DeleteFunc(account.Events, func(l keyporter.AuditEvent) bool { return !l.Refused })
	if len(got) != 1 || got[0].Action != keyporter.ActionJoined || got[0].Attempts != 30 {
		t.Errorf("30 attempts to join left %+v", got)
	}
}

// TestDoneTwiceIsTwoEvents checks that each operation that succeeded has its own event.
func TestDoneTwiceIsTwoEvents(t *testing.T) {
	f := newFixture(t)
	before := len(f.auditEvents(f.acme))
	for i := range 100 {
		f.ok(f.SwitchFeature(f.ctx, f.actor(ada), f.acme, i%2 == 1))
	}
	if n := len(f.auditEvents(f.acme)) - before; n != 100 {
		t.Errorf("100 operations left %d events", n)
	}
}

// TestRefusedTwiceAtOnce checks that the second of two equal attempts waits until the event of the first is committed.
func TestRefusedTwiceAtOnce(t *testing.T) {
	f, s := newPausingFixture(t)
	a := f.actor(vic)
	rename := func() error { return f.RenameSubscription(f.ctx, a, f.acme, "Mine") }
	if first, second := f.concurrently(s, 1, rename, rename); first != forbidden || second != forbidden {
		t.Fatalf("two attempts: %s, %s", first, second)
	}
	if got := f.refusals(f.acme); len(got) != 1 || got[0].Attempts != 2 {
		t.Errorf("two attempts at once left %+v", got)
	}
}
