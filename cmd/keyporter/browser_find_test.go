package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// An axNode is an element in the accessibility tree.
type axNode struct {
	Ignored     bool
	Role, Name  axValue
	Value       axValue
	Description axValue
	Backend     int64 `json:"backendDOMNodeId"`
	Properties  []struct {
		Name  string
		Value axValue
	}
}

type axValue struct{ Value json.RawMessage }

func (v axValue) String() string {
	var text string
	if json.Unmarshal(v.Value, &text) != nil {
		return string(v.Value)
	}
	return text
}

func (n axNode) String() string { return fmt.Sprintf("%s %q", n.Role, n.Name) }

// property returns the value of a property, such as "true" or "false", or "" if the node does not have it.
func (n axNode) property(name string) string {
	for _, each := range n.Properties {
		if each.Name == name {
			return each.Value.String()
		}
	}
	return ""
}

// all returns the nodes with a role and, unless it is "", a name.
func (p *tab) all(role, name string) ([]axNode, error) {
	var document struct{ Result struct{ ObjectID string } }
	if err := p.call("Runtime.evaluate", map[string]any{"expression": "document"}, &document); err != nil {
		return nil, err
	}
	params := map[string]any{"objectId": document.Result.ObjectID, "role": role}
	if name != "" {
		params["accessibleName"] = name
	}
	var answer struct{ Nodes []axNode }
	if err := p.call("Accessibility.queryAXTree", params, &answer); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(answer.Nodes, func(n axNode) bool { return n.Ignored }), nil
}

// find waits until exactly one node has this role and name, and returns it.
func (p *tab) find(role, name string) axNode {
	p.t.Helper()
	var found []axNode
	p.until(func() error {
		var err error
		if found, err = p.all(role, name); err == nil && len(found) != 1 {
			err = fmt.Errorf("there are %d of %s %q", len(found), role, name)
		}
		return err
	})
	return found[0]
}

// gone waits until no node has this role and name.
func (p *tab) gone(role, name string) {
	p.t.Helper()
	p.until(func() error {
		found, err := p.all(role, name)
		if err == nil && len(found) > 0 {
			err = fmt.Errorf("there is still %s", found[0])
		}
		return err
	})
}

// has waits until the page shows a text.
func (p *tab) has(text string) {
	p.t.Helper()
	p.until(func() error {
		if shown := p.text(); !strings.Contains(shown, text) {
			return fmt.Errorf("the page does not say %q but\n%s", text, shown)
		}
		return nil
	})
}

// hasNot fails if the page shows a text now.
func (p *tab) hasNot(text string) {
	p.t.Helper()
	if shown := p.text(); strings.Contains(shown, text) {
		p.t.Fatalf("the page says %q:\n%s", text, shown)
	}
}

// text returns the visible text of the page, with white space as single spaces.
func (p *tab) text() string {
	var text string
	p.eval("document.body.innerText", &text)
	return strings.Join(strings.Fields(text), " ")
}

// source returns the page's markup and the values of its fields.
func (p *tab) source() string {
	p.t.Helper()
	return p.value(`document.documentElement.outerHTML +
		[...document.querySelectorAll("input, textarea")].map((f) => f.value).join("\n")`)
}

// on calls a function in the page with the node as this, and stores its value.
func (p *tab) on(n axNode, function string, into any, args ...any) error {
	var object struct{ Object struct{ ObjectID string } }
	if err := p.call("DOM.resolveNode", map[string]any{"backendNodeId": n.Backend}, &object); err != nil {
		return err
	}
	list := []map[string]any{}
	for _, arg := range args {
		list = append(list, map[string]any{"value": arg})
	}
	var answer struct {
		Result struct{ Value json.RawMessage }
	}
	params := map[string]any{"objectId": object.Object.ObjectID, "functionDeclaration": function, "arguments": list,
		"returnByValue": true}
	if err := p.call("Runtime.callFunctionOn", params, &answer); err != nil || into == nil ||
		len(answer.Result.Value) == 0 {
		return err
	}
	return json.Unmarshal(answer.Result.Value, into)
}

// click clicks in the middle of the one node with this role and name, when nothing covers it.
func (p *tab) click(role, name string) {
	p.t.Helper()
	p.clickTimes(role, name, "", 1)
}

// clickOf clicks the one of several nodes with the same name that is described by a text.
func (p *tab) clickOf(row, role, name string) {
	p.t.Helper()
	p.clickTimes(role, name, row, 1)
}

func (p *tab) clickTimes(role, name, description string, times int) {
	p.t.Helper()
	var x, y float64
	p.until(func() (err error) {
		found, err := p.all(role, name)
		found = slices.DeleteFunc(found, func(n axNode) bool {
			return !strings.Contains(n.Description.String(),
				description)
		})
		if err == nil && len(found) != 1 {
			err = fmt.Errorf("there are %d of %s %q", len(found), role, name)
		}
		if err == nil {
			x, y, err = p.middle(found[0])
		}
		return err
	})
	for count := 1; count <= times; count++ {
		p.mouse("mousePressed", x, y, count)
		p.mouse("mouseReleased", x, y, count)
	}
}

// send clicks a button whose form scripts send without leaving the page. Without scripts it waits for the next page.
func (p *tab) send(button string) {
	p.t.Helper()
	if p.scripts {
		p.click("button", button)
	} else {
		p.loading(func() { p.click("button", button) })
	}
}

// mouse sends a mouse event. It does not wait for an answer, which a dialog of the browser would delay.
func (p *tab) mouse(kind string, x, y float64, count int) {
	p.t.Helper()
	params := map[string]any{"type": kind, "x": x, "y": y, "button": "left", "clickCount": count}
	if err := p.call("Input.dispatchMouseEvent", params, nil); err != nil {
		p.t.Fatal(err)
	}
}

// middle returns the position where to click a node. It fails while another element would get the click.
func (p *tab) middle(n axNode) (x, y float64, err error) {
	if err := p.call("DOM.scrollIntoViewIfNeeded", map[string]any{"backendNodeId": n.Backend}, nil); err != nil {
		return 0, 0, err
	}
	var answer struct{ Quads [][8]float64 }
	if err := p.call("DOM.getContentQuads", map[string]any{"backendNodeId": n.Backend}, &answer); err != nil {
		return 0, 0, err
	}
	if len(answer.Quads) == 0 {
		return 0, 0, fmt.Errorf("%s is not to be seen", n)
	}
	q := answer.Quads[0]
	x, y = (q[0]+q[2]+q[4]+q[6])/4, (q[1]+q[3]+q[5]+q[7])/4
	var free bool
	err = p.on(n, `function (x, y) {
		const hit = document.elementFromPoint(x, y);
		return this.contains(hit) || !!hit?.contains(this);
	}`, &free, x, y)
	if err == nil && !free {
		err = fmt.Errorf("something lies over %s", n)
	}
	return x, y, err
}
