package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

const notStored = "Have you stored this key?"

// TestReveal: the new token can be copied at once, and an accidental key or click does not lose it.
func TestReveal(t *testing.T) {
	s := newSite(t)
	p := s.signedIn(ada, true)
	p.keysOn()
	token := p.addKey("Export, nightly/EU: \"weekly\"")
	p.hasFocus("textbox", "Integration key")
	if selected := p.value("document.activeElement.value.slice(document.activeElement.selectionStart, " +
		"document.activeElement.selectionEnd)"); selected != token {
		t.Errorf("%q of the token is selected", selected)
	}
	if n := p.find("textbox", "Integration key"); n.property("readonly") != "true" {
		t.Error("the token's field can be changed")
	}
	p.has("It is not stored and cannot be shown again.")
	curl := p.find("textbox", "Try it").Value.String()
	if want := `curl -H "X-Integration-Key: $KEY" ` + strings.Replace(p.base, "127.0.0.1", "localhost", 1) +
		"/api/v1/token/verify"; curl != want {
		t.Errorf("the command is %q, not %q", curl, want)
	}
	if n := p.find("button", "Done"); n.property("disabled") != "true" {
		t.Error("Done works before the key is said to be stored")
	}
	// The pointer is often over Done, because Create was near it: Done must not look enabled.
	face := `getComputedStyle(document.querySelector("[data-done] button")).backgroundColor`
	p.mouse("mouseMoved", 1, 1, 0)
	plain := p.value(face)
	x, y, err := p.middle(p.find("button", "Done"))
	if err != nil {
		t.Fatal(err)
	}
	p.mouse("mouseMoved", x, y, 0)
	if hovered := p.value(`document.querySelector("[data-done] button").matches(":hover")`); hovered != "true" {
		t.Errorf("the pointer is on Done: %s", hovered)
	}
	if hovered := p.value(face); hovered != plain {
		t.Errorf("disabled, Done is %s, and %s under the pointer", plain, hovered)
	}

	t.Run("copy", func(t *testing.T) {
		p.allow("clipboardReadWrite", "clipboardSanitizedWrite")
		p.click("button", "Copy")
		p.has("Copied")
		var copied string
		if err := p.eval("navigator.clipboard.readText()", &copied); err != nil || copied != token {
			t.Errorf("%q was copied, %v", copied, err)
		}
	})
	t.Run("download", func(t *testing.T) {
		p.saves("Export- nightly-EU- -weekly.txt", token)
	})

	kept := func(t *testing.T, asks bool) {
		t.Helper()
		if asks {
			p.find("dialog", notStored)
			p.hasFocus("button", "Back to the key")
			p.click("button", "Back to the key")
			p.gone("dialog", notStored)
		}
		if p.token() != token {
			t.Error("the token is gone")
		}
	}
	t.Run("escape", func(t *testing.T) {
		p.press(kb.Escape)
		kept(t, true)
		p.press(kb.Escape, kb.Escape, kb.Escape) // asks, returns to the key, asks
		kept(t, true)
	})
	t.Run("backdrop", func(t *testing.T) {
		p.mouse("mousePressed", 5, 5, 1)
		p.mouse("mouseReleased", 5, 5, 1)
		kept(t, true)
	})
	t.Run("leave", func(t *testing.T) {
		p.questions()
		for _, leave := range []func(){
			func() { p.call("Page.navigate", map[string]any{"url": p.base + "/account"}, nil) },
			func() { p.history("back") },
			func() { p.call("Page.reload", map[string]any{}, nil) },
		} {
			leave()
			p.until(func() error {
				if asked := p.questions(); !slices.Equal(asked, []string{"beforeunload"}) {
					return fmt.Errorf("the browser asked %q", asked)
				}
				return nil
			})
			kept(t, false)
		}
	})
	t.Run("done", func(t *testing.T) {
		p.click("checkbox", "I have stored this key")
		if n := p.find("button", "Done"); n.property("disabled") == "true" {
			t.Error("Done does not work although the key is stored")
		}
		p.click("checkbox", "I have stored this key")
		if n := p.find("button", "Done"); n.property("disabled") != "true" {
			t.Error("Done works although the box is not ticked any more")
		}
		p.done()
		p.gone("dialog", "Your new integration key")
		if len(p.questions()) > 0 {
			t.Error("the browser asked although the key is stored")
		}
		s.opens(token)
	})
}

// TestRevealOwnKey: the reveal of a Feedback API key is the same. If the description cannot be a file's name, the
// download is named after the kind of key.
func TestRevealOwnKey(t *testing.T) {
	p := newSite(t).signedIn(ada, true)
	p.open(p.value("location.pathname") + "/integrations/feedback-keys")
	token := p.addKeyOf(feedbackKey, "☃ ☃")
	p.hasFocus("textbox", "Feedback API key")
	p.has("It is not stored and cannot be shown again.")
	p.click("button", "Copy")
	p.has("Copied")
	p.saves("Feedback API key.txt", token)
	p.press(kb.Escape)
	p.find("dialog", notStored)
	p.click("button", "Back to the key")
	if p.tokenOf(feedbackKey) != token {
		t.Error("the token is gone")
	}
	p.done()
	p.gone("dialog", "Your new Feedback API key")
	p.find("button", "Delete ☃ ☃")
}

// saves downloads the token, and fails unless the file contains it.
func (p *tab) saves(name, token string) {
	p.t.Helper()
	folder := p.downloads()
	p.click("button", "Download")
	p.has("Saved as a file")
	p.until(func() error {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			entries, _ := os.ReadDir(folder)
			return fmt.Errorf("%w; there are %v", err, entries)
		}
		if string(text) != token {
			return fmt.Errorf("the file holds %q", text)
		}
		return nil
	})
}

// TestRevealDeletesTheKey: Delete this key and close deletes a key of either kind, also one that was already used.
func TestRevealDeletesTheKey(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		s := newSite(t)
		p := s.signedIn(ada, scripts)
		p.keysOn()
		deletes := func(revealed string) {
			t.Helper()
			if scripts {
				p.press(kb.Escape)
			}
			p.find("dialog", notStored)
			p.loading(func() { p.click("button", "Delete this key and close") })
			p.gone("dialog", revealed)
			p.has("The key was deleted.")
			p.gone("button", "Delete Nightly export")
		}
		token := p.addKey("Nightly export")
		s.opens(token)
		deletes("Your new integration key")
		s.closed(token, "key_invalid")
		p.open(strings.Replace(p.value("location.pathname"), "integration-keys", "feedback-keys", 1))
		p.addKeyOf(feedbackKey, "Nightly export")
		deletes("Your new Feedback API key")
	})
}

// TestRevealKeepsAKeyThatIsNotDeleted: after a deletion that failed, the token can still be stored.
func TestRevealKeepsAKeyThatIsNotDeleted(t *testing.T) {
	s := newSite(t)
	p := s.signedIn(ada, true)
	p.keysOn()
	list := p.value("location.pathname")
	token := p.addKey("Nightly export")
	fails := func(sentence string) {
		t.Helper()
		p.press(kb.Escape)
		p.click("button", "Delete this key and close")
		p.has(sentence)
		p.click("button", "Back to the key")
		if p.token() != token {
			t.Error("the token is gone")
		}
	}
	p.offline(true)
	fails("There is no connection to the server")
	p.offline(false)
	other := p.second()
	other.open(list)
	other.click("link", "Edit Nightly export")
	other.fill("Description", "Weekly export")
	other.loading(func() { other.click("button", "Save") })
	s.opens(token)
	fails("It was changed meanwhile.")
	other.loading(func() { other.click("button", "Sign out") })
	fails("you are signed out")
}

// TestRevealWithoutScripts: without scripts there is no Copy button, and Done still needs the ticked box.
func TestRevealWithoutScripts(t *testing.T) {
	p := newSite(t).signedIn(ada, false)
	p.keysOn()
	token := p.addKey("Nightly export")
	p.gone("button", "Copy")
	p.gone("button", "Download")
	_, before, _ := p.document()
	p.click("button", "Done")
	p.hasFocus("checkbox", "I have stored this key")
	if _, now, _ := p.document(); p.token() != token || now != before {
		t.Error("Done left the page although the box is not ticked")
	}
	p.done()
	p.find("button", "Delete Nightly export")
}
