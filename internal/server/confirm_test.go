package server_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"keyporter/internal/keyporter"
)

// TestNothingIsDoneBeforeItIsConfirmed: what cannot be taken back, or touches others, is asked about on a page of its own,
// which changes nothing; leaving it changes nothing; and its form does it.
func TestNothingIsDoneBeforeItIsConfirmed(t *testing.T) {
	h := newHouse(t)
	made := h.application("an app")
	app := made.ID.String()
	entry := h.entry(keyporter.ExcludeServer, "dev*")
	for _, c := range []struct {
		who, list, path, query string
		heading, button        string
		form                   []string
		state                  func() string
	}{
		{ada, h.at("/applications/" + app), h.at("/applications/" + app + "/default"), "", "Make this application the default?", "Make default", nil, func() string {
			a, err := h.Application(h.ctx, h.actor(ada), h.acme, made.ID)
			h.ok(err)
			return map[bool]string{true: "default", false: "not"}[a.Default]
		}},
		{ada, h.at(listBelow + "/server"), h.at(listBelow + "/server/delete"), "?entry=" + entry, "Delete selected entries?", "Delete selected", []string{"entry", entry}, func() string {
			list, err := h.ExcludeEntries(h.ctx, h.actor(ada), h.acme, keyporter.ExcludeServer, "", keyporter.Position{})
			h.ok(err)
			return strconv.Itoa(list.Found)
		}},
		{ada, h.at("/users"), h.at("/users/" + h.members[vic] + "/remove"), "", "Remove user?", "Remove user", nil, func() string {
			members, err := h.Members(h.ctx, h.actor(ada), h.acme)
			h.ok(err)
			return strconv.Itoa(len(members))
		}},
		{olga, "/operator/subscriptions", "/operator/subscriptions/" + h.acme + "/withdraw", "", "Withdraw Integration Keys?", "Withdraw", []string{"confirm", "Acme"}, func() string {
			v, err := h.Visit(h.ctx, h.actor(ada), h.acme)
			h.ok(err)
			return string(v.Subscription.Feature())
		}},
	} {
		t.Run(c.button, func(t *testing.T) {
			client := h.client(c.who)
			list := client.get(c.list)
			if !strings.Contains(list.body, `method="get" action="`+c.path+`" data-dialog`) {
				t.Errorf("the page behind it does not ask first")
			}
			before := c.state()
			asked := client.get(c.path + c.query)
			for _, want := range []string{c.heading, ">" + c.button + "</button>", ">Cancel</button>", `method="post" action="` + c.path + `"`} {
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

// TestWithdrawnByNameAlone: another name is asked for again, and kept.
func TestWithdrawnByNameAlone(t *testing.T) {
	h := newHouse(t)
	path := "/operator/subscriptions/" + h.acme + "/withdraw"
	got := h.client(olga).post(path, query("confirm", "Globex"))
	if got.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("another name is answered with %s", got.Status)
	}
	for _, want := range []string{"Withdraw Integration Keys?", "Nothing was withdrawn.", `value="Globex"`} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if v, err := h.Visit(h.ctx, h.actor(ada), h.acme); err != nil || !v.Subscription.Available {
		t.Errorf("it was withdrawn: %+v, %v", v.Subscription, err)
	}
}

// TestNothingSelected: the list comes again, and its links lead on in the list.
func TestNothingSelected(t *testing.T) {
	h := newHouse(t)
	lines := make([]string, 60)
	for i := range lines {
		lines[i] = "host" + strconv.Itoa(i)
	}
	_, err := h.AddExcludeEntries(h.ctx, h.actor(ada), h.acme, keyporter.ExcludeServer, strings.Join(lines, "\n"))
	h.ok(err)
	got := h.client(ada).get(h.at(listBelow + "/server/delete"))
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Nothing is selected.") {
		t.Fatalf("nothing selected is answered with %s", got.Status)
	}
	if strings.Contains(got.body, "/delete?at=") || !strings.Contains(got.body, h.at(listBelow+"/server")+"?at=") {
		t.Error("Older does not lead on in the list")
	}
}
