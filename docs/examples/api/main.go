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

// asked are the headers that the gate judges by; hidden are those of them that the API itself has no use for.
var (
	asked  = []string{"X-Integration-Key", "X-Pendo-Integration-Key", "Authorization", "X-Http-Method-Override", "X-Http-Method", "X-Method-Override", "User-Agent"}
	hidden = []string{"X-Integration-Key", "X-Pendo-Integration-Key", "Authorization", "X-Http-Method-Override", "X-Http-Method", "X-Method-Override"}
	given  = []string{"Keyporter-Key-Id", "Keyporter-Subscription-Id", "Keyporter-Write-Access", "Keyporter-Application-Ids", "Keyporter-Blacklist"}
)

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
	fmt.Fprintf(w, "subscription %s, key %s\n", r.Header.Get("Keyporter-Subscription-Id"), r.Header.Get("Keyporter-Key-Id"))
}

// guarded lets a request through to next only if the gate says yes within the time-out. A no is passed on as it is; a
// gate that does not answer is a no.
func guarded(gate string, next http.Handler) http.Handler {
	client := &http.Client{Timeout: 2 * time.Second}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := ask(client, gate, r)
		if err != nil {
			log.Printf("the gate does not answer: %v", err)
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, `{"type":"about:blank","title":"The key cannot be checked","status":503,"code":"unavailable"}`)
			return
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			for _, name := range []string{"Content-Type", "Cache-Control", "WWW-Authenticate", "X-Content-Type-Options"} {
				if values := answer.Header.Values(name); len(values) > 0 {
					w.Header()[http.CanonicalHeaderKey(name)] = values
				}
			}
			w.WriteHeader(answer.StatusCode)
			io.Copy(w, answer.Body)
			return
		}
		for _, name := range hidden {
			r.Header.Del(name)
		}
		for _, name := range given { // over whatever the client sent
			r.Header[name] = answer.Header.Values(name)
		}
		next.ServeHTTP(w, r)
	})
}

// ask describes r to the gate.
func ask(client *http.Client, gate string, r *http.Request) (*http.Response, error) {
	question, err := http.NewRequestWithContext(r.Context(), http.MethodGet, gate+"/gate", nil)
	if err != nil {
		return nil, err
	}
	for _, name := range asked {
		if values := r.Header.Values(name); len(values) > 0 {
			question.Header[name] = values
		}
	}
	question.Header.Set("X-Forwarded-Method", r.Method)
	question.Header.Set("X-Forwarded-Uri", r.RequestURI)
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		question.Header.Set("X-Forwarded-For", host)
	}
	return client.Do(question)
}
