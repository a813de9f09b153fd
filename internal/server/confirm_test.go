package server_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

// TestNothingIsDoneBeforeItIsConfirmed: an operation that cannot be undone, or that affects others, has a page that
// asks. Opening and leaving the page changes nothing; its form does the operation.
func TestNothingIsDoneBeforeItIsConfirmed(t *testing.T) {
	f := newFixture(t)
	made := f.application("an app")
	app := made.ID.String()
	entry := f.entry(exclude.Server, "dev*")
	for _, c := range []struct {
		who, list, path, query string
		heading, button        string
		form                   []string
		state                  func() string
	}{
		{ada, f.at("/applications/" + app), f.at("/applications/" + app + "/default"), "",
			"Make this application the default?", "Make default", nil, func() string {
				a, err := f.Application(f.ctx, f.actor(ada), f.acme, made.ID)
				f.ok(err)
				return map[bool]string{true: "default", false: "not"}[a.Default]
			}},
		{ada, f.at(listBelow + "/server"), f.at(listBelow + "/server/delete"), "?entry=" + entry,
			"Delete selected entries?", "Delete selected", []string{"entry", entry}, func() string {
				list, err := f.ExcludeEntries(f.ctx, f.actor(ada), f.acme, exclude.Server, "",
					keyporter.Position{})
				f.ok(err)
				return strconv.Itoa(list.Found)
			}},
		{ada, f.at("/users"), f.at("/users/" + f.members[vic] + "/remove"), "", "Remove user?", "Remove user", nil,
			func() string {
				members, err := f.Members(f.ctx, f.actor(ada), f.acme)
				f.ok(err)
				return strconv.Itoa(len(members))
			}},
		{olga, "/operator/subscriptions", "/operator/subscriptions/" + f.acme + "/withdraw", "",
			"Withdraw Integration Keys?", "Withdraw", []string{"confirm", "Acme"}, func() string {
				v, err := f.MemberView(f.ctx, f.actor(ada), f.acme)
				f.ok(err)
				return string(v.Subscription.Feature())
			}},
	} {
		t.Run(c.button, func(t *testing.T) {
			client := f.client(c.who)
			list := client.get(c.list)
			if !strings.Contains(list.body, `method="get" action="`+c.path+`" data-dialog`) {
				t.Errorf("the page behind it does not ask first")
			}
			before := c.state()
			asked := client.get(c.path + c.query)
			for _, want := range []string{c.heading, ">" + c.button + "</button>", ">Cancel</button>",
				`method="post" action="` + c.path + `"`} {
				if asked.StatusCode != http.StatusOK || !strings.Contains(asked.body, want) {
					t.Errorf("%d without %q", asked.StatusCode, want)
				}
			}
			if now := c.state(); now != before {
				t.Errorf("asking alone made %s of %s", now, before)
			}
			if got := client.post(c.path, query(c.form...)); got.StatusCode != http.StatusSeeOther {
				t.Errorf("the answer is %s", got.Status)
			}
			if c.state() == before {
				t.Error("what was confirmed is not done")
			}
		})
	}
}

// TestWithdrawnByNameAlone: after a wrong name the form is shown again with what was typed.
func TestWithdrawnByNameAlone(t *testing.T) {
	f := newFixture(t)
	path := "/operator/subscriptions/" + f.acme + "/withdraw"
	got := f.client(olga).post(path, query("confirm", "Globex"))
	if got.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("another name is answered with %s", got.Status)
	}
	for _, want := range []string{"Withdraw Integration Keys?", "Nothing was withdrawn.", `value="Globex"`} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if v, err := f.MemberView(f.ctx, f.actor(ada), f.acme); err != nil || !v.Subscription.Available {
		t.Errorf("it was withdrawn: %+v, %v", v.Subscription, err)
	}
}

// TestNothingSelected: the list is shown again, and its links lead to other pages of the list.
func TestNothingSelected(t *testing.T) {
	f := newFixture(t)
	lines := make([]string, 60)
	for i := range lines {
		lines[i] = "host" + strconv.Itoa(i)
	}
	_, err := f.AddExcludeEntries(f.ctx, f.actor(ada), f.acme, exclude.Server, strings.Join(lines, "\n"))
	f.ok(err)
	got := f.client(ada).get(f.at(listBelow + "/server/delete"))
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Nothing is selected.") {
		t.Fatalf("nothing selected is answered with %s", got.Status)
	}
	if strings.Contains(got.body, "/delete?at=") || !strings.Contains(got.body, f.at(listBelow+"/server")+"?at=") {
		t.Error("Older does not lead on in the list")
	}
}
