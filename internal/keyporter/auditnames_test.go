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
	"testing"

	"keyporter/internal/keyporter"
)

// TestEveryEventNamesAnAddress checks that the events of two users with the same name differ by their addresses, in
// every log.
func TestEveryEventNamesAnAddress(t *testing.T) {
	f := newFixture(t)
	f.ok(f.RenameUser(f.ctx, f.actor(tom), "Ada"))
	key, _ := f.key("a key", true)
	f.ok(f.EditKey(f.ctx, f.actor(tom), f.acme, key.ID.String(),
		keyporter.KeyChanges{Description: "edited", Lower: true}))
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
