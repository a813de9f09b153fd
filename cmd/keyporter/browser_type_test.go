package main

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
)

// fill clicks a field and replaces its value by a text. It clicks until the field has the focus, because a browser
// drops clicks on a page that it has not painted yet.
func (p *tab) fill(name, text string) {
	p.t.Helper()
	role := "textbox"
	if found, _ := p.all("searchbox", name); len(found) > 0 {
		role = "searchbox"
	}
	p.until(func() error {
		p.click(role, name)
		n, err := p.focused()
		if err == nil && n.Name.String() != name {
			err = fmt.Errorf("%s has the focus, not %s %q", n, role, name)
		}
		return err
	})
	if err := p.on(p.find(role, name), "function () { this.select(); }", nil); err != nil {
		p.t.Fatal(err)
	}
	p.press("\b")
	p.insert(text)
}

// insert inserts a text at the focus.
func (p *tab) insert(text string) {
	p.t.Helper()
	if err := p.call("Input.insertText", map[string]any{"text": text}, nil); err != nil {
		p.t.Fatal(err)
	}
}

// press types keys, one after the other. A key and its letter are one event, as from a real keyboard: a separate letter
// would go to the element that has the focus by then.
func (p *tab) press(keys ...string) {
	p.t.Helper()
	for _, key := range strings.Join(keys, "") {
		events := kb.Encode(key)
		if len(events) == 3 {
			events[0].Type, events[0].Text, events[0].UnmodifiedText = input.KeyDown, events[1].Text,
				events[1].UnmodifiedText
			events = []*input.DispatchKeyEventParams{events[0], events[2]}
		}
		for _, event := range events {
			p.run(event)
		}
	}
}

// paste presses Ctrl+V.
func (p *tab) paste() {
	p.t.Helper()
	params := map[string]any{"type": "rawKeyDown", "key": "v", "code": "KeyV", "modifiers": 2,
		"windowsVirtualKeyCode": 86, "commands": []string{"paste"}}
	if err := p.call("Input.dispatchKeyEvent", params, nil); err != nil {
		p.t.Fatal(err)
	}
}

// focused returns the node with the focus.
func (p *tab) focused() (axNode, error) {
	var active struct{ Result struct{ ObjectID string } }
	if err := p.call("Runtime.evaluate", map[string]any{"expression": "document.activeElement"}, &active); err != nil {
		return axNode{}, err
	}
	var answer struct{ Nodes []axNode }
	params := map[string]any{"objectId": active.Result.ObjectID, "fetchRelatives": false}
	if err := p.call("Accessibility.getPartialAXTree", params, &answer); err != nil {
		return axNode{}, err
	}
	if len(answer.Nodes) == 0 {
		return axNode{}, fmt.Errorf("nothing has the focus")
	}
	return answer.Nodes[0], nil
}

// hasFocus waits until the node with this role and name has the focus.
func (p *tab) hasFocus(role, name string) {
	p.t.Helper()
	p.until(func() error {
		n, err := p.focused()
		if err == nil && (n.Role.String() != role || n.Name.String() != name) {
			err = fmt.Errorf("%s has the focus, not %s %q", n, role, name)
		}
		return err
	})
}
