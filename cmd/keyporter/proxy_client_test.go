package main

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestProxiesNameTheClient: the gate learns the address of the connection to the proxy, whatever the client says about
// itself. TestProxyShapesNameTheClient checks it for the proxies that no test starts.
func TestProxiesNameTheClient(t *testing.T) {
	needsPrograms(t)
	const client, claimed = "127.0.0.5", "192.0.2.7"
	s := serveSite(t, "serve", "--database", newDatabase(t), "--trusted-proxies", "127.0.0.1")
	c := s.newFormClient()
	own, forged := c.keyFrom("own", client), c.keyFrom("forged", claimed)
	api := newAPI(t)
	for _, p := range proxies() {
		t.Run(p.name, func(t *testing.T) {
			address := p.start(t, strings.TrimPrefix(s.url, "http://"), strings.TrimPrefix(api.URL, "http://"))
			for _, headers := range []http.Header{
				{}, header("X-Forwarded-For", claimed), header("X-Forwarded-For", claimed, "X-Forwarded-For", claimed),
				header("X-Forwarded-For", claimed+", 127.0.0.1"), header("X-Real-Ip", claimed),
				header("Forwarded", "for="+claimed), header("X-Forwarded-For", "unknown"),
				header("Connection", "X-Forwarded-For"), header("X_Forwarded_For", claimed),
			} {
				if status, text := sendFrom(t, client, address, own, headers); status != http.StatusOK {
					t.Errorf("%q, from the allowed address: %d %s", headers, status, text)
				}
				// A client on the machine of a proxy is not known, and is not what it claims to be either.
				for _, from := range []string{client, "127.0.0.1"} {
					status, text := sendFrom(t, from, address, forged, headers)
					if status != http.StatusForbidden || !strings.Contains(text, "address_not_allowed") {
						t.Errorf("%q, from %s: %d %s", headers, from, status, text)
					}
				}
			}
		})
	}
}

// keyFrom creates a key that may be used from one address, and returns its token.
func (c *formClient) keyFrom(description, address string) string {
	c.t.Helper()
	token, id := c.newKey(description, false)
	form := c.keys() + "/" + id + "/addresses"
	c.submit(form, form, url.Values{"allowed_addresses": {address}})
	return token
}

// sendFrom sends a request with a key over a connection from an address of this machine.
func sendFrom(t *testing.T, from, to, key string, headers http.Header) (status int, text string) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
	r, err := http.NewRequest(http.MethodGet, "http://"+to+"/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = headers.Clone()
	r.Header.Set("X-Integration-Key", key)
	answer, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}
