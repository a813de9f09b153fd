package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// TestEveryPage: axe finds no violation on any page in any state, with dialogs closed and open, in light and in dark,
// and every page fits on a screen of 320 pixels without horizontal scrolling. It writes a picture of each page to the
// folder KEYPORTER_PICTURES, if that is set.
func TestEveryPage(t *testing.T) {
	axe := readAxe(t)
	both(t, func(t *testing.T, scripts bool) {
		w := walk{scripts: scripts, look: func(p *tab, name string) {
			p.t.Helper()
			p.checkAxe(axe, name, scripts)
			p.fits(name)
			p.picture(name, scripts)
		}}
		t.Run("begin", w.begin)
		t.Run("year", w.year)
	})
}

// readAxe returns the script of axe-core, which make test downloads.
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

// A violation is a rule of axe with the elements that violate it.
type violation struct {
	ID, Help string
	Nodes    []struct {
		Target         []any
		FailureSummary string
	}
}

// checkAxe runs axe on the current page: with scripts on a wide screen, and without, where dialogs are cards in the
// page, on a narrow one.
func (p *tab) checkAxe(axe, name string, scripts bool) {
	p.t.Helper()
	width := int64(1280)
	if !scripts {
		width = 390
	}
	p.checkAxeAt(axe, name, scripts, width)
	p.run(p.size(1280))
}

// The rules that axe applies. In dark mode only colours differ.
const (
	allRules    = `{ type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }`
	colourRules = `{ type: "rule", values: ["color-contrast", "link-in-text-block"] }`
)

func (p *tab) checkAxeAt(axe, name string, scripts bool, width int64) {
	p.t.Helper()
	if !scripts { // axe needs scripts; those of the page were not loaded and are not loaded now
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
		if err := p.eval(`axe.run(document, { runOnly: `+each.rules+
			`, resultTypes: ["violations"] }).then((r) => r.violations)`, &found); err != nil {
			p.t.Fatal(err)
		}
		for _, v := range found {
			for _, n := range v.Nodes {
				p.t.Errorf("%s, %s, %d pixels: %s (%s)\n%v: %s", name, each.scheme, width, v.Help, v.ID, n.Target,
					n.FailureSummary)
			}
		}
	}
	p.scheme("light")
}

// scheme sets the preferred colour scheme: light or dark.
func (p *tab) scheme(name string) {
	p.t.Helper()
	p.media("prefers-color-scheme", name)
}

// media sets media features of the user's preferences: names and values in turn.
func (p *tab) media(pairs ...string) {
	p.t.Helper()
	var features []*emulation.MediaFeature
	for i := 0; i < len(pairs); i += 2 {
		features = append(features, &emulation.MediaFeature{Name: pairs[i], Value: pairs[i+1]})
	}
	p.run(emulation.SetEmulatedMedia().WithFeatures(features))
}

// overflowing lists the elements that extend beyond the page horizontally, also if they are clipped. Texts that are
// shortened with an ellipsis, and elements for screen readers only, are allowed to.
const overflowing = `(() => {
	const width = document.documentElement.clientWidth, out = [];
	const whole = document.documentElement.scrollWidth;
	if (whole > width) out.push("the page is " + whole + " wide");
	for (const e of document.querySelectorAll("body *")) {
		const box = e.getBoundingClientRect();
		if (box.width <= 1 || box.height <= 1 || (box.right <= width + 1 && box.left >= -1)) continue;
		if (e.closest("svg") || !e.checkVisibility({ visibilityProperty: true })) continue;
		let allowed = false;
		for (let a = e; a; a = a.parentElement) {
			const s = getComputedStyle(a);
			const scrolls = a !== e && /auto|scroll/.test(s.overflowX) && !a.matches("dialog");
			if (s.textOverflow === "ellipsis" || s.clipPath !== "none" || scrolls) allowed = true;
		}
		const where = Math.round(box.left) + " to " + Math.round(box.right);
		const what = e.tagName.toLowerCase() + "." + e.className;
		if (!allowed) out.push(what + " " + where + " " + e.textContent.trim().slice(0, 40));
	}
	return out;
})()`

// fits fails if an element overflows on a screen of 320 or of 1280 pixels.
func (p *tab) fits(name string) {
	p.t.Helper()
	for _, width := range []int64{320, 1280} {
		p.run(p.size(width))
		var out []string
		if err := p.eval(overflowing, &out); err != nil {
			p.t.Fatal(err)
		}
		for _, each := range out {
			p.t.Errorf("%s at %d pixels: %s", name, width, each)
		}
	}
}

// picture writes PNGs of the page on a wide and on a narrow screen, in light and in dark.
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

// shoot writes one picture: of the whole page, or of the viewport if a modal dialog is open.
func (p *tab) shoot(file string) {
	p.t.Helper()
	params := map[string]any{"format": "png",
		"captureBeyondViewport": p.value(`!document.querySelector(":modal")`) == "true"}
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
