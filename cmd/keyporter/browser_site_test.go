package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// localURL matches the default public URL.
var localURL = regexp.MustCompile(`^http://localhost:\d+`)

// local returns the path of a link, which begins with the public URL.
func local(t *testing.T, link string) string {
	t.Helper()
	link = strings.TrimSpace(link)
	path := localURL.ReplaceAllString(link, "")
	if path == link {
		t.Fatalf("%q is no link of this installation", link)
	}
	return path
}

// visitor opens a browser without a session.
func (s *site) visitor(scripts bool) *tab {
	s.t.Helper()
	return newTab(s.t, s.url, scripts)
}

// signedIn opens a browser and signs a user in.
func (s *site) signedIn(email string, scripts bool) *tab {
	s.t.Helper()
	p := s.visitor(scripts)
	p.open("/sign-in")
	p.signedInAs(email, password)
	return p
}

// signedInAs signs in and fails unless that succeeds.
func (p *tab) signedInAs(email, password string) {
	p.t.Helper()
	p.signIn(email, password)
	if p.value("location.pathname") == "/sign-in" {
		p.t.Fatalf("%s is not signed in:\n%s", email, p.text())
	}
}

func (p *tab) signIn(email, password string) {
	p.t.Helper()
	p.fill("Email", email)
	p.fill("Password", password)
	p.loading(func() { p.click("button", "Sign in") })
}

// verify sends a token to /api/v1/token/verify, and returns the status and the body.
func (s *site) verify(token string) (int, string) {
	s.t.Helper()
	path, header := "/api/v1/token/verify", "X-Integration-Key"
	if strings.HasPrefix(token, "kpfbk_") {
		path, header = "/api/v1/feedback/token/verify", "auth-token"
	}
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set(header, token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// opens fails unless the key is admitted; closed fails unless it is refused with the code.
func (s *site) opens(token string) {
	s.t.Helper()
	if status, body := s.verify(token); status != http.StatusOK {
		s.t.Errorf("the key is refused: %d %s", status, body)
	}
}

func (s *site) closed(token, code string) {
	s.t.Helper()
	if status, body := s.verify(token); status == http.StatusOK || !strings.Contains(body, `"`+code+`"`) {
		s.t.Errorf("the answer to the key is %d %s, not %s", status, body, code)
	}
}

// keysOn switches the feature on and opens the list of keys.
func (p *tab) keysOn() {
	p.t.Helper()
	p.open("/")
	p.open(p.value("location.pathname") + "/integrations")
	p.loading(func() { p.click("switch", "Integration Keys") })
	p.has("Integration Keys are on.")
	p.loading(func() { p.click("link", "Integration Keys") })
	p.find("heading", "Integration Keys")
}

// addKey creates a key from the list and returns its token, with the reveal still open.
func (p *tab) addKey(description string) string {
	p.t.Helper()
	return p.addKeyOf(integrationKey, description)
}

// A kindOfKey has the names that pages use for a kind of keys, and the form of its tokens.
type kindOfKey struct {
	list, add, revealed, field string
	shape                      *regexp.Regexp
}

var (
	integrationKey = kindOfKey{"integration-keys", "Add Integration Key", "Your new integration key", "Integration key",
		wholeToken("kpint_")}
	feedbackKey = kindOfKey{"feedback-keys", "Add Feedback API key", "Your new Feedback API key", "Feedback API key",
		wholeToken("kpfbk_")}
)

func wholeToken(prefix string) *regexp.Regexp {
	return regexp.MustCompile(`^` + prefix + `[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$`)
}

// addKeyOf is addKey for a kind of keys.
func (p *tab) addKeyOf(kind kindOfKey, description string) string {
	p.t.Helper()
	p.click("link", "+ "+kind.add)
	p.find("dialog", kind.add)
	p.fill("Description", description)
	p.send("Create")
	p.find("dialog", kind.revealed)
	return p.tokenOf(kind)
}

// token returns the value of the reveal's field.
func (p *tab) token() string {
	p.t.Helper()
	return p.tokenOf(integrationKey)
}

func (p *tab) tokenOf(kind kindOfKey) string {
	p.t.Helper()
	token := p.find("textbox", kind.field).Value.String()
	if !kind.shape.MatchString(token) {
		p.t.Fatalf("%q is no token", token)
	}
	return token
}

// done closes the reveal.
func (p *tab) done() {
	p.t.Helper()
	p.click("checkbox", "I have stored this key")
	p.loading(func() { p.click("button", "Done") })
}
