package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// open goes to a path of the site, or to another address.
func (p *tab) open(path string) {
	p.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = p.base + path
	}
	p.loading(func() { p.call("Page.navigate", map[string]any{"url": path}, nil) })
}

// loading does something that brings another document, and waits until that is there.
func (p *tab) loading(do func()) {
	p.t.Helper()
	before := p.loaded()
	do()
	p.until(func() error {
		if p.loaded() == before {
			return fmt.Errorf("no other page was loaded")
		}
		return nil
	})
}

func (p *tab) loaded() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.loads
}

// questions returns the kinds of questions that the browser has asked since the last call.
func (p *tab) questions() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := slices.Clone(p.asked)
	p.asked = nil
	return asked
}

// answer decides what the browser is told when it asks whether to leave a page.
func (p *tab) answer(leave bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave = leave
}

// history goes back or forward as the browser's button does, which also brings pages that it has kept.
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

// under lets a subtest use the tab.
func (p *tab) under(t *testing.T) *tab {
	before := p.t
	p.t = t
	t.Cleanup(func() { p.t = before })
	return p
}
