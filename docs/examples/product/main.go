// Product is a small public API of a product. It has events of two applications, each in production and in staging, and
// runs behind a reverse proxy that asks Keyporter's gate. The gate's headers say what each request may read.
//
//	PRODUCT_KEY=kpint_… go run ./docs/examples/product -applications 812,4660744534868402
//
// It uses an integration key with Read to ask Keyporter which events the Exclude List excludes. Its events belong to
// that key's subscription. It trusts the gate's headers, so only the proxy may be able to reach it.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// An event is something that happened in an application. An Exclude List matches its last four fields.
type event struct {
	Application string `json:"application"`
	Environment string `json:"environment"`
	What        string `json:"what"`
	Server      string `json:"server"`
	RemoteIP    string `json:"remoteIp"`
	VisitorID   string `json:"visitorId"`
	AccountID   string `json:"accountId"`
}

// happened returns the events that this product has collected for two applications.
// The demo's Exclude List excludes the second (a monitor) and the fifth (a colleague), among others.
func happened(first, second string) []event {
	return []event{
		{first, "production", "opened the report", "www.example.com", "192.0.2.10", "v-1001", "Umbrella"},
		{first, "production", "exported a table", "www.example.com", "198.51.100.17", "v-1002", "Umbrella"},
		{first, "staging", "opened the report", "dev3.example.com", "192.0.2.44", "v-2001", "Hooli"},
		{second, "production", "signed in", "m.example.com", "192.0.2.71", "v-1003", "Hooli"},
		{second, "production", "signed in", "m.example.com", "192.0.2.72", "eve@example.com", "Hooli"},
		{second, "staging", "signed in", "m.example.com:3000", "192.0.2.44", "v-2002", "Hooli"},
	}
}

// An api answers requests as the gate's headers say.
type api struct {
	events       []event
	subscription string // the ID of the subscription that they belong to
	keyporter    string // the address of Keyporter
	key          string // the product's own integration key
	client       http.Client
}

func main() {
	listen := flag.String("listen", "127.0.0.1:9000", "where to listen")
	keyporter := flag.String("keyporter", "http://127.0.0.1:8080", "where Keyporter is")
	applications := flag.String("applications", "", "the IDs of two applications, with a comma between")
	flag.Parse()
	first, second, found := strings.Cut(*applications, ",")
	if !found {
		log.Fatal("-applications takes two application IDs, with a comma between")
	}
	a := &api{
		events: happened(first, second), keyporter: *keyporter, key: os.Getenv("PRODUCT_KEY"),
		client: http.Client{Timeout: 2 * time.Second},
	}
	var verified struct{ Subscription struct{ ID string } }
	if err := a.ask(context.Background(), http.MethodGet, "/api/v1/token/verify", nil, &verified); err != nil {
		log.Fatal(err)
	}
	a.subscription = verified.Subscription.ID
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("listening on http://%s", l.Addr())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/events", a.list)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.Serve(l))
}

// list answers with the events of the applications that the request reaches, in every environment, filtered by the
// Exclude List as the request asks. "*" means all applications of the key's subscription.
func (a *api) list(w http.ResponseWriter, r *http.Request) {
	applications, blacklist := r.Header.Get("Keyporter-Application-Ids"), r.Header.Get("Keyporter-Blacklist")
	switch subscription := r.Header.Get("Keyporter-Subscription-Id"); {
	case subscription == "" || applications == "":
		http.Error(w, "this API is reached through the gate alone", http.StatusInternalServerError)
		return
	case subscription != a.subscription:
		http.Error(w, "this API has no events of your subscription", http.StatusForbidden)
		return
	}
	events := []event{}
	for _, e := range a.events {
		if applications == "*" || slices.Contains(strings.Split(applications, ","), e.Application) {
			events = append(events, e)
		}
	}
	events, err := a.chosen(r.Context(), events, blacklist)
	if err != nil {
		log.Print(err)
		http.Error(w, "the Exclude List cannot be asked just now", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(events)
}

// chosen leaves out the events that the Exclude List excludes, or all others. It fails if Keyporter cannot be asked.
func (a *api) chosen(ctx context.Context, events []event, blacklist string) ([]event, error) {
	if blacklist == "ignore" {
		return events, nil
	}
	excluded, err := a.excluded(ctx, events)
	if err != nil {
		return nil, err
	}
	chosen := []event{}
	for i, e := range events {
		if excluded[i] == (blacklist == "only") {
			chosen = append(chosen, e)
		}
	}
	return chosen, nil
}

// excluded asks Keyporter for each event whether the Exclude List excludes it.
func (a *api) excluded(ctx context.Context, events []event) ([]bool, error) {
	type subject struct {
		Server    string `json:"server"`
		RemoteIP  string `json:"remoteIp"`
		VisitorID string `json:"visitorId"`
		AccountID string `json:"accountId"`
	}
	subjects := []subject{}
	for _, e := range events {
		subjects = append(subjects, subject{e.Server, e.RemoteIP, e.VisitorID, e.AccountID})
	}
	body, err := json.Marshal(map[string]any{"events": subjects})
	if err != nil {
		return nil, err
	}
	var said struct{ Excluded []bool }
	if err := a.ask(ctx, http.MethodPost, "/api/v1/blacklist/match", body, &said); err != nil {
		return nil, err
	}
	if len(said.Excluded) != len(events) {
		return nil, errors.New("Keyporter answers for other events")
	}
	return said.Excluded, nil
}

// ask sends a request to Keyporter with the product's key, and reads the answer.
func (a *api) ask(ctx context.Context, method, path string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, a.keyporter+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Integration-Key", a.key)
	got, err := a.client.Do(request)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusOK {
		return fmt.Errorf("Keyporter answers %s", got.Status)
	}
	return json.NewDecoder(got.Body).Decode(answer)
}
