package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// Every page in every state, with dialogs closed and open, in light and in dark, has no fault that axe finds, and can
// be read on a screen of 320 pixels without scrolling sideways. With KEYPORTER_PICTURES it leaves a picture of each in
// the folder of that name.
func TestEveryPage(t *testing.T) {
	axe := readAxe(t)
	both(t, func(t *testing.T, scripts bool) {
		w := walk{scripts: scripts, look: func(p *tab, name string) {
			p.t.Helper()
			p.hasNoFault(axe, name, scripts)
			p.fits(name)
			p.picture(name, scripts)
		}}
		t.Run("begin", w.begin)
		t.Run("year", w.year)
	})
}

// readAxe returns the script of axe-core, which is no part of the module: make test fetches it.
func readAxe(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser test")
	}
	text, err := os.ReadFile("../../.cache/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("axe-core is missing: run make test, which fetches it (%v)", err)
	}
	return string(text)
}

// A violation is a rule of axe with the nodes that break it.
type violation struct {
	ID, Help string
	Nodes    []struct {
		Target         []any
		FailureSummary string
	}
}

// hasNoFault runs axe on the page as it stands: with scripts on a wide screen, and without, where dialogs are cards in
// the page, on a narrow one.
func (p *tab) hasNoFault(axe, name string, scripts bool) {
	p.t.Helper()
	width := int64(1280)
	if !scripts {
		width = 390
	}
	p.hasNoFaultAt(axe, name, scripts, width)
	p.run(p.size(1280))
}

// Which rules axe applies. In the dark only colours differ.
const (
	allRules    = `{ type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }`
	colourRules = `{ type: "rule", values: ["color-contrast", "link-in-text-block"] }`
)

func (p *tab) hasNoFaultAt(axe, name string, scripts bool, width int64) {
	p.t.Helper()
	if !scripts { // axe needs them; those of the page have not been loaded and stay away
		p.run(emulation.SetScriptExecutionDisabled(false))
		defer p.run(emulation.SetScriptExecutionDisabled(true))
	}
	p.run(p.size(width))
	if p.value("typeof window.axe") == "undefined" {
		if err := p.eval(axe, nil); err != nil {
			p.t.Fatal(err)
		}
	}
	for _, each := range []struct{ scheme, rules string }{{"light", allRules}, {"dark", colourRules}} {
		p.scheme(each.scheme)
		var found []violation
		if err := p.eval(`axe.run(document, { runOnly: `+each.rules+`, resultTypes: ["violations"] }).then((r) => r.violations)`, &found); err != nil {
			p.t.Fatal(err)
		}
		for _, v := range found {
			for _, n := range v.Nodes {
				p.t.Errorf("%s, %s, %d pixels: %s (%s)\n%v: %s", name, each.scheme, width, v.Help, v.ID, n.Target, n.FailureSummary)
			}
		}
	}
	p.scheme("light")
}

// scheme makes the browser prefer light or dark.
func (p *tab) scheme(name string) {
	p.t.Helper()
	p.media("prefers-color-scheme", name)
}

// media sets what the browser says of its user's preferences: names and values in turn.
func (p *tab) media(pairs ...string) {
	p.t.Helper()
	var features []*emulation.MediaFeature
	for i := 0; i < len(pairs); i += 2 {
		features = append(features, &emulation.MediaFeature{Name: pairs[i], Value: pairs[i+1]})
	}
	p.run(emulation.SetEmulatedMedia().WithFeatures(features))
}

// beyond lists what reaches out of the page sideways, also where that is cut off. Names that are shortened with an
// ellipsis, and what only screen readers meet, may.
const beyond = `(() => {
	const width = document.documentElement.clientWidth, out = [];
	if (document.documentElement.scrollWidth > width) out.push("the page is " + document.documentElement.scrollWidth + " wide");
	for (const e of document.querySelectorAll("body *")) {
		const box = e.getBoundingClientRect();
		if (box.width <= 1 || box.height <= 1 || (box.right <= width + 1 && box.left >= -1)) continue;
		if (e.closest("svg") || !e.checkVisibility({ visibilityProperty: true })) continue;
		let allowed = false;
		for (let a = e; a; a = a.parentElement) {
			const s = getComputedStyle(a);
			if (s.textOverflow === "ellipsis" || s.clipPath !== "none" || (a !== e && /auto|scroll/.test(s.overflowX) && !a.matches("dialog"))) allowed = true;
		}
		if (!allowed) out.push(e.tagName.toLowerCase() + "." + e.className + " " + Math.round(box.left) + " to " + Math.round(box.right) + " " + e.textContent.trim().slice(0, 40));
	}
	return out;
})()`

// fits fails if something does not fit on a screen of 320 pixels, or of 1280.
func (p *tab) fits(name string) {
	p.t.Helper()
	for _, width := range []int64{320, 1280} {
		p.run(p.size(width))
		var out []string
		if err := p.eval(beyond, &out); err != nil {
			p.t.Fatal(err)
		}
		for _, each := range out {
			p.t.Errorf("%s at %d pixels: %s", name, width, each)
		}
	}
}

// picture writes PNGs of the page as it is seen on a wide and on a narrow screen, in light and in dark.
func (p *tab) picture(name string, scripts bool) {
	p.t.Helper()
	folder := os.Getenv("KEYPORTER_PICTURES")
	if folder == "" {
		return
	}
	if !scripts {
		name += "-noscript"
	}
	for _, width := range []int64{1280, 390} {
		p.run(p.size(width))
		for _, scheme := range []string{"light", "dark"} {
			p.scheme(scheme)
			p.shoot(filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)))
		}
	}
	p.scheme("light")
	p.run(p.size(1280))
}

// shoot writes one picture: the whole page, or what is seen where a modal dialog lies above it.
func (p *tab) shoot(file string) {
	p.t.Helper()
	params := map[string]any{"format": "png", "captureBeyondViewport": p.value(`!document.querySelector(":modal")`) == "true"}
	var picture struct{ Data string }
	if err := p.call("Page.captureScreenshot", params, &picture); err != nil {
		p.t.Fatal(err)
	}
	image, err := base64.StdEncoding.DecodeString(picture.Data)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, image, 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}
