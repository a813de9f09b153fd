package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/net/html"
)

// A client is a browser for scripts. It keeps cookies, and the hidden fields of the current page.
type client struct {
	base   string
	http   http.Client
	hidden url.Values
}

func newClient(base string) *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // never: it has no options
	}
	return &client{base: base, http: http.Client{Jar: jar}}
}

// visit STATUS PATH loads a page, following redirects. It writes the page to the file "page", and sets $AT to its path,
// $SUBSCRIPTION to the ID of its subscription and $TOKEN to the last token shown on a page.
func visit(ts *testscript.TestScript, neg bool, args []string) {
	request, err := http.NewRequest(http.MethodGet, of(ts).browser.base+args[1], nil)
	ts.Check(err)
	browse(ts, args[0], request)
}

// submit STATUS PATH NAME=VALUE… sends a form of the page that was loaded last, with its hidden fields.
func submit(ts *testscript.TestScript, neg bool, args []string) {
	c := of(ts).browser
	form := url.Values{}
	for name, values := range c.hidden {
		form[name] = values
	}
	for _, arg := range args[2:] {
		name, value, _ := strings.Cut(arg, "=")
		form.Set(name, value)
	}
	request, err := http.NewRequest(http.MethodPost, c.base+args[1], strings.NewReader(form.Encode()))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	browse(ts, args[0], request)
}

func browse(ts *testscript.TestScript, status string, request *http.Request) {
	c := of(ts).browser
	answer, err := c.http.Do(request)
	ts.Check(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("page"), text, 0o600))
	ts.Setenv("AT", answer.Request.URL.Path)
	if parts := strings.Split(answer.Request.URL.Path, "/"); len(parts) > 2 && parts[1] == "s" {
		ts.Setenv("SUBSCRIPTION", parts[2])
	}
	if fmt.Sprint(answer.StatusCode) != status {
		ts.Fatalf("%s %s answers %d, not %s:\n%s", request.Method, request.URL, answer.StatusCode, status, text)
	}
	c.hidden = url.Values{}
	page, err := html.Parse(strings.NewReader(string(text)))
	ts.Check(err)
	for n := range page.Descendants() {
		switch {
		case n.Data == "input" && attribute(n, "type") == "hidden":
			c.hidden.Set(attribute(n, "name"), attribute(n, "value"))
		case n.Data == "textarea" && attribute(n, "id") == "token" && n.FirstChild != nil:
			ts.Setenv("TOKEN", n.FirstChild.Data)
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// verify STATUS TOKEN sends a token to /api/v1/token/verify.
func verifyKey(ts *testscript.TestScript, neg bool, args []string) {
	request, err := http.NewRequest(http.MethodGet, of(ts).browser.base+"/api/v1/token/verify", nil)
	ts.Check(err)
	request.Header.Set("X-Integration-Key", args[1])
	answer, err := http.DefaultClient.Do(request)
	ts.Check(err)
	answer.Body.Close()
	if strconv.Itoa(answer.StatusCode) != args[0] {
		ts.Fatalf("the answer to the key is %d, not %s", answer.StatusCode, args[0])
	}
}

// newpassword FILE PASSWORD uses the link in a file, with another browser, and checks that it does not work a second
// time.
func newPassword(ts *testscript.TestScript, neg bool, args []string) {
	mine := of(ts).browser
	defer func() { of(ts).browser = mine }()
	of(ts).browser = newClient(mine.base)
	link, err := url.Parse(strings.TrimSpace(ts.ReadFile(args[0])))
	ts.Check(err)
	path := link.RequestURI()
	visit(ts, false, []string{"200", path})
	submit(ts, false, []string{"422", "/new-password", "password=short"})
	submit(ts, false, []string{"200", "/new-password", "password=" + args[1]})
	visit(ts, false, []string{"404", path})
}

var (
	invitationPath = regexp.MustCompile(`/invitation\?token=[0-9A-Za-z_-]+`)
	printedUserID  = regexp.MustCompile(`(?m)^User ID +([0-9A-Za-z]{12})$`)
)

// join PASSWORD uses the invitation on the current page, with another browser.
func joinSubscription(ts *testscript.TestScript, neg bool, args []string) {
	mine := of(ts).browser
	defer func() { of(ts).browser = mine }()
	path := invitationPath.FindString(ts.ReadFile("page"))
	of(ts).browser = newClient(mine.base)
	visit(ts, false, []string{"200", path})
	submit(ts, false, []string{"200", "/invitation", "name=Bea", "password=" + args[0]})
}

// userid sets $USERID to the user ID that operator add prints for bea@example.com.
func findUserID(ts *testscript.TestScript, neg bool, args []string) {
	exits(ts, false, []string{"1", "operator", "add", "--email", "bea@example.com"})
	found := printedUserID.FindStringSubmatch(ts.ReadFile("stdout"))
	if found == nil {
		ts.Fatalf("no user ID is printed")
	}
	ts.Setenv("USERID", found[1])
}

// member sets $MEMBER to the ID of the membership of bea@example.com in the list of users on the current page.
func findMember(ts *testscript.TestScript, neg bool, args []string) {
	page := ts.ReadFile("page")
	end := strings.Index(page, "bea@example.com")
	const mark = `id="user-`
	begin := strings.LastIndex(page[:max(end, 0)], mark)
	if begin < 0 {
		ts.Fatalf("the page does not list bea@example.com")
	}
	ts.Setenv("MEMBER", page[begin+len(mark):][:12])
}
