package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"keyporter/internal/storetest"
)

// TestStoppedWhileItWaits for another process that changes the schema: serve says that it waits, and ends in order when told to.
func TestStoppedWhileItWaits(t *testing.T) {
	e := storetest.Postgres(t)
	address := e.Empty(t)
	conn, err := e.Look(t, address).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), `SELECT pg_advisory_lock($1)`, int64(0x6b6579706f727465)); err != nil { // the store's lock
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	said := &watched{}
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--listen", "127.0.0.1:0", "--database", address}, nil, nil, said, said)
	}()
	err = pollFor(demoPatience, func() error {
		if len(ended) > 0 || strings.Contains(said.String(), "still being opened") {
			return nil
		}
		return errors.New("it says nothing")
	})
	stop()
	if err := errors.Join(err, <-ended); err != nil || !strings.Contains(said.String(), "still being opened") {
		t.Errorf("%v: %s", err, said)
	}
}
