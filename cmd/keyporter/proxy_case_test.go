package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// A proxyCase is a request sent to a proxy, and the answer expected.
type proxyCase struct {
	name, method, path string
	headers            http.Header
	status             int
	code               string // of the refusal
}

// TestProxies sends the same requests through each proxy, with its documented configuration, and checks what reaches
// the API behind it.
func TestProxies(t *testing.T) {
	needsPrograms(t)
	for _, p := range proxies() {
		t.Run(p.name, func(t *testing.T) {
			s := newSiteInProcess(t)
			c := s.newFormClient()
			reads, readsID := c.newKey("reads", false)
			writes, writesID := c.newKey("writes", true)
			for _, id := range []string{readsID, writesID} { // so that no header is empty, which nginx leaves out
				form := c.keys() + "/" + id + "/end"
				c.submit(form, form, url.Values{"ends": {"30"}})
			}
			gone, goneID := c.newKey("gone", true)
			c.deleteKey(goneID)
			api := newAPI(t)
			address := p.start(t, strings.TrimPrefix(s.url, "http://"), strings.TrimPrefix(api.URL, "http://"))
			for _, k := range proxyCases(reads, writes, gone) {
				t.Run(k.name, func(t *testing.T) { k.run(t, p, address, api) })
			}
		})
	}
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func proxyCases(reads, writes, gone string) []proxyCase {
	return []proxyCase{
		{"no key", "GET", "/x", nil, 401, "key_missing"},
		{"a key", "GET", "/x?from=1", header("X-Integration-Key", reads), 200, ""},
		{"Pendo's header", "GET", "/x", header("X-Pendo-Integration-Key", reads), 200, ""},
		{"bearer", "GET", "/x", header("Authorization", "Bearer "+reads), 200, ""},
		{"another scheme is the API's", "GET", "/x", header("Authorization", "Basic YTpi", "X-Integration-Key", reads),
			200, ""},
		{"two keys", "GET", "/x", header("Authorization", "Bearer "+reads, "X-Integration-Key", reads), 401,
			"key_ambiguous"},
		{"a header twice", "GET", "/x", header("X-Integration-Key", reads, "X-Integration-Key", reads), 401,
			"key_ambiguous"},
		{"deleted", "GET", "/x", header("X-Integration-Key", gone), 401, "key_invalid"},
		{"in the address", "GET", "/x?key=" + reads, nil, 401, "key_missing"},
		{"writing with a key that reads", "POST", "/x", header("X-Integration-Key", reads), 403,
			"write_access_required"},
		{"writing with a key that writes", "POST", "/x", header("X-Integration-Key", writes), 200, ""},
		{"a path that only reads", "POST", "/api/v1/aggregation", header("X-Integration-Key", reads), 200, ""},
		{"almost a path that only reads", "POST", "/api/v1/aggregation/x", header("X-Integration-Key", reads), 403,
			"write_access_required"},
		{"the client names the method", "POST", "/x", header("X-Integration-Key", reads, "X-Forwarded-Method", "GET"),
			403, "write_access_required"},
		{"the client names the target", "POST", "/x",
			header("X-Integration-Key", reads, "X-Forwarded-Uri", "/api/v1/aggregation"), 403, "write_access_required"},
		{"the client overrides the method", "GET", "/x",
			header("X-Integration-Key", reads, "X-HTTP-Method-Override", "DELETE"), 403, "write_access_required"},
		{"an override the API must not see", "GET", "/x",
			header("X-Integration-Key", writes, "X-HTTP-Method-Override", "DELETE", "X-HTTP-Method", "PUT",
				"X-Method-Override", "PUT"), 200, ""},
		{"the client names a subscription", "GET", "/x",
			header("X-Integration-Key", reads, "Keyporter-Subscription-Id", "forged", "Keyporter-Key-Id", "forged",
				"Keyporter-Write-Access", "true", "Keyporter-Application-Ids", "forged", "Keyporter-Blacklist",
				"forged",
				"Keyporter-Problem", "forged", "Keyporter-Key-Expires", "forged",
				"Keyporter-Key-Replaced-By", "forged"), 200, ""},
		{"the API does not see what the client forwards", "GET", "/x",
			header("X-Integration-Key", reads, "X-Forwarded-Method", "forged", "X-Forwarded-Uri", "/forged"), 200, ""},
		{"the client has headers removed", "GET", "/x",
			header("X-Integration-Key", reads, "Connection",
				"close, Keyporter-Subscription-Id, Keyporter-Write-Access, Keyporter-Key-Id"), 200, ""},
		{"the client writes underscores", "GET", "/x",
			header("X-Integration-Key", reads, "Keyporter_Subscription_Id", "forged",
				"Keyporter_Write-Access", "forged", "X_Other", "forged"), 200, ""},
	}
}

func (k proxyCase) run(t *testing.T, p proxy, address string, api *api) {
	before := api.calls.Load()
	request, err := http.NewRequest(k.method, "http://"+address+k.path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if k.headers != nil {
		request.Header = k.headers.Clone()
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != k.status {
		t.Fatalf("answered %d, want %d: %s", answer.StatusCode, k.status, body)
	}
	if k.status != http.StatusOK {
		k.refused(t, answer, body)
		if api.calls.Load() != before {
			t.Error("the API was asked although the gate refused")
		}
		return
	}
	if strings.Contains(string(body), "forged") {
		t.Errorf("what the client sent under our names reached the API: %s", body)
	}
	if p.name != "the example without a proxy" {
		k.passed(t, address, body)
	} else if !regexp.MustCompile(`^subscription \w{12}, key \w{12}\n$`).Match(body) {
		t.Errorf("the example answered %q", body)
	}
}

func (k proxyCase) refused(t *testing.T, answer *http.Response, body []byte) {
	t.Helper()
	var problem struct {
		Code, RequestID, Title, Detail string
		Status                         int
	}
	if err := json.Unmarshal(body, &problem); err != nil {
		t.Fatalf("the refusal is no problem document: %v: %s", err, body)
	}
	if problem.Code != k.code || problem.Status != k.status || problem.RequestID == "" || problem.Detail == "" {
		t.Errorf("the refusal says %+v, want the code %s", problem, k.code)
	}
	if kind := answer.Header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("the refusal is of the type %q", kind)
	}
	if challenge := answer.Header.Get("WWW-Authenticate"); (k.code != "key_ambiguous") != strings.HasPrefix(challenge,
		`Bearer realm="keyporter"`) {
		t.Errorf("WWW-Authenticate is %q", challenge)
	}
}

// passed checks the headers that the API got.
func (k proxyCase) passed(t *testing.T, address string, body []byte) {
	t.Helper()
	var got http.Header
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if host := got.Get("Host"); host != address {
		t.Errorf("the API got the Host %q, want %q", host, address)
	}
	for _, name := range []string{"Keyporter-Key-Id", "Keyporter-Subscription-Id", "Keyporter-Write-Access",
		"Keyporter-Application-Ids", "Keyporter-Blacklist", "Keyporter-Key-Expires"} {
		if len(got.Values(name)) != 1 {
			t.Errorf("the API got %q for %s", got.Values(name), name)
		}
	}
	for _, name := range []string{"X-Integration-Key", "X-Pendo-Integration-Key", "X-Http-Method-Override",
		"X-Http-Method", "X-Method-Override", "Keyporter-Problem"} {
		if values := got.Values(name); len(values) != 0 {
			t.Errorf("the API got %s: %q", name, values)
		}
	}
	if strings.Contains(string(body), "kpint_") {
		t.Errorf("the API got the token: %s", body)
	}
	if basic := k.headers.Get("Authorization"); strings.HasPrefix(basic, "Basic") && got.Get("Authorization") != basic {
		t.Errorf("the API got the Authorization %q, want %q", got.Get("Authorization"), basic)
	}
}
