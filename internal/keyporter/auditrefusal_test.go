package keyporter_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
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
	f.want(forbidden, f.EditKey(f.ctx, f.actor(vic), f.acme, key.ID.String(), "mine", false))
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

// TestEveryEventNamesAnAddress checks that the events of two users with the same name differ by their addresses, in
// every log.
func TestEveryEventNamesAnAddress(t *testing.T) {
	f := newFixture(t)
	f.ok(f.RenameUser(f.ctx, f.actor(tom), "Ada"))
	key, _ := f.key("a key", true)
	f.ok(f.EditKey(f.ctx, f.actor(tom), f.acme, key.ID.String(), "edited", true))
	f.want(forbidden, f.SwitchFeature(f.ctx, f.actor(tom), f.acme, false))
	f.want(forbidden, f.SwitchFeature(f.ctx, f.actor(vic), f.acme, false))
	_, reset, err := f.NewPasswordLink(f.ctx, email(tom))
	f.ok(err)
	f.ok(f.SetNewPassword(f.ctx, reset.Reveal(), "another good password", home))
	rows, err := engine.OpenRaw(t,
		f.path).Query(`SELECT l.who, l.email, l.action, u.email FROM audit_lines l JOIN users u ON u.id = l.user_id`)
	f.ok(err)
	defer rows.Close()
	n := 0
	for rows.Next() {
		var who, email, action, want string
		f.ok(rows.Scan(&who, &email, &action, &want))
		if who == "command line" {
			want = ""
		}
		if email != want {
			t.Errorf("%s of %s names %q, want %q", action, who, email, want)
		}
		n++
	}
	f.ok(rows.Err())
	if n < 20 {
		t.Errorf("only %d events were looked at", n)
	}
}

// TestRenameIsInEverySubscription checks that a rename has one event in the log of each subscription of the user.
func TestRenameIsInEverySubscription(t *testing.T) {
	f := newFixture(t)
	invited := must(f.AddMember(f.ctx, f.actor(otto), f.globex,
		keyporter.Member{Name: "Tom", Email: email(tom), Role: keyporter.Viewer}))
	f.ok(second(f.JoinSubscription(f.ctx, f.actor(tom), invited.Value.Reveal())))
	stale := f.actor(tom)
	f.ok(f.RenameUser(f.ctx, stale, "Ada"))
	f.ok(f.RenameUser(f.ctx, stale, "Ada")) // changes nothing
	f.ok(f.RenameUser(f.ctx, stale, "Otto"))
	for _, subscription := range []string{f.acme, f.globex} {
		var got []string
		for _, l := range f.auditEvents(subscription) {
			if l.Action == keyporter.ActionRenamedUser {
				got = append(got, l.ActorName+" <"+l.Email+"> "+l.Detail)
			}
		}
		want := []string{"Ada <tom@example.com> Ada → Otto", "Tom <tom@example.com> Tom → Ada"}
		if !slices.Equal(got, want) {
			t.Errorf("the log of %s says %q", subscription, got)
		}
	}
}

// TestRenamesAreLimited checks that a member cannot fill the log with renames.
func TestRenamesAreLimited(t *testing.T) {
	f := newFixture(t)
	tooMany := 0
	for i := range 50 {
		err := f.RenameUser(f.ctx, f.actor(tom), fmt.Sprintf("Tom %d", i))
		if wait := new(keyporter.TooManyTries); errors.As(err, &wait) {
			tooMany++
		} else {
			f.ok(err)
		}
	}
	n := 0
	for _, l := range f.auditEvents(f.acme) {
		if l.Action == keyporter.ActionRenamedUser {
			n++
		}
	}
	if n != 20 || tooMany != 30 {
		t.Errorf("%d renames are in the log, and %d were too many", n, tooMany)
	}
	f.ok(f.RenameUser(f.ctx, f.actor(ada), "Ada L."))
}

// TestRenameWhileJoining checks that a user who is renamed while joining either has the rename in the subscription's
// log or joins with the new name.
func TestRenameWhileJoining(t *testing.T) {
	f, s := newPausingFixture(t)
	invited := must(f.AddMember(f.ctx, f.actor(otto), f.globex,
		keyporter.Member{Name: "Tom", Email: email(tom), Role: keyporter.Viewer}))
	a := f.actor(tom)
	join := func() error { return second(f.JoinSubscription(f.ctx, a, invited.Value.Reveal())) }
	rename := func() error { return f.RenameUser(f.ctx, a, "Ada") }
	if first, second := f.concurrently(s, 0, join, rename); first != done || second != done {
		t.Fatalf("joining: %s; renaming: %s", first, second)
	}
	if !slices.ContainsFunc(f.auditEvents(f.globex),
		func(l keyporter.AuditEvent) bool { return l.Action == keyporter.ActionRenamedUser }) {
		t.Error("the subscription's log does not tell of the rename")
	}
}

// TestEveryActionHasBothWords checks that each action can be said as done and as tried.
func TestEveryActionHasBothWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "audit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Action" {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		n++
		l := keyporter.AuditEvent{Action: keyporter.Action(text)}
		did := l.Words()
		l.Refused = true
		tried := l.Words()
		if did == "" || strings.Contains(did, text) || strings.HasPrefix(did, "Tried") {
			t.Errorf("%s done is %q", text, did)
		}
		if !strings.HasPrefix(tried, "Tried to ") || strings.Contains(tried, text) || len(tried) < len("Tried to do") {
			t.Errorf("%s refused is %q", text, tried)
		}
		return true
	})
	if n < 30 {
		t.Errorf("only %d actions were found", n)
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
