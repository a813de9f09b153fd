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
func (h *house) refusals(subscription string) []keyporter.AuditLine {
	h.t.Helper()
	return slices.DeleteFunc(h.lines(subscription), func(l keyporter.AuditLine) bool { return !l.Refused })
}

// TestRefusedAttemptsAreOneLine: equal attempts within an hour are counted where the first one stands; others are not.
func TestRefusedAttemptsAreOneLine(t *testing.T) {
	h := newHouse(t)
	key, _ := h.key("a key", false)
	other, _ := h.key("another key", false)
	try := func(who, id string) { h.want(forbidden, h.DeleteKey(h.ctx, h.actor(who), h.acme, id, "")) }
	for range 20 {
		h.clock.pass(time.Minute)
		try(vic, key.ID.String())
	}
	h.want(forbidden, h.DeleteKey(h.ctx, h.session(vic).Actor(from("203.0.113.5")), h.acme, key.ID.String(), ""))
	h.clock.pass(time.Minute)
	try(vic, other.ID.String())
	try(nora, key.ID.String())
	h.want(forbidden, h.EditKey(h.ctx, h.actor(vic), h.acme, key.ID.String(), "mine", false))
	got := h.refusals(h.acme)
	if len(got) != 4 {
		t.Fatalf("24 attempts of four sorts left %d events: %+v", len(got), got)
	}
	first := got[3]
	if first.Attempts != 21 || !first.At.Equal(start.Add(time.Minute)) || !first.Last.Equal(start.Add(20*time.Minute)) {
		t.Errorf("21 attempts in 20 minutes are %d, the first at %s, the last at %s", first.Attempts, first.At, first.Last)
	}
	if first.Address != home.Address || first.LastAddress != "203.0.113.5" {
		t.Errorf("they came from %s and at last from %s", first.Address, first.LastAddress)
	}
	for _, l := range got[:3] {
		if l.Attempts != 1 || !l.Last.IsZero() {
			t.Errorf("one attempt is %+v", l)
		}
	}
	h.clock.pass(40 * time.Minute) // an hour after the first
	try(vic, key.ID.String())
	if n := len(h.refusals(h.acme)); n != 5 {
		t.Errorf("the next hour's attempt left %d events in all", n)
	}
}

// TestRefusedChangesOfUsersAreToldApart: what was aimed at different users, or applications, is no repetition.
func TestRefusedChangesOfUsersAreToldApart(t *testing.T) {
	h := newHouse(t)
	for _, who := range []string{ada, tom, nora, tom} {
		h.want(forbidden, second(h.RemoveMember(h.ctx, h.actor(vic), h.acme, h.members[who])))
	}
	for _, name := range []string{"one app", "another app"} {
		h.want(forbidden, h.DeleteApplication(h.ctx, h.actor(vic), h.acme, h.application(name).ID, name))
	}
	if got := h.refusals(h.acme); len(got) != 5 {
		t.Errorf("attempts at three users and two applications left %d events", len(got))
	}
}

// TestRefusedLinesAreBounded: however many different things somebody tries, the log stays readable and counts them all.
func TestRefusedLinesAreBounded(t *testing.T) {
	h := newHouse(t)
	try := func(n int) {
		for i := range n {
			id := fmt.Sprintf("%012d", i)
			h.want(forbidden, h.DeleteKey(h.ctx, h.actor(vic), h.acme, id, ""))
		}
	}
	try(150)
	got, sum := h.refusals(h.acme), 0
	for _, l := range got {
		sum += l.Attempts
	}
	if len(got) != 61 || sum != 150 {
		t.Fatalf("150 attempts are %d events that count %d", len(got), sum)
	}
	if l := got[0]; l.Action != keyporter.ActionMoreAttempts || l.Attempts != 90 || l.KeyID != "" {
		t.Errorf("what is over the bound is %+v", l)
	}
	h.want(forbidden, h.RenameSubscription(h.ctx, h.actor(nora), h.acme, "Mine"))
	if l := h.refusals(h.acme)[0]; l.Email != email(nora) || l.Action != keyporter.ActionRenamedSubscription {
		t.Errorf("another user's attempt is %+v", l)
	}
	h.clock.pass(time.Hour)
	try(1)
	if n := len(h.refusals(h.acme)); n != 63 {
		t.Errorf("after an hour there are %d events", n)
	}
}

// TestRefusedByTwoNodesAtOnce: attempts that meet are counted one after the other.
func TestRefusedByTwoNodesAtOnce(t *testing.T) {
	h := newHouse(t)
	nodes := []*keyporter.Porter{h.Porter, h.Porter}
	if engine.String() != "sqlite" {
		s, err := store.Open(h.ctx, h.path)
		h.ok(err)
		defer s.Close()
		nodes[1] = keyporter.New(s, keyporter.Options{Now: h.clock.Now})
	}
	const workers, each = 8, 10
	a := h.actor(vic)
	var work sync.WaitGroup
	for i := range workers {
		work.Go(func() {
			for range each {
				h.want(forbidden, nodes[i%2].RenameSubscription(h.ctx, a, h.acme, "Mine"))
			}
		})
	}
	work.Wait()
	got := h.refusals(h.acme)
	if len(got) != 1 || got[0].Attempts != workers*each {
		t.Errorf("%d attempts at once are %d events: %+v", workers*each, len(got), got)
	}
}

// TestRefusedLineFromTheFuture: an event written while the clock was ahead does not take up what is tried later.
func TestRefusedLineFromTheFuture(t *testing.T) {
	h := newHouse(t)
	a := h.actor(vic)
	h.clock.pass(365 * 24 * time.Hour)
	h.want(forbidden, h.RenameSubscription(h.ctx, a, h.acme, "Mine"))
	h.clock.pass(-365 * 24 * time.Hour)
	h.want(forbidden, h.RenameSubscription(h.ctx, a, h.acme, "Mine"))
	if n := len(h.refusals(h.acme)); n != 2 {
		t.Errorf("there are %d events", n)
	}
}

// TestRefusedJoiningIsOneLine: the log of an account is kept short in the same way.
func TestRefusedJoiningIsOneLine(t *testing.T) {
	h := newHouse(t)
	invited := must(h.AddMember(h.ctx, h.actor(ada), h.acme, keyporter.Member{Name: "New", Email: "new@example.com", Role: keyporter.Viewer}))
	for range 30 {
		h.want(forbidden, second(h.JoinSubscription(h.ctx, h.actor(otto), invited.Value.Reveal())))
	}
	account, err := h.Account(h.ctx, h.actor(otto))
	h.ok(err)
	got := slices.DeleteFunc(account.Events, func(l keyporter.AuditLine) bool { return !l.Refused })
	if len(got) != 1 || got[0].Action != keyporter.ActionJoined || got[0].Attempts != 30 {
		t.Errorf("30 attempts to join left %+v", got)
	}
}

// TestDoneTwiceIsTwoLines: what was done always has an event of its own.
func TestDoneTwiceIsTwoLines(t *testing.T) {
	h := newHouse(t)
	before := len(h.lines(h.acme))
	for i := range 100 {
		h.ok(h.SwitchFeature(h.ctx, h.actor(ada), h.acme, i%2 == 1))
	}
	if n := len(h.lines(h.acme)) - before; n != 100 {
		t.Errorf("100 operations left %d events", n)
	}
}

// TestEveryLineNamesAnAddress: a user who takes another's name can be told from them in every event of every log.
func TestEveryLineNamesAnAddress(t *testing.T) {
	h := newHouse(t)
	h.ok(h.RenameUser(h.ctx, h.actor(tom), "Ada"))
	key, _ := h.key("a key", true)
	h.ok(h.EditKey(h.ctx, h.actor(tom), h.acme, key.ID.String(), "edited", true))
	h.want(forbidden, h.SwitchFeature(h.ctx, h.actor(tom), h.acme, false))
	h.want(forbidden, h.SwitchFeature(h.ctx, h.actor(vic), h.acme, false))
	_, reset, err := h.NewPasswordLink(h.ctx, email(tom))
	h.ok(err)
	h.ok(h.SetNewPassword(h.ctx, reset.Reveal(), "another good password", home))
	rows, err := engine.Look(t, h.path).Query(`SELECT l.who, l.email, l.action, u.email FROM audit_lines l JOIN users u ON u.id = l.user_id`)
	h.ok(err)
	defer rows.Close()
	n := 0
	for rows.Next() {
		var who, email, action, want string
		h.ok(rows.Scan(&who, &email, &action, &want))
		if who == "command line" {
			want = ""
		}
		if email != want {
			t.Errorf("%s of %s names %q, want %q", action, who, email, want)
		}
		n++
	}
	h.ok(rows.Err())
	if n < 20 {
		t.Errorf("only %d events were looked at", n)
	}
}

// TestRenameIsInEverySubscription: it is told where the name is seen, and once for each rename.
func TestRenameIsInEverySubscription(t *testing.T) {
	h := newHouse(t)
	invited := must(h.AddMember(h.ctx, h.actor(otto), h.globex, keyporter.Member{Name: "Tom", Email: email(tom), Role: keyporter.Viewer}))
	h.ok(second(h.JoinSubscription(h.ctx, h.actor(tom), invited.Value.Reveal())))
	stale := h.actor(tom)
	h.ok(h.RenameUser(h.ctx, stale, "Ada"))
	h.ok(h.RenameUser(h.ctx, stale, "Ada")) // changes nothing
	h.ok(h.RenameUser(h.ctx, stale, "Otto"))
	for _, subscription := range []string{h.acme, h.globex} {
		var got []string
		for _, l := range h.lines(subscription) {
			if l.Action == keyporter.ActionRenamedUser {
				got = append(got, l.Who+" <"+l.Email+"> "+l.Detail)
			}
		}
		want := []string{"Ada <tom@example.com> Ada → Otto", "Tom <tom@example.com> Tom → Ada"}
		if !slices.Equal(got, want) {
			t.Errorf("the log of %s says %q", subscription, got)
		}
	}
}

// TestRenamesFloodNoLog: a member cannot bury what others did beneath renames.
func TestRenamesFloodNoLog(t *testing.T) {
	h := newHouse(t)
	tooMany := 0
	for i := range 50 {
		err := h.RenameUser(h.ctx, h.actor(tom), fmt.Sprintf("Tom %d", i))
		if wait := new(keyporter.TooManyTries); errors.As(err, &wait) {
			tooMany++
		} else {
			h.ok(err)
		}
	}
	n := 0
	for _, l := range h.lines(h.acme) {
		if l.Action == keyporter.ActionRenamedUser {
			n++
		}
	}
	if n != 20 || tooMany != 30 {
		t.Errorf("%d renames are in the log, and %d were too many", n, tooMany)
	}
	h.ok(h.RenameUser(h.ctx, h.actor(ada), "Ada L."))
}

// TestRenameWhileJoining: who is renamed while they join has a log that knows of it, or joins by the new name.
func TestRenameWhileJoining(t *testing.T) {
	h, s := newHeldHouse(t)
	invited := must(h.AddMember(h.ctx, h.actor(otto), h.globex, keyporter.Member{Name: "Tom", Email: email(tom), Role: keyporter.Viewer}))
	a := h.actor(tom)
	join := func() error { return second(h.JoinSubscription(h.ctx, a, invited.Value.Reveal())) }
	rename := func() error { return h.RenameUser(h.ctx, a, "Ada") }
	if first, second := h.beside(s, 0, join, rename); first != done || second != done {
		t.Fatalf("joining: %s; renaming: %s", first, second)
	}
	if !slices.ContainsFunc(h.lines(h.globex), func(l keyporter.AuditLine) bool { return l.Action == keyporter.ActionRenamedUser }) {
		t.Error("the subscription's log does not tell of the rename")
	}
}

// TestEveryActionHasBothWords: what was done, and what somebody tried to do.
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
		l := keyporter.AuditLine{Action: keyporter.Action(text)}
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

// TestRefusedTwiceAtOnce: the second of two equal attempts waits until the first one's event can be seen.
func TestRefusedTwiceAtOnce(t *testing.T) {
	h, s := newHeldHouse(t)
	a := h.actor(vic)
	rename := func() error { return h.RenameSubscription(h.ctx, a, h.acme, "Mine") }
	if first, second := h.beside(s, 1, rename, rename); first != forbidden || second != forbidden {
		t.Fatalf("two attempts: %s, %s", first, second)
	}
	if got := h.refusals(h.acme); len(got) != 1 || got[0].Attempts != 2 {
		t.Errorf("two attempts at once left %+v", got)
	}
}
