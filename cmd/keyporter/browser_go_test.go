package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// open navigates to a path of the site, or to a URL, and waits until that document is loaded.
func (p *tab) open(path string) {
	p.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = p.base + path
	}
	var answer struct{ LoaderID, ErrorText string }
	if err := p.call("Page.navigate", map[string]any{"url": path}, &answer); err != nil || answer.ErrorText != "" {
		p.t.Fatalf("going to %s: %v %s", path, err, answer.ErrorText)
	}
	p.until(func() error {
		if shown, _, ready := p.document(); shown != answer.LoaderID || !ready {
			return fmt.Errorf("%s was not loaded", path)
		}
		return nil
	})
}

// loading runs a function that loads another document, and waits until that is loaded. The current document has to be
// loaded already, or it would be taken for the other one.
func (p *tab) loading(do func()) {
	p.t.Helper()
	_, before, _ := p.document()
	do()
	p.until(func() error {
		if _, shows, ready := p.document(); shows == before || !ready {
			return fmt.Errorf("no other page was loaded")
		}
		return nil
	})
}

// document returns the browser's ID of the current document, a number that changes with each document, and whether it
// is loaded.
func (p *tab) document() (shown string, shows int, ready bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown, p.shows, slices.Contains(p.ready, p.shown)
}

// questions returns the kinds of dialogs that the browser has opened since the last call.
func (p *tab) questions() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := slices.Clone(p.asked)
	p.asked = nil
	return asked
}

// answer sets the answer to the browser's question whether to leave a page.
func (p *tab) answer(leave bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave = leave
}

// history goes back or forward as the browser's button does, which can also restore a page.
func (p *tab) history(where string) {
	p.t.Helper()
	var answer struct {
		CurrentIndex int
		Entries      []struct{ ID int64 }
	}
	if err := p.call("Page.getNavigationHistory", nil, &answer); err != nil {
		p.t.Fatal(err)
	}
	to := answer.CurrentIndex - 1
	if where == "forward" {
		to = answer.CurrentIndex + 1
	}
	if to < 0 || to >= len(answer.Entries) {
		p.t.Fatalf("there is no page to go %s to", where)
	}
	if err := p.call("Page.navigateToHistoryEntry", map[string]any{"entryId": answer.Entries[to].ID}, nil); err != nil {
		p.t.Fatal(err)
	}
}

// under returns the tab for a subtest.
func (p *tab) under(t *testing.T) *tab {
	before := p.t
	p.t = t
	t.Cleanup(func() { p.t = before })
	return p
}
