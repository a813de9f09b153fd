package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
)

// TestCopyWithoutSecureContext: Copy works over http, where browsers do not give scripts access to the clipboard.
func TestCopyWithoutSecureContext(t *testing.T) {
	s := newSite(t)
	p := s.visitor(true)
	p.base = strings.Replace(s.url, "127.0.0.1", insecureHost, 1)
	p.open("/sign-in")
	p.signIn(ada, password)
	if offered := p.value("isSecureContext || !!navigator.clipboard"); offered != "false" {
		t.Fatal("this page has a clipboard, so nothing would be tested")
	}
	p.keysOn()
	token := p.addKey("Nightly export")
	p.click("button", "Copy")
	p.has("Copied")
	p.done()
	p.click("searchbox", "Search description or key ID")
	p.paste()
	p.until(func() error {
		if n := p.find("searchbox", "Search description or key ID"); n.Value.String() != token {
			return fmt.Errorf("%q was copied", n.Value)
		}
		return nil
	})
}

// TestDoubleClick: clicking Create twice creates one key.
func TestDoubleClick(t *testing.T) {
	both(t, func(t *testing.T, scripts bool) {
		p := newSite(t).signedIn(ada, scripts)
		p.keysOn()
		list := p.value("location.href")
		p.click("link", "+ Add Integration Key")
		p.find("dialog", "Add Integration Key")
		p.fill("Description", "Nightly export")
		p.clickTimes("button", "Create", "", 2)
		if scripts {
			p.find("dialog", "Your new integration key")
			p.done()
		} else {
			p.until(func() error { // if the second click is quick enough, the browser drops the first answer
				if text := p.text(); !strings.Contains(text, "Your new integration key") &&
					!strings.Contains(text, "Error 409") {
					return fmt.Errorf("the answer to Create is %s", text)
				}
				return nil
			})
			p = p.second()
			p.open(list)
		}
		p.find("button", "Delete Nightly export")
		p.has("1 key")
	})
}

// offline disconnects the tab from the network, or connects it again.
func (p *tab) offline(is bool) {
	p.t.Helper()
	conditions := map[string]any{"offline": is, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
	if err := p.call("Network.emulateNetworkConditions", conditions, nil); err != nil {
		p.t.Fatal(err)
	}
}

// allow grants browser permissions to the site.
func (p *tab) allow(permissions ...cdpbrowser.PermissionType) {
	p.t.Helper()
	browser(p.t, func(ctx context.Context) error {
		return cdpbrowser.GrantPermissions(permissions).WithOrigin(p.base).WithBrowserContextID(p.own).Do(ctx)
	})
}

// downloads returns the folder of the tab's downloads.
func (p *tab) downloads() string {
	p.t.Helper()
	folder := p.t.TempDir()
	browser(p.t, func(ctx context.Context) error {
		return cdpbrowser.SetDownloadBehavior(cdpbrowser.SetDownloadBehaviorBehaviorAllow).
			WithBrowserContextID(p.own).
			WithDownloadPath(folder).Do(ctx)
	})
	return folder
}
