package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for a condition.
const patience = 15 * time.Second

// tabTime is how long a test may use one tab: on a machine that other work slows down, to open every page took more
// than three minutes.
const tabTime = 10 * time.Minute

// insecureHost is a name of this machine. Its pages are not a secure context, as on a network without TLS.
const insecureHost = "keys.example"

// chromium is the browser of all tests. The first test that needs it starts it.
var chromium struct {
	sync.Once
	ctx  context.Context
	stop func()
	err  error
}

func startChromium() {
	path, err := exec.LookPath("chromium")
	if err != nil {
		chromium.err = fmt.Errorf("the browser tests need Debian's package chromium: "+
			"run make test, which installs it (%w)", err)
		return
	}
	flags := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun}
	for name, value := range map[string]any{
		"headless": true, "hide-scrollbars": true, "disable-quic": true, "disable-background-networking": true,
		"disable-component-update": true, "disable-sync": true, "disable-dev-shm-usage": true, "lang": "en-US",
		// No other machine can be reached.
		"host-resolver-rules": "MAP " + insecureHost + " 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
	} {
		flags = append(flags, chromedp.Flag(name, value))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	// The library reports unknown values of newer browsers as errors.
	ctx, _ := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	chromium.ctx, chromium.stop = ctx, stop
	chromium.err = chromedp.Run(ctx)
}

// stopChromium stops the browser after all tests.
func stopChromium() {
	if chromium.stop != nil {
		chromium.stop()
	}
}

// A tab is a page in a browser context, which has its own cookies.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string // the site's address, without a path
	own  cdp.BrowserContextID

	scripts bool

	mu     sync.Mutex
	shown  string   // the browser's ID of the current document
	shows  int      // how many documents were shown, including restored ones
	ready  []string // the documents that were loaded
	asked  []string // kinds of dialogs that the browser opened, such as "beforeunload"
	leave  bool     // the answer to "leave this page?"
	faults []string // errors of scripts and of the Content-Security-Policy
}

// newTab opens an empty page in a new browser context. If scripts is false, it runs no scripts.
func newTab(t *testing.T, base string, scripts bool) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser test")
	}
	chromium.Do(startChromium)
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	var own cdp.BrowserContextID
	browser(t, func(ctx context.Context) (err error) {
		own, err = target.CreateBrowserContext().Do(ctx)
		return err
	})
	t.Cleanup(func() {
		browser(t, func(ctx context.Context) error { return target.DisposeBrowserContext(own).Do(ctx) })
	})
	return tabIn(t, base, scripts, own)
}

// browser runs a command of the browser rather than of a tab.
func browser(t *testing.T, do func(context.Context) error) {
	t.Helper()
	if err := do(cdp.WithExecutor(chromium.ctx, chromedp.FromContext(chromium.ctx).Browser)); err != nil {
		t.Fatal(err)
	}
}

func tabIn(t *testing.T, base string, scripts bool, own cdp.BrowserContextID) *tab {
	t.Helper()
	var id target.ID
	browser(t, func(ctx context.Context) (err error) {
		id, err = target.CreateTarget("about:blank").WithBrowserContextID(own).WithNewWindow(true).Do(ctx)
		return err
	})
	ctx, _ := chromedp.NewContext(chromium.ctx, chromedp.WithTargetID(id))
	ctx, cancel := context.WithTimeout(ctx, tabTime)
	p := &tab{t: t, ctx: ctx, base: base, own: own, scripts: scripts}
	chromedp.ListenTarget(ctx, p.hear)
	p.run(emulation.SetFocusEmulationEnabled(true), emulation.SetScriptExecutionDisabled(!scripts), p.size(1280))
	t.Cleanup(func() {
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, fault := range p.faults {
			t.Error("in the browser:", fault)
		}
	})
	return p
}

// second opens another tab in the same browser context.
func (p *tab) second() *tab {
	p.t.Helper()
	return tabIn(p.t, p.base, true, p.own)
}

func (p *tab) size(width int64) chromedp.Action {
	return emulation.SetDeviceMetricsOverride(width, 900, 1, false)
}

// record records events of the page, and answers the browser's dialogs.
func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *page.EventFrameNavigated:
		if e.Frame.ParentID == "" {
			p.shown = string(e.Frame.LoaderID)
			p.shows++
		}
	case *page.EventLifecycleEvent:
		if e.Name == "load" {
			p.ready = append(p.ready, string(e.LoaderID))
		}
	case *page.EventJavascriptDialogOpening:
		p.asked = append(p.asked, e.Type.String())
		leave := p.leave
		go chromedp.Run(p.ctx, page.HandleJavaScriptDialog(leave))
	case *runtime.EventExceptionThrown:
		p.faults = append(p.faults, e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		// Over http the browser reports that it ignores this header.
		plain := strings.HasPrefix(e.Entry.Text, "The Cross-Origin-Opener-Policy header has been ignored")
		if e.Entry.Level == log.LevelError && e.Entry.Source != log.SourceNetwork && !plain {
			p.faults = append(p.faults, e.Entry.Text)
		}
	}
}

func (p *tab) run(actions ...chromedp.Action) {
	p.t.Helper()
	if err := chromedp.Run(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// call calls a method of the DevTools protocol. It decodes the answer itself, because the library refuses answers with
// values that it does not know.
func (p *tab) call(method string, params, answer any) error {
	return chromedp.Run(p.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		var text json.RawMessage
		if err := cdp.Execute(ctx, method, params, &text); err != nil || answer == nil {
			return err
		}
		return json.Unmarshal(text, answer)
	}))
}

// eval evaluates an expression in the page, even if scripts are disabled, awaits it if it is a promise, and stores its
// value.
func (p *tab) eval(expression string, into any) error {
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	params := map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true}
	if err := p.call("Runtime.evaluate", params, &answer); err != nil {
		return err
	}
	if answer.ExceptionDetails != nil {
		return fmt.Errorf("%s", answer.ExceptionDetails.Exception.Description)
	}
	if into == nil || len(answer.Result.Value) == 0 {
		return nil
	}
	return json.Unmarshal(answer.Result.Value, into)
}

// value returns the value of an expression in the page, as text.
func (p *tab) value(expression string) string {
	p.t.Helper()
	var text string
	if err := p.eval("String("+expression+")", &text); err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return text
}

// until waits until a condition returns nil, and otherwise fails with its last error.
func (p *tab) until(holds func() error) {
	p.t.Helper()
	if err := poll(holds); err != nil {
		p.t.Fatalf("%v, at %s", err, p.where())
	}
}

// poll calls holds until it returns nil, for up to [patience], and returns its last error.
func poll(holds func() error) error { return pollFor(patience, holds) }

func pollFor(patience time.Duration, holds func() error) error {
	end := time.Now().Add(patience)
	for {
		err := holds()
		if err == nil || time.Now().After(end) {
			return err
		}
		time.Sleep(15 * time.Millisecond)
	}
}

// where returns the page's path and its first heading, for messages.
func (p *tab) where() string {
	var text string
	p.eval(`location.pathname + " " +
		(document.querySelector("dialog h2") ?? document.querySelector("h1"))?.textContent`, &text)
	return strings.TrimSpace(text)
}
