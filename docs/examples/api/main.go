// Api is a small public API that asks Keyporter's gate about each request, without a reverse proxy in between. Start
// Keyporter, then: go run ./docs/examples/api -listen 127.0.0.1:9000 -gate http://127.0.0.1:8080
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Headers that the gate judges by and that the API must not see.
var judged = []string{
	"X-Integration-Key", "X-Pendo-Integration-Key", "Authorization",
	"X-Http-Method-Override", "X-Http-Method", "X-Method-Override",
}

// Headers that the gate sets for an admitted request.
var identity = []string{
	"Keyporter-Key-Id", "Keyporter-Subscription-Id", "Keyporter-Write-Access",
	"Keyporter-Application-Ids", "Keyporter-Blacklist", "Keyporter-Key-Expires", "Keyporter-Key-Replaced-By",
}

func main() {
	listen := flag.String("listen", "127.0.0.1:9000", "where to listen")
	gate := flag.String("gate", "http://127.0.0.1:8080", "where Keyporter is")
	flag.Parse()
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("listening on http://%s", l.Addr())
	server := &http.Server{Handler: guarded(*gate, http.HandlerFunc(hello)), ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.Serve(l))
}

func hello(w http.ResponseWriter, r *http.Request) {
	subscription, key := r.Header.Get("Keyporter-Subscription-Id"), r.Header.Get("Keyporter-Key-Id")
	fmt.Fprintf(w, "subscription %s, key %s\n", subscription, key)
}

// guarded passes a request on to next only if the gate admits it within the time-out. A refusal is passed back to the
// client; if the gate does not answer, the client gets 503.
func guarded(gate string, next http.Handler) http.Handler {
	client := &http.Client{Timeout: 2 * time.Second}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := ask(client, gate, r)
		if err != nil {
			log.Printf("the gate does not answer: %v", err)
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, unavailable)
			return
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			copyHeaders(w.Header(), answer.Header,
				"Content-Type", "Cache-Control", "Www-Authenticate", "X-Content-Type-Options")
			w.WriteHeader(answer.StatusCode)
			io.Copy(w, answer.Body)
			return
		}
		for _, name := range judged {
			r.Header.Del(name)
		}
		for _, name := range identity { // in place of what the client sent
			r.Header[name] = answer.Header.Values(name)
		}
		next.ServeHTTP(w, r)
	})
}

const unavailable = `{"type":"about:blank","title":"The key cannot be checked","status":503,"code":"unavailable"}`

// copyHeaders copies those of the named headers that are set. The names are in canonical form.
func copyHeaders(to, from http.Header, names ...string) {
	for _, name := range names {
		if values := from.Values(name); len(values) > 0 {
			to[name] = values
		}
	}
}

// ask describes r to the gate.
func ask(client *http.Client, gate string, r *http.Request) (*http.Response, error) {
	question, err := http.NewRequestWithContext(r.Context(), http.MethodGet, gate+"/gate", nil)
	if err != nil {
		return nil, err
	}
	copyHeaders(question.Header, r.Header, judged...)
	copyHeaders(question.Header, r.Header, "User-Agent")
	question.Header.Set("X-Forwarded-Method", r.Method)
	question.Header.Set("X-Forwarded-Uri", r.RequestURI)
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		question.Header.Set("X-Forwarded-For", host)
	}
	return client.Do(question)
}
