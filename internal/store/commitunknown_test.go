package store

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"keyporter/internal/gate"
	"keyporter/internal/keyporter"
	"keyporter/internal/token"
)

// TestGateWhileCommitUnknown lets a commit fail with an unknown outcome while the database cannot be asked. Until it
// can, the gate says 503 to everybody, neither yes nor no; then it goes on by itself. Clients send requests all the
// time.
func TestGateWhileCommitUnknown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyporter.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sub := keyporter.Subscription{ID: "acme00000000", Name: "Acme", Created: time.UnixMilli(1), Available: true,
		On: true}
	id, _ := token.ParseKeyID("4fT9aQ0bZ7Lm")
	minted, hash := token.Mint("kp", token.Integration, id)
	key := keyporter.Key{ID: id, SubscriptionID: sub.ID, Description: "x", Created: time.UnixMilli(1),
		CreatedBy: "ada000000000"}
	err = s.Write(t.Context(), func(tx keyporter.Tx) error {
		user := keyporter.User{ID: key.CreatedBy, Name: "Ada", Email: "ada@example.com", Created: time.UnixMilli(1)}
		return errors.Join(tx.InsertUser(user, "-"), tx.InsertSubscription(sub),
			tx.InsertKey(key, "x", token.HashName, hash))
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gate.New(keyporter.New(s, keyporter.Options{}), gate.Options{
		Trusted:   func(netip.Addr) bool { return true },
		ClientIP:  func(*http.Request) (string, netip.Addr) { return "192.0.2.1", netip.Addr{} },
		DirectIP:  func(*http.Request) netip.Addr { return netip.Addr{} },
		RequestID: func() string { return "0" },
	}))
	defer server.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: 20}
	defer transport.CloseIdleConnections()
	request := func() int {
		r, err := http.NewRequest(http.MethodGet, server.URL+"/gate", nil)
		if err != nil {
			panic(err)
		}
		r.Header = http.Header{"X-Forwarded-Method": {"GET"}, "X-Forwarded-Uri": {"/"},
			"X-Integration-Key": {minted.Reveal()}}
		answer, err := transport.RoundTrip(r)
		if err != nil {
			t.Error(err)
			return 0
		}
		answer.Body.Close()
		return answer.StatusCode
	}

	// Modulo four, the phase is 0 while the memory is valid and 2 while the state is not known; in between it may be
	// either.
	var phase, yes, unknown atomic.Int64
	end := make(chan struct{})
	var clients sync.WaitGroup
	defer func() {
		close(end)
		clients.Wait()
		if yes.Load() == 0 || unknown.Load() == 0 {
			t.Errorf("clients heard %d times yes and %d times 503", yes.Load(), unknown.Load())
		}
	}()
	for range 16 {
		clients.Go(func() {
			for {
				select {
				case <-end:
					return
				default:
				}
				before := phase.Load()
				status := request()
				during := before % 4
				if phase.Load() != before {
					during = 1
				}
				switch {
				case status == http.StatusOK && during != 2:
					yes.Add(1)
				case status == http.StatusServiceUnavailable && during != 0:
					unknown.Add(1)
				default:
					t.Errorf("in phase %d the answer is %d", during, status)
					return
				}
			}
		})
	}
	for range 20 {
		phase.Add(1)
		err := s.Write(t.Context(), func(tx keyporter.Tx) error {
			return errors.Join(tx.SetFeature(sub.ID, true, false), breakCommit(tx), os.Rename(path, path+".away"))
		})
		if err == nil {
			t.Fatal("the commit worked")
		}
		phase.Add(1)
		for range 10 {
			if status := request(); status != http.StatusServiceUnavailable {
				t.Errorf("while the state is not known, the answer is %d", status)
			}
		}
		phase.Add(1)
		if err := os.Rename(path+".away", path); err != nil {
			t.Fatal(err)
		}
		if status := request(); status != http.StatusOK {
			t.Errorf("once the database is back, the answer is %d", status)
		}
		phase.Add(1)
	}
}
