package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// newApplication creates an application and returns its ID.
func (c *formClient) newApplication(name, platform string) string {
	c.t.Helper()
	at, _ := c.submit(c.settings+"/applications/new", c.settings+"/applications",
		url.Values{"name": {name}, "platform": {platform}})
	return at[strings.LastIndex(at, "/")+1:]
}

// defaultApplication returns the ID of the subscription's first application.
func (c *formClient) defaultApplication() string {
	c.t.Helper()
	answer, err := c.client.Get(c.site.url + c.settings + "/applications")
	if err != nil {
		c.t.Fatal(err)
	}
	return regexp.MustCompile(`/applications/(\d+)"`).FindStringSubmatch(read(c.t, answer))[1]
}

// startProduct runs the example product and the documented nginx in front of it, and returns their addresses.
func startProduct(t *testing.T, s *site, key, first, second string) (api, front string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "product")
	if out, err := exec.Command("go", "build", "-o", binary,
		"../../docs/examples/product").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	api = freeAddress(t)
	cmd := exec.Command(binary, "-listen", api, "-keyporter", s.url, "-applications", first+","+second)
	cmd.Env = append(os.Environ(), "PRODUCT_KEY="+key)
	startProgram(t, api, cmd)
	return api, startNginx(t, strings.TrimPrefix(s.url, "http://"), api)
}

// TestProduct: the example product answers with the events of the applications that a request reaches, with or without
// those that the Exclude List excludes.
func TestProduct(t *testing.T) {
	needsPrograms(t)
	s := newSiteInProcess(t)
	c := s.newFormClient()
	first, second := c.defaultApplication(), c.newApplication("Phone app", "ios")
	list := c.settings + "/exclude-list/server"
	c.submit(list+"/new", list, url.Values{"entries": {"dev*\n*:3000"}})
	key, id := c.newKey("reads", false)
	own, _ := c.newKey("the product's own", false)
	api, at := startProduct(t, s, own, first, second)

	ask := func(query string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequest("GET", "http://"+at+"/v1/events"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Integration-Key", key)
		r.Header.Set("Keyporter-Application-Ids", "*") // which a client must not set
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return answer, read(t, answer)
	}
	for query, want := range map[string][]string{
		"":                 {"first production", "first production"},
		"?appId=" + first:  {"first production", "first production"},
		"?appId=" + second: {"second production", "second production"},
		"?appId=" + second + "," + first: {"first production", "first production", "second production",
			"second production"},
		"?expand=*": {"first production", "first production", "second production",
			"second production"},
		"?expand=*&blacklist=apply": {"first production", "first production", "second production",
			"second production"},
		"?blacklist=ignore":                      {"first production", "first production", "first staging"},
		"?blacklist=only":                        {"first staging"},
		"?expand=*&blacklist=only":               {"first staging", "second staging"},
		"?appId=" + second + "&blacklist=ignore": {"second production", "second production", "second staging"},
	} {
		answer, body := ask(query)
		var events []struct{ Application, Environment string }
		if err := json.Unmarshal([]byte(body), &events); err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("%q: %s %s", query, answer.Status, body)
			continue
		}
		var got []string
		for _, e := range events {
			got = append(got, map[string]string{first: "first ", second: "second "}[e.Application]+e.Environment)
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	for query, code := range map[string]string{"?appId=1": "application_unknown",
		"?expand=*&blacklist=maybe": "blacklist_invalid"} {
		if answer, body := ask(query); answer.StatusCode != http.StatusForbidden ||
			!strings.Contains(body, `"`+code+`"`) {
			t.Errorf("%q: %s %s", query, answer.Status, body)
		}
	}
	many := []string{second}
	for range 250 { // whose IDs exceed nginx's default buffer for an answer's headers
		many = append(many, c.newApplication("an app", "web"))
	}
	if answer, body := ask("?blacklist=ignore&appId=" + strings.Join(many, ",")); answer.StatusCode != http.StatusOK ||
		strings.Count(body, second) != 3 {
		t.Errorf("many applications: %s %s", answer.Status, body)
	}
	r, err := http.NewRequest("GET", "http://"+api+"/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Key-Id": "4fT9aQ0bZ7Lm", "Subscription-Id": "another00000",
		"Application-Ids": "*", "Blacklist": "ignore"} {
		r.Header.Set("Keyporter-"+name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if body := read(t, answer); answer.StatusCode != http.StatusForbidden || strings.Contains(body, first) {
		t.Errorf("for another subscription's key that opens all applications: %s %s", answer.Status, body)
	}
	c.submit(c.keys()+"/"+id+"/delete", c.keys()+"/"+id+"/delete", url.Values{"confirm": {"reads"}})
	if answer, body := ask(""); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("once the key is deleted: %s %s", answer.Status, body)
	}
}
