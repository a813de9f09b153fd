package keyporter_test

import (
	"slices"
	"strings"
	"testing"

	"keyporter/internal/exclude"
	"keyporter/internal/keyporter"
)

// Letters in the two ways in which Unicode writes them.
const (
	composed   = "Caf\u00e9 M\u00fcnchen"
	decomposed = "Cafe\u0301 Mu\u0308nchen"
)

// TestTextIsStoredInNFC enters decomposed letters in every text field, and reads back composed ones.
func TestTextIsStoredInNFC(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	kept := map[string]string{}
	key, _ := f.key(decomposed, true)
	kept["a new key"] = key.Description
	f.ok(f.EditKey(f.ctx, a, f.acme, key.ID.String(), keyporter.KeyChanges{Description: decomposed + " 2"}))
	edited, err := f.Key(f.ctx, a, f.acme, keyporter.IntegrationKey, key.ID.String())
	f.ok(err)
	kept["an edited key"] = strings.TrimSuffix(edited.Description, " 2")
	f.ok(f.RenameSubscription(f.ctx, a, f.acme, decomposed))
	visit, err := f.MemberView(f.ctx, a, f.acme)
	f.ok(err)
	kept["a subscription"] = visit.Subscription.Name
	f.ok(f.RenameUser(f.ctx, a, decomposed))
	invited, err := f.AddMember(f.ctx, a, f.acme, keyporter.Member{Name: decomposed, Email: "new@example.com",
		Role: keyporter.Viewer})
	f.ok(err)
	kept["an invited member"] = invited.Member.Name
	members, err := f.Members(f.ctx, a, f.acme)
	f.ok(err)
	for _, m := range members {
		if m.Email == email(ada) {
			kept["a user"] = m.Name
		}
	}
	kept["an application"] = f.application(decomposed).Name
	_, err = f.AddExcludeEntries(f.ctx, a, f.acme, exclude.Visitor, decomposed)
	f.ok(err)
	entries, err := f.ExcludeEntries(f.ctx, a, f.acme, exclude.Visitor, "", keyporter.Position{})
	f.ok(err)
	kept["an entry"] = entries.Rows[0].Pattern
	for what, text := range kept {
		if text != composed {
			t.Errorf("%s is kept as %+q", what, text)
		}
	}
	added, err := f.AddExcludeEntries(f.ctx, a, f.acme, exclude.Visitor, composed)
	f.ok(err)
	if added.Known != 1 {
		t.Errorf("the same entry in another form: %+v", added)
	}
}

// TestSearchFoldsBothSides looks for texts in other spellings than they were typed in.
func TestSearchFoldsBothSides(t *testing.T) {
	f := newFixture(t)
	a := f.actor(ada)
	for _, c := range []struct{ typed, search string }{
		{composed, decomposed},
		{decomposed, composed},
		{decomposed, strings.ToUpper(composed)},
		{strings.ToUpper(decomposed), composed},
		{composed, "cafe\u0301"},
		{"Stra\u00dfe", "STRASSE"},
		{"STRASSE", "stra\u00dfe"},
		{"two  spaces", "two spaces"},
		{"no\u00a0break", "no break"},
		{"no break", "no\u00a0break"},
		{"zero\u200bwidth", "zerowidth"},
		{"\u0130stanbul", "istanbul"},
		{"I\u0307stanbul", "istanbul"},
		{"\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03a3\u0399\u0301\u03a3\u03a5\u03a6\u039f\u03a3"},
	} {
		key, _ := f.key(c.typed, false)
		list, err := f.Keys(f.ctx, a, f.acme, keyporter.IntegrationKey, keyporter.KeyFilter{Text: c.search},
			keyporter.Position{})
		f.ok(err)
		if !slices.ContainsFunc(list.Rows, func(k keyporter.Key) bool { return k.ID == key.ID }) {
			t.Errorf("%+q does not find %+q", c.search, c.typed)
		}
		_, err = f.AddExcludeEntries(f.ctx, a, f.acme, exclude.Visitor, c.typed)
		f.ok(err)
		entries, err := f.ExcludeEntries(f.ctx, a, f.acme, exclude.Visitor, c.search, keyporter.Position{})
		f.ok(err)
		if entries.Found == 0 {
			t.Errorf("%+q does not find the entry %+q", c.search, c.typed)
		}
	}
}

// TestConfirmationComparesVisibleText deletes keys in use by typing what their descriptions look like.
func TestConfirmationComparesVisibleText(t *testing.T) {
	f := newFixture(t)
	f.ok(f.SwitchFeature(f.ctx, f.actor(ada), f.acme, true))
	for description, typed := range map[string]string{
		composed: decomposed, "two  spaces": "two spaces", "no\u00a0break": "no break", "zero\u200bwidth": "zerowidth",
	} {
		key, token := f.key(description, true)
		f.judge(token)
		f.want("invalid input: confirm", f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey,
			key.ID.String(), "another"))
		if err := f.DeleteKey(f.ctx, f.actor(ada), f.acme, keyporter.IntegrationKey, key.ID.String(),
			typed); err != nil {
			t.Errorf("%+q does not confirm the key %+q: %v", typed, description, err)
		}
		app := f.application(description)
		if err := f.DeleteApplication(f.ctx, f.actor(ada), f.acme, app.ID, typed); err != nil {
			t.Errorf("%+q does not confirm the application %+q: %v", typed, description, err)
		}
	}
}

// TestPasswordInEitherForm signs in with the letters of a password written in the other way.
func TestPasswordInEitherForm(t *testing.T) {
	f := newFixture(t)
	set := func(password string) {
		_, link, err := f.NewPasswordLink(f.ctx, email(vic))
		f.ok(err)
		f.ok(f.SetNewPassword(f.ctx, link.Reveal(), password, home))
	}
	for _, typed := range []string{composed + " 1", decomposed + " 1"} {
		set(typed)
		for _, given := range []string{composed + " 1", decomposed + " 1"} {
			if _, _, err := f.SignIn(f.ctx, email(vic), given, "", home); err != nil {
				t.Errorf("chosen as %+q, %+q: %v", typed, given, err)
			}
		}
	}
	if _, _, err := f.SignIn(f.ctx, email(vic), decomposed+" 2", "", home); err == nil {
		t.Error("a wrong password is accepted")
	}
}
