package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// A formClient uses the forms of a site without a browser.
type formClient struct {
	t        *testing.T
	site     *site
	client   *http.Client
	settings string
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// newFormClient signs Ada in and switches the feature on.
func (s *site) newFormClient() *formClient {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c := &formClient{t: s.t, site: s, client: &http.Client{Jar: jar}}
	at, _ := c.submit("/sign-in", "/sign-in", url.Values{"email": {ada}, "password": {password}})
	c.settings = at
	c.submit(c.settings+"/integrations", c.settings+"/integrations/feature", url.Values{"on": {"true"}})
	return c
}

// submit fills in the form of a page, posts it to action, and returns the path and the text of the page that follows.
func (c *formClient) submit(page, action string, fields url.Values) (path, text string) {
	c.t.Helper()
	answer, err := c.client.Get(c.site.url + page)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, input := range hiddenInput.FindAllStringSubmatch(read(c.t, answer), -1) {
		if !fields.Has(input[1]) {
			fields.Set(input[1], input[2])
		}
	}
	if answer, err = c.client.PostForm(c.site.url+action, fields); err != nil {
		c.t.Fatal(err)
	}
	text = read(c.t, answer)
	if answer.StatusCode >= http.StatusBadRequest {
		c.t.Fatalf("POST %s: %s\n%s", action, answer.Status, text)
	}
	return answer.Request.URL.Path, text
}

func read(t *testing.T, answer *http.Response) string {
	t.Helper()
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (c *formClient) keys() string { return c.settings + "/integrations/integration-keys" }

// newKey creates a key and returns its token and its ID.
func (c *formClient) newKey(description string, write bool) (token, id string) {
	c.t.Helper()
	fields := url.Values{"description": {description}}
	if write {
		fields.Set("write_access", "on")
	}
	_, text := c.submit(c.keys()+"/new", c.keys(), fields)
	token = regexp.MustCompile(`kpint_\w{12}_\w{38}`).FindString(text)
	if token == "" {
		c.t.Fatal("no token was shown")
	}
	return token, strings.Split(token, "_")[1]
}

// deleteKey deletes a key that was not used.
func (c *formClient) deleteKey(id string) {
	c.t.Helper()
	c.submit(c.keys()+"/"+id+"/delete", c.keys()+"/"+id+"/delete", url.Values{})
}
