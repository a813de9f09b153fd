package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestOpenedOverHTTP: if the public URL is https, no form of a page that was opened over http can succeed, and the
// refusal says why. A form that is out of date for another reason gets the other message.
func TestOpenedOverHTTP(t *testing.T) {
	const wrong, old = "This address must be https", "This form is out of date"
	for name, c := range map[string]struct {
		public string
		header []string
		want   string
	}{
		"a browser": {"https://keys.example.com", []string{"Origin", "http://keys.example.com"},
			wrong},
		"a browser that names no origin": {"https://keys.example.com",
			[]string{"Referer", "http://keys.example.com/sign-in"}, wrong},
		"a proxy without TLS":         {"https://keys.example.com", []string{"X-Forwarded-Proto", "http"}, wrong},
		"nothing that names a scheme": {"https://keys.example.com", nil, wrong},
		"https, with cookies blocked": {"https://keys.example.com",
			[]string{"Origin", "https://keys.example.com"}, old},
		"https by the proxy":           {"https://keys.example.com", []string{"X-Forwarded-Proto", "https"}, old},
		"https, and the cookie of old": {"https://keys.example.com", []string{"Cookie", "form"}, old},
		"a public URL that is http as well": {"http://keys.example.com", []string{"Origin", "http://keys.example.com"},
			old},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, "--public-url", c.public)
			page := f.client(visitor).get("/sign-in")
			form, _ := page.form("/sign-in")
			form.Set("email", email(ada))
			form.Set("password", password)
			post := f.client(visitor) // without cookies, because over http a browser drops Secure ones
			r := post.request("POST", "/sign-in", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Host = "keys.example.com"
			for i := 0; i < len(c.header); i += 2 {
				if c.header[i] == "Cookie" {
					r.AddCookie(&http.Cookie{Name: f.cookieName(c.header[i+1]), Value: "old"})
					continue
				}
				r.Header.Set(c.header[i], c.header[i+1])
			}
			got := post.do(r)
			if got.StatusCode != 403 || !strings.Contains(got.body, c.want) {
				t.Errorf("%s without %q: %s", got.Status, c.want, got.body)
			}
			if told := strings.Contains(f.log.String(), "opened over http"); told != (c.want == wrong) {
				t.Errorf("the log tells of it: %t: %s", told, f.log)
			}
			if c.want == wrong && !strings.Contains(got.body, `href="https://keys.example.com"`) {
				t.Errorf("no link to the public URL: %s", got.body)
			}
		})
	}
}

// TestStrictTransport: Strict-Transport-Security is sent, for 30 days, only if the public URL is https.
func TestStrictTransport(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"https":                {[]string{"--public-url", "https://keys.example.com"}, "max-age=2592000"},
		"https, and left out":  {[]string{"--public-url", "https://keys.example.com", "--no-hsts"}, ""},
		"http":                 {[]string{"--public-url", "http://keys.example.com"}, ""},
		"no public URL at all": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, c.args...)
			for _, path := range []string{"/sign-in", "/", "/missing", "/static/missing"} {
				if got := f.client(visitor).get(path).Header.Get("Strict-Transport-Security"); got != c.want {
					t.Errorf("%s: %q, want %q", path, got, c.want)
				}
			}
		})
	}
}

// TestPublicURLInExamples: the examples on the documents page use the public URL.
func TestPublicURLInExamples(t *testing.T) {
	f := newFixture(t, "--public-url", "https://keys.example.com")
	got := f.client(visitor).get("/docs/api")
	if !strings.Contains(got.body, "https://keys.example.com/api/v1/token/verify") ||
		strings.Contains(got.body, "localhost:8080") {
		t.Errorf("%s: %s", got.Status, got.body)
	}
}
